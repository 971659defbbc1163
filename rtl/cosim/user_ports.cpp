#include "rtl/cosim/user_ports.h"

#include <cstdlib>
#include <regex>
#include <sstream>

namespace bitscale::cosim {
namespace {

/// The value of `name="…"` in an XML tag, or "".
std::string attribute(const std::string& tag, const std::string& name) {
  const std::string opening = " " + name + "=\"";
  const std::size_t begin = tag.find(opening);
  if (begin == std::string::npos) return "";
  const std::size_t value = begin + opening.size();
  return tag.substr(value, tag.find('"', value) - value);
}

/// Calls use(tag) for every "<name …>" in the text.
template <class Use>
void for_tags(const std::string& text, const std::string& name, Use use) {
  const std::string opening = "<" + name + " ";
  for (std::size_t at = text.find(opening); at != std::string::npos;
       at = text.find(opening, at + 1)) {
    use(text.substr(at, text.find('>', at) - at));
  }
}

struct Rule {
  const char* name;
  bool is_input;
  int bits;
  bool optional;
};

std::vector<Rule> rules(const MacSpec& spec) {
  const int weight = spec.weights.bits;
  std::vector<Rule> list = {{"clk_i", true, 1, false},
                            {"rst_ni", true, 1, true},
                            {"en_i", true, 1, true},
                            {"clear_i", true, 1, false},
                            {"weight_i", true, weight, false},
                            {"act_i", true, spec.acts.bits, false},
                            {"acc_o", false, spec.acc_bits, false},
                            {"overflow_o", false, 1, true}};
  if (spec.weights.kind == numeric::WeightEncoding::Affine) {
    list.push_back({"zero_point_i", true, weight, false});
  }
  return list;
}

std::string list_names(const std::vector<PortDeclaration>& ports) {
  std::string text;
  for (const PortDeclaration& port : ports) {
    text += text.empty() ? "" : ", ";
    text += port.name;
  }
  return text.empty() ? "none" : text;
}

}  // namespace

std::vector<PortDeclaration> read_ports(const std::string& xml, const std::string& top) {
  std::map<std::string, int> widths;
  for_tags(xml, "basicdtype", [&](const std::string& tag) {
    const std::string left = attribute(tag, "left");
    const std::string right = attribute(tag, "right");
    widths[attribute(tag, "id")] =
        left.empty() ? 1 : std::abs(std::atoi(left.c_str()) - std::atoi(right.c_str())) + 1;
  });
  std::vector<PortDeclaration> ports;
  for (std::size_t at = xml.find("<module "); at != std::string::npos;
       at = xml.find("<module ", at + 1)) {
    const std::string body = xml.substr(at, xml.find("</module>", at) - at);
    const std::string head = body.substr(0, body.find('>'));
    if (attribute(head, "topModule").empty() && attribute(head, "origName") != top) continue;
    for_tags(body, "var", [&](const std::string& tag) {
      const std::string direction = attribute(tag, "dir");
      if (direction != "input" && direction != "output") return;
      const auto width = widths.find(attribute(tag, "dtype_id"));
      ports.push_back({attribute(tag, "name"), direction == "input",
                       width == widths.end() ? 0 : width->second});
    });
    break;
  }
  return ports;
}

std::map<std::string, std::string> match_ports(const UserMac& mac,
                                               const std::vector<PortDeclaration>& ports,
                                               base::Problems& problems) {
  std::map<std::string, std::string> matched, used;
  for (const Rule& rule : rules(mac.spec)) {
    const auto given = mac.ports.find(rule.name);
    const std::string name = given == mac.ports.end() ? rule.name : given->second;
    const PortDeclaration* found = nullptr;
    for (const PortDeclaration& port : ports) {
      if (port.name == name) found = &port;
    }
    const std::string where = mac.top + "." + name;
    if (found == nullptr) {
      if (rule.optional && given == mac.ports.end()) continue;
      problems.add(where, "no such port for " + std::string(rule.name) + "; the module has " +
                              list_names(ports) + " (use --map " + rule.name + "=NAME)");
    } else if (found->is_input != rule.is_input) {
      problems.add(where, std::string("is an ") + (found->is_input ? "input" : "output") +
                              "; the contract wants the other direction");
    } else if (found->bits == 0) {
      problems.add(where, "is no plain vector (more than one dimension, or a structure); declare " +
                              std::string(rule.name) + " as logic [" +
                              std::to_string(rule.bits - 1) + ":0]");
    } else if (used.count(name) != 0) {
      problems.add(where, "is used for " + used[name] + " and for " + rule.name);
    } else if (found->bits != rule.bits) {
      problems.add(where, "is " + std::to_string(found->bits) + " bits wide; " + rule.name +
                              " must have " + std::to_string(rule.bits));
    } else {
      matched[rule.name] = name;
      used[name] = rule.name;
    }
  }
  for (const auto& [role, name] : mac.ports) {
    bool known = false;
    for (const Rule& rule : rules(mac.spec)) known = known || role == rule.name;
    if (!known) {
      problems.add(std::string("--map ").append(role).append("=").append(name),
                   "the contract has no port " + role);
    }
  }
  return matched;
}

std::string cpp_name(const std::string& port, const std::string& header) {
  std::string name;
  for (std::size_t at = 0; at < port.size(); ++at) {
    const bool two = port.compare(at, 2, "__") == 0;
    name += two ? std::string("___05F") : std::string(1, port[at]);
    at += two ? 1 : 0;
  }
  return header.find("(&" + name + ",") == std::string::npos ? "__SYM__" + name : name;
}

std::vector<std::string> read_loops(const std::string& output) {
  static const std::regex kLoop(R"(^%Warning-UNOPTFLAT: ([^:\s]+:\d+):\d+: (.*)$)");
  std::vector<std::string> found;
  std::istringstream lines(output);
  for (std::string line; std::getline(lines, line);) {
    std::smatch match;
    if (std::regex_match(line, match, kLoop)) {
      found.push_back(match[1].str() + ": may be a combinational loop: " + match[2].str());
    }
  }
  return found;
}

std::vector<base::Problem> read_messages(const std::string& output) {
  static const std::regex kMessage(R"(^%(Error|Warning)[^:]*: ([^:\s]+:\d+)(?::\d+)?: (.*)$)");
  std::vector<base::Problem> problems;
  std::istringstream lines(output);
  for (std::string line; std::getline(lines, line);) {
    std::smatch match;
    if (std::regex_match(line, match, kMessage)) problems.push_back({match[2], match[3]});
  }
  return problems;
}

}  // namespace bitscale::cosim
