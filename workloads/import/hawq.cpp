#include "workloads/import/hawq.h"

#include "arch/base/error.h"
#include "arch/base/json_reader.h"

namespace bitscale::import {
namespace {

using model::PrecisionPlan;
using model::PrecisionRule;

constexpr const char* kPrefix = "bit_config_resnet18_";
constexpr int kStages = 4;
constexpr int kUnits = 2;

int width(base::JsonReader& reader, const std::string& key) {
  return static_cast<int>(reader.integer(key, {1, numeric::kMaxOperandBits}));
}

PrecisionRule rule_for(const std::string& layer, int weight_bits, int act_bits) {
  PrecisionRule rule;
  rule.layers = layer;
  rule.weight_bits = weight_bits;
  rule.act_bits = act_bits;
  return rule;
}

void add_unit(base::JsonReader& reader, int stage, int unit, PrecisionPlan& plan) {
  const std::string key = "stage" + std::to_string(stage) + ".unit" + std::to_string(unit) + ".";
  const std::string layer = "layer" + std::to_string(stage) + "." + std::to_string(unit - 1) + ".";
  const int in_bits = width(reader, key + "quant_act");
  const int sum_bits = width(reader, key + "quant_act_int32");
  plan.overrides.push_back(
      rule_for(layer + "conv1", width(reader, key + "quant_convbn1"), in_bits));
  plan.overrides.push_back(rule_for(layer + "conv2", width(reader, key + "quant_convbn2"),
                                    width(reader, key + "quant_act1")));
  plan.overrides.back().output_bits = sum_bits;
  if (stage == 1 || unit != 1) return;  // identity skip
  plan.overrides.push_back(
      rule_for(layer + "downsample", width(reader, key + "quant_identity_convbn"), in_bits));
  plan.overrides.back().output_bits = sum_bits;
}

}  // namespace

std::vector<std::string> hawq_names(const base::JsonValue& document) {
  std::vector<std::string> names;
  for (const base::JsonMember& member : document.members) names.push_back(member.key);
  return names;
}

PrecisionPlan read_hawq(const base::JsonValue& document, const std::string& name) {
  const std::string full = document.find(name) != nullptr ? name : kPrefix + name;
  if (document.find(full) == nullptr) {
    throw base::UserError(document.origin,
                          base::unknown_name_message("list", name, hawq_names(document)));
  }
  base::Problems problems;
  base::JsonReader root(document, problems);
  base::JsonReader reader = root.object(full);
  PrecisionPlan plan;
  plan.name = full;
  plan.overrides.push_back(
      rule_for("conv1", width(reader, "quant_init_block_convbn"), width(reader, "quant_input")));
  plan.overrides.back().output_bits = width(reader, "quant_act_int32");
  for (int stage = 1; stage <= kStages; ++stage) {
    for (int unit = 1; unit <= kUnits; ++unit) add_unit(reader, stage, unit, plan);
  }
  plan.overrides.push_back(
      rule_for("fc", width(reader, "quant_output"), width(reader, "quant_act_output")));
  reader.finish();
  problems.throw_if_any();
  return plan;
}

}  // namespace bitscale::import
