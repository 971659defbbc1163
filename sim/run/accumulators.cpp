#include "sim/run/accumulators.h"

#include <algorithm>

namespace bitscale::run {
namespace {

int usual_bits(const spec::PeSpec& pe) {
  return std::min(numeric::Precision{}.acc_bits, pe.acc_bits);
}

// Calls `visit(rule, pointer)` for every rule of the plan.
template <class Visit>
void for_each_rule(const model::PrecisionPlan& plan, Visit visit) {
  visit(plan.default_rule, "default");
  if (plan.first_layer) visit(*plan.first_layer, "first_layer");
  if (plan.last_layer) visit(*plan.last_layer, "last_layer");
  for (std::size_t i = 0; i < plan.overrides.size(); ++i) {
    visit(plan.overrides[i], "overrides/" + std::to_string(i));
  }
}

}  // namespace

bool accumulators_fit(const model::PrecisionPlan& plan, const spec::PeSpec& pe) {
  bool fit = true;
  for_each_rule(plan, [&](const model::PrecisionRule& rule, const std::string&) {
    fit = fit && rule.acc_bits.value_or(0) <= pe.acc_bits;
  });
  return fit;
}

void check_accumulators(const model::PrecisionPlan& plan, const spec::PeSpec& pe,
                        base::JsonReader& precision) {
  for_each_rule(plan, [&](const model::PrecisionRule& rule, const std::string& pointer) {
    if (rule.acc_bits.value_or(0) <= pe.acc_bits) return;
    precision.problem("acc_bits " + std::to_string(*rule.acc_bits) +
                          " is above the accumulator of the design's PEs, " +
                          std::to_string(pe.acc_bits) +
                          " bits; lower it, widen the PE, or leave it out",
                      pointer + "/acc_bits");
  });
}

std::vector<numeric::Precision> precisions_on(const spec::PeSpec& pe,
                                              const model::PrecisionPlan& plan,
                                              const model::Network& network) {
  return model::resolve_precision(plan, network, usual_bits(pe));
}

std::vector<numeric::Precision> precisions_on(const spec::PeSpec& pe,
                                              const model::PrecisionPlan& plan,
                                              const model::Network& network,
                                              base::Problems& problems) {
  return model::resolve_precision(plan, network, usual_bits(pe), problems);
}

std::string accumulator_note(const spec::PeSpec& pe, const model::PrecisionPlan& plan,
                             const model::Network& network,
                             const std::vector<numeric::Precision>& precisions) {
  const int usual = numeric::Precision{}.acc_bits;
  if (pe.acc_bits >= usual) return "";
  const std::vector<numeric::Precision> wide = model::resolve_precision(plan, network);
  int lowered = 0;
  for (std::size_t i = 0; i < precisions.size(); ++i) {
    if (network.layers[i].has_macs() && precisions[i].acc_bits < wide[i].acc_bits) ++lowered;
  }
  if (lowered == 0) return "";
  return "The accumulators of " + std::to_string(lowered) +
         " layers with MACs, of which the precision says nothing, have the PE's " +
         std::to_string(pe.acc_bits) + " bits, not the usual " + std::to_string(usual) +
         "; partial sums too, where the precision gives them no width.";
}

std::string exact_register_note(const spec::PeSpec& pe) {
  if (pe.overflow != numeric::OverflowPolicy::SaturateAtEnd) return "";
  return "saturate_at_end clamps results to acc_bits as they leave the array; the register that "
         "sums them exactly until then is wider, by how much depends on the weights' codes, which "
         "a "
         "network of shapes has not: it is priced at acc_bits as given, which may be too low. A "
         "run "
         "with tensors prices the width that no input can overflow.";
}

}  // namespace bitscale::run
