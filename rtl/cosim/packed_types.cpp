#include "rtl/cosim/packed_types.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <utility>
#include <vector>

namespace bitscale::cosim {
namespace {

constexpr int kMostDepth = 64;
constexpr int kIntBits = 32;
constexpr std::int64_t kMostBits = 1 << 20;
constexpr std::array<const char*, 7> kKinds = {"basicdtype",      "packarraydtype", "structdtype",
                                               "uniondtype",      "enumdtype",      "refdtype",
                                               "unpackarraydtype"};

/// One type of the table, its parts still by id.
struct Type {
  explicit Type(std::string the_kind = "") : kind(std::move(the_kind)) {}
  std::string kind;
  std::int64_t bits = 0;           // of a basic type
  std::vector<std::int64_t> ends;  // of an array's range
  std::vector<std::string> parts;  // what it is made of
};

std::int64_t extent(std::int64_t left, std::int64_t right) { return std::abs(left - right) + 1; }

/// A bound: "32'sh1f" → 31, "32'hfffffffe" → −2 (Verilator writes what it computed without the s; a
/// bound beyond 2^31 cannot be).
std::int64_t constant(const std::string& text) {
  const std::size_t at = text.rfind('h');
  if (at == std::string::npos) return 0;
  const std::int64_t code = std::strtoll(text.c_str() + at + 1, nullptr, 16);
  const bool is_signed = (at > 0 && text[at - 1] == 's') || std::atoi(text.c_str()) == kIntBits;
  const int bits = std::atoi(text.c_str());
  const bool is_negative = is_signed && bits > 0 && bits < 63 && (code >> (bits - 1) & 1) != 0;
  return is_negative ? code - (std::int64_t{1} << bits) : code;
}

Type basic_type(const std::string& tag) {
  Type type("basicdtype");
  const std::string left = xml_attribute(tag, "left");
  const std::string name = xml_attribute(tag, "name");
  const bool one_bit = name == "logic" || name == "bit" || name == "reg" || name == "wire";
  if (!left.empty()) {
    type.bits = extent(std::atoll(left.c_str()), std::atoll(xml_attribute(tag, "right").c_str()));
  } else {
    type.bits = one_bit ? 1 : 0;  // real, string, chandle
  }
  return type;
}

/// The table of types; members and ranges belong to the type they stand in.
std::map<std::string, Type> read_table(const std::string& text) {
  std::map<std::string, Type> types;
  std::string inside;
  for (std::size_t at = text.find('<'); at != std::string::npos; at = text.find('<', at + 1)) {
    const std::string tag = text.substr(at, text.find('>', at) - at);
    const std::string name = tag.substr(1, tag.find_first_of(" />", 1) - 1);
    const std::string part = xml_attribute(tag, "sub_dtype_id");
    if (std::find(kKinds.begin(), kKinds.end(), name) != kKinds.end()) {
      inside = xml_attribute(tag, "id");
      types[inside] = name == "basicdtype" ? basic_type(tag) : Type(name);
      if (!part.empty()) types[inside].parts.push_back(part);
    } else if (name == "memberdtype") {
      types[inside].parts.push_back(part);
    } else if (name == "const" && types[inside].kind == "packarraydtype") {
      types[inside].ends.push_back(constant(xml_attribute(tag, "name")));
    }
  }
  return types;
}

std::int64_t bits_of(const std::map<std::string, Type>& types, const std::string& id, int depth) {
  const auto found = types.find(id);
  if (found == types.end() || depth > kMostDepth) return 0;
  const Type& type = found->second;
  if (type.kind == "basicdtype") return type.bits;
  if (type.kind == "unpackarraydtype" || type.kind.empty()) return 0;
  std::int64_t bits = 0;
  for (const std::string& part : type.parts) {
    const std::int64_t more = bits_of(types, part, depth + 1);
    if (more == 0) return 0;
    bits = type.kind == "uniondtype" ? std::max(bits, more) : bits + more;
  }
  if (type.kind == "packarraydtype") {
    if (type.ends.size() != 2) return 0;
    bits *= std::min(kMostBits, extent(type.ends[0], type.ends[1]));
  }
  return std::min(bits, kMostBits);
}

}  // namespace

std::string xml_attribute(const std::string& tag, const std::string& name) {
  const std::string opening = " " + name + "=\"";
  const std::size_t begin = tag.find(opening);
  if (begin == std::string::npos) return "";
  const std::size_t value = begin + opening.size();
  return tag.substr(value, tag.find('"', value) - value);
}

std::map<std::string, int> packed_widths(const std::string& xml) {
  const std::size_t begin = std::min(xml.find("<typetable"), xml.size());
  const std::size_t end = xml.find("</typetable>", begin);
  const std::map<std::string, Type> types = read_table(xml.substr(begin, end - begin));
  std::map<std::string, int> widths;
  for (const auto& entry : types) {
    widths[entry.first] = static_cast<int>(bits_of(types, entry.first, 0));
  }
  return widths;
}

}  // namespace bitscale::cosim
