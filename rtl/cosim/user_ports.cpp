#include "rtl/cosim/user_ports.h"

#include <algorithm>
#include <regex>
#include <sstream>

#include "rtl/cosim/packed_types.h"

namespace bitscale::cosim {
namespace {

/// Calls use(tag) for every "<name …>" in the text.
template <class Use>
void for_tags(const std::string& text, const std::string& name, Use use) {
  const std::string opening = "<" + name + " ";
  for (std::size_t at = text.find(opening); at != std::string::npos;
       at = text.find(opening, at + 1)) {
    use(text.substr(at, text.find('>', at) - at));
  }
}

/// The text of the module that has the attribute topModule, from its own tag on, or "".
std::string top_module(const std::string& xml) {
  for (std::size_t at = xml.find("<module "); at != std::string::npos;
       at = xml.find("<module ", at + 1)) {
    if (xml_attribute(xml.substr(at, xml.find('>', at) - at), "topModule").empty()) continue;
    return xml.substr(at, xml.find("</module>", at) - at);
  }
  return "";
}

/// The tags that stand directly in the element a text begins with. (Verilator writes '>' in an
/// attribute as &gt;.)
std::vector<std::string> children(const std::string& text) {
  std::vector<std::string> found;
  int depth = 0;
  for (std::size_t at = text.find('<'); at != std::string::npos; at = text.find('<', at + 1)) {
    const std::size_t end = std::min(text.find('>', at), text.size());
    const bool closes = text.compare(at, 2, "</") == 0;
    if (depth == 1 && !closes) found.push_back(text.substr(at, end - at));
    if (closes) {
      --depth;
    } else if (text.compare(end - 1, 1, "/") != 0) {
      ++depth;
    }
  }
  return found;
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

std::vector<PortDeclaration> read_ports(const std::string& xml) {
  const std::map<std::string, int> widths = packed_widths(xml);
  std::vector<PortDeclaration> ports;
  for (const std::string& tag : children(top_module(xml))) {
    const std::string direction = xml_attribute(tag, "dir");
    if (tag.rfind("<var ", 0) != 0 || direction.empty()) continue;
    const auto width = widths.find(xml_attribute(tag, "dtype_id"));
    ports.push_back(
        {xml_attribute(tag, "name"), direction, width == widths.end() ? 0 : width->second});
  }
  return ports;
}

std::vector<std::string> read_files(const std::string& xml) {
  std::vector<std::string> files;
  const std::string list = xml.substr(0, xml.find("</files>"));
  for_tags(list, "file", [&](const std::string& tag) {
    const std::string name = xml_attribute(tag, "filename");
    const bool made_up = name.rfind("&lt;", 0) == 0;  // <built-in>, <command-line>
    if (!made_up) files.push_back(name);
  });
  return files;
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
    } else if (found->direction != (rule.is_input ? "input" : "output")) {
      problems.add(where, "is an " + found->direction + "; " + rule.name + " must be an " +
                              (rule.is_input ? "input" : "output"));
    } else if (found->bits == 0) {
      problems.add(where, "is no vector of bits (real, or an unpacked array); declare " +
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

std::vector<std::string> read_warnings(const std::string& output) {
  static const std::regex kLoop(R"(^%Warning-(UNOPTFLAT|STMTDLY): ([^:\s]+:\d+):\d+: (.*)$)");
  std::vector<std::string> found;
  std::istringstream lines(output);
  for (std::string line; std::getline(lines, line);) {
    std::smatch match;
    if (!std::regex_match(line, match, kLoop)) continue;
    found.push_back(match[2].str() + (match[1] == "STMTDLY"
                                          ? std::string(": the delay is ignored")
                                          : ": may be a combinational loop: " + match[3].str()));
  }
  return found;
}

std::vector<base::Problem> read_messages(const std::string& output) {
  static const char* const kTiming =
      " cannot be simulated here: a MAC is logic and registers at an edge of its clock";
  static const std::regex kMessage(R"(^%(Error|Warning)[^:]*: ([^:\s]+:\d+)(?::\d+)?: (.*)$)");
  std::vector<base::Problem> problems;
  std::istringstream lines(output);
  for (std::string line; std::getline(lines, line);) {
    std::smatch match;
    if (!std::regex_match(line, match, kMessage)) continue;
    const std::string said = match[3];
    const bool is_timing = said.find("--timing") != std::string::npos;
    problems.push_back(
        {match[2], is_timing ? said.substr(0, said.find(" require")) + kTiming : said});
  }
  return problems;
}

std::vector<base::Problem> read_foreign(const std::string& dpi_header) {
  static const std::regex kFunction(
      R"(// DPI (?:import|export) at (.*:\d+):\d+\s*\n[^(]*\b(\w+) *\()");
  std::vector<base::Problem> problems;
  const std::sregex_iterator end;
  for (std::sregex_iterator at(dpi_header.begin(), dpi_header.end(), kFunction); at != end; ++at) {
    problems.push_back({(*at)[1], "the function '" + (*at)[2].str() +
                                      "' is imported or exported (DPI); a MAC must be Verilog "
                                      "alone"});
  }
  return problems;
}

}  // namespace bitscale::cosim
