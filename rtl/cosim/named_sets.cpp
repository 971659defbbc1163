#include "rtl/cosim/named_sets.h"

#include "arch/base/error.h"
#include "arch/base/json_reader.h"

namespace bitscale::cosim {

extern const char* const kNamedSetsText;  // written by rtl/cosim/CMakeLists.txt

namespace {

// The codes of mac_pkg.sv.
constexpr numeric::WeightEncoding kEncodings[] = {
    numeric::WeightEncoding::TwosComplement, numeric::WeightEncoding::Odd,
    numeric::WeightEncoding::Bipolar, numeric::WeightEncoding::Affine};

std::vector<NamedSet> parse() {
  base::Problems problems;
  const base::JsonValue document = base::parse_json(kNamedSetsText, "rtl/named_sets.json");
  base::JsonReader reader(document, problems);
  reader.schema_version(1);
  std::vector<NamedSet> sets;
  for (base::JsonReader& entry : reader.array("sets")) {
    NamedSet set;
    set.name = entry.string("name");
    set.module = entry.string("module");
    base::JsonReader parameters = entry.object("parameters");
    for (auto& [key, value] : parameters.entries()) {
      set.parameters[key] = value.kind() == base::JsonValue::Kind::Boolean
                                ? static_cast<std::int64_t>(value.value().boolean)
                                : value.as_integer({0, 65536});
    }
    entry.finish();
    sets.push_back(std::move(set));
  }
  reader.finish();
  problems.throw_if_any();
  return sets;
}

}  // namespace

std::int64_t NamedSet::get(const std::string& parameter, std::int64_t fallback) const {
  const auto found = parameters.find(parameter);
  return found == parameters.end() ? fallback : found->second;
}

int NamedSet::integer(const std::string& parameter, int fallback) const {
  return static_cast<int>(get(parameter, fallback));
}

std::string NamedSet::describe() const {
  std::string text;
  for (const auto& [key, value] : parameters) {
    text += (text.empty() ? "" : " ") + key + "=" + std::to_string(value);
  }
  return text;
}

const std::vector<NamedSet>& named_sets() {
  static const std::vector<NamedSet> sets = parse();
  return sets;
}

std::vector<NamedSet> named_sets_of(std::string_view module) {
  std::vector<NamedSet> found;
  for (const NamedSet& set : named_sets()) {
    if (set.module == module) found.push_back(set);
  }
  return found;
}

std::string MacSpec::describe() const {
  return name + ": weight_bits " + std::to_string(weights.bits) +
         (weights.codes().is_signed ? " signed " : " unsigned ") +
         std::string(numeric::kWeightEncodingNames.name(weights.kind)) + ", act_bits " +
         std::to_string(acts.bits) + (acts.is_signed ? " signed" : " unsigned") + ", acc_bits " +
         std::to_string(acc_bits) + " " + std::string(numeric::kOverflowPolicyNames.name(policy));
}

bool MacSpec::can_rise() const {
  const bool affine = weights.kind == numeric::WeightEncoding::Affine;
  return (acts.max() > 0 && (affine || weights.max_value() > 0)) ||
         (acts.min() < 0 && (affine || weights.min_value() < 0));
}

bool MacSpec::can_fall() const {
  const bool affine = weights.kind == numeric::WeightEncoding::Affine;
  return (acts.max() > 0 && (affine || weights.min_value() < 0)) ||
         (acts.min() < 0 && (affine || weights.max_value() > 0));
}

MacSpec mac_spec(const NamedSet& set) {
  MacSpec spec;
  spec.name = set.name;
  spec.weights.kind = kEncodings[set.get("Encoding", 0)];
  spec.weights.bits = set.integer("WeightBits", 8);
  spec.weights.is_signed =
      set.get("WeightSigned", 1) != 0 && spec.weights.kind != numeric::WeightEncoding::Affine;
  spec.acts = {set.integer("ActBits", set.integer("MaxActBits", 8)), set.get("ActSigned", 0) != 0};
  spec.acc_bits = set.integer("AccBits", 32);
  spec.policy = set.get("Overflow", 0) == 0 ? numeric::OverflowPolicy::Wrap
                                            : numeric::OverflowPolicy::SaturateEachStep;
  return spec;
}

}  // namespace bitscale::cosim
