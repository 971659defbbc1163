#include "workloads/quantize/planned_widths.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "arch/base/error.h"

namespace bitscale::quantize {
namespace {

using model::PrecisionPlan;
using model::PrecisionRule;

constexpr int kLeastWeightBits = 2;  // a symmetric grid of one bit has no level but 0
constexpr int kMostOddBits = 8;

bool is_odd(WeightMethod method) {
  return method == WeightMethod::Dorefa || method == WeightMethod::Sawb;
}

bool is_budgeted(WeightMethod method) {
  return method == WeightMethod::A2q || method == WeightMethod::A2qPlus;
}

/// Every rule of a plan and its place in the file.
std::vector<std::pair<std::string, const PrecisionRule*>> rules_of(const PrecisionPlan& plan) {
  std::vector<std::pair<std::string, const PrecisionRule*>> rules = {
      {"/default", &plan.default_rule}};
  if (plan.first_layer) rules.emplace_back("/first_layer", &*plan.first_layer);
  if (plan.last_layer) rules.emplace_back("/last_layer", &*plan.last_layer);
  for (std::size_t i = 0; i < plan.overrides.size(); ++i) {
    rules.emplace_back("/overrides/" + std::to_string(i), &plan.overrides[i]);
  }
  return rules;
}

/// The layers as the plan's rules see them: names, in order.
model::Network named_layers(const std::vector<std::string>& names) {
  model::Network network;
  network.name = "to quantize";
  for (std::size_t i = 0; i < names.size(); ++i) {
    model::Layer layer;
    layer.name = names[i];
    layer.kind = model::LayerKind::Gemm;
    layer.inputs = {static_cast<int>(i) - 1};
    network.layers.push_back(std::move(layer));
  }
  return network;
}

/// Encodings and signs that the method does not make.
void check_codes(const PrecisionPlan& plan, const std::string& file, WeightMethod method,
                 base::Problems& problems) {
  using numeric::WeightEncoding;
  const WeightEncoding made = is_odd(method) ? WeightEncoding::Odd : WeightEncoding::TwosComplement;
  const std::string name(kWeightMethodNames.name(method));
  for (const auto& [pointer, rule] : rules_of(plan)) {
    std::string place = file;
    place.append(":").append(pointer);
    if (rule->weight_encoding && *rule->weight_encoding != made) {
      problems.add(place + "/weight_encoding",
                   "method " + name + " makes " +
                       std::string(numeric::kWeightEncodingNames.name(made)) + " weights, not " +
                       std::string(numeric::kWeightEncodingNames.name(*rule->weight_encoding)));
    }
    if (rule->weight_signed && !*rule->weight_signed) {
      problems.add(place + "/weight_signed", "method " + name + " makes signed codes");
    }
  }
}

void check_widths(const numeric::Precision& precision, const std::string& layer,
                  const std::string& file, WeightMethod method, base::Problems& problems) {
  const int most = is_odd(method) ? kMostOddBits : numeric::kMaxOperandBits;
  const int bits = precision.weight_bits;
  const bool sawb_gap = method == WeightMethod::Sawb && (bits == 6 || bits == 7);
  if (bits >= kLeastWeightBits && bits <= most && !sawb_gap) return;
  problems.add(file, "gives layer '" + layer + "' weight_bits " + std::to_string(bits) +
                         ", method " + std::string(kWeightMethodNames.name(method)) + " has " +
                         (method == WeightMethod::Sawb ? "2, 3, 4, 5 and 8"
                                                       : "2 … " + std::to_string(most)));
}

}  // namespace

std::vector<LayerWidths> planned_widths(const PrecisionPlan& plan, const std::string& file,
                                        const std::vector<std::string>& layers, WeightMethod method,
                                        int acc_bits) {
  base::Problems problems;
  check_codes(plan, file, method, problems);
  PrecisionPlan widths_alone = plan;  // encodings are the method's
  const auto forget = [](PrecisionRule& rule) { rule.weight_encoding.reset(); };
  forget(widths_alone.default_rule);
  if (widths_alone.first_layer) forget(*widths_alone.first_layer);
  if (widths_alone.last_layer) forget(*widths_alone.last_layer);
  std::for_each(widths_alone.overrides.begin(), widths_alone.overrides.end(), forget);
  std::vector<LayerWidths> widths;
  try {
    const auto precisions = model::resolve_precision(widths_alone, named_layers(layers), acc_bits);
    for (std::size_t i = 0; i < layers.size(); ++i) {
      check_widths(precisions[i], layers[i], file, method, problems);
      widths.push_back({precisions[i].weight_bits, precisions[i].act_bits, precisions[i].acc_bits});
    }
  } catch (const base::UserError& error) {
    for (const base::Problem& problem : error.problems()) {  // at "precision 'NAME':/pointer"
      const std::size_t pointer = problem.where.rfind("':/");
      const std::string place =
          pointer == std::string::npos ? std::string() : problem.where.substr(pointer + 1);
      problems.add(file + place, problem.message);
    }
  }
  problems.throw_if_any();
  return widths;
}

std::vector<std::string> unused_members(const PrecisionPlan& plan, const std::string& file,
                                        WeightMethod method) {
  const auto given = [&](const std::function<bool(const PrecisionRule&)>& has) {
    const auto rules = rules_of(plan);
    return std::any_of(rules.begin(), rules.end(),
                       [&](const auto& entry) { return has(*entry.second); });
  };
  std::vector<std::string> notes;
  if (!is_budgeted(method) && given([](const PrecisionRule& rule) { return !!rule.acc_bits; })) {
    notes.push_back(file +
                    ": acc_bits are the design's when the trace runs; only a2q and a2q_plus "
                    "make weights for them");
  }
  if (given([](const PrecisionRule& rule) { return rule.psum_bits || rule.output_bits; })) {
    notes.push_back(file +
                    ": psum_bits and output_bits are not used: a tensor is stored as its "
                    "readers' act_bits say");
  }
  if (given([](const PrecisionRule& rule) { return !!rule.act_signed; })) {
    notes.push_back(file +
                    ": act_signed is not used: the calibration inputs say which activations "
                    "are signed");
  }
  return notes;
}

}  // namespace bitscale::quantize
