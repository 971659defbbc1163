// Weights that cannot overflow a P-bit accumulator, whatever the input and the order of the sum:
// an ℓ1 budget per output channel and rounding toward zero.
//   A2Q   ‖w‖₁ ≤ (2^(P−1) − 1) · 2^(s−N)                          Colbert et al., arXiv 2308.13504
//   A2Q+  Σ positive ≤ B/2 and Σ |negative| ≤ B/2, B = (2^P − 2) / (2^N − 1): what zero-centred
//         weights of norm B are. For unsigned inputs only one of the two sums can grow, so either
//         half may fill the accumulator alone; twice the room of A2Q.  Colbert et al.,
//         arXiv 2401.10432. Signed inputs have no such halves: the budget is A2Q's.
// N = activation bits, s = 1 for signed activations else 0, w in integers.
#ifndef BITSCALE_WORKLOADS_QUANTIZE_ACCUMULATOR_AWARE_H_
#define BITSCALE_WORKLOADS_QUANTIZE_ACCUMULATOR_AWARE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "arch/base/names.h"
#include "arch/numeric/precision.h"

namespace bitscale::quantize {

enum class AccumulatorBound { A2q, A2qPlus };
inline const base::NameTable<AccumulatorBound> kAccumulatorBoundNames = {
    {AccumulatorBound::A2q, "a2q"}, {AccumulatorBound::A2qPlus, "a2q_plus"}};

/// What the integer weights of one output channel may sum to.
struct WeightBudget {
  bool by_sign = false;  ///< limits hold for the positive and the negative part each
  double limit = 0;      ///< ‖w‖₁, or each part of it
};

/// The budget of a P-bit accumulator (2–48 bits) over activations of format `acts`.
WeightBudget weight_budget(AccumulatorBound bound, int acc_bits,
                           const numeric::IntegerFormat& acts);

/// Whether integer weights keep the budget.
bool within_budget(const std::vector<std::int64_t>& codes, const WeightBudget& budget);

/// The nearest point (Euclidean) of the ℓ1 ball of this radius: a soft threshold (Duchi et al.,
/// ICML 2008). Unchanged when inside.
std::vector<double> project_l1(const std::vector<double>& values, double radius);

/// project_l1 of the whole, or of the positive and the negative part each.
std::vector<double> project_to_budget(const std::vector<double>& values,
                                      const WeightBudget& budget);

/// clip(trunc toward zero(w / scale), ±(2^(M−1) − 1)): never away from zero, so weights inside a
/// budget stay inside.
std::vector<std::int64_t> truncate_codes(const std::vector<double>& weights, double scale,
                                         int weight_bits);

/// Quantized weights of one output channel.
struct BudgetedChannel {
  std::vector<std::int64_t> codes;
  double scale = 1;
  double mse = 0;  ///< against the float weights
};

/// Post-training: the scale for which truncation, after projection where it alone exceeds the
/// budget, loses least. Throws UserError at
/// `where` (which names the channel) when weights are not finite, or when not all are 0 and the
/// budget leaves only zeros. Weights that need a scale below kLeastScale count as 0. `weight_bits`
/// in 2–16.
BudgetedChannel project_channel(const std::vector<double>& weights, int weight_bits,
                                const WeightBudget& budget, const std::string& where);

/// The inner loop of accumulator-aware training: g · v / ‖v‖₁ with v as given (zero-centred first
/// for A2Q+), g = min(largest norm the budget allows, learned norm), in units of `scale`.
std::vector<double> normalized_weights(std::vector<double> direction, double learned_norm,
                                       AccumulatorBound bound, const WeightBudget& budget,
                                       double scale);

}  // namespace bitscale::quantize

#endif  // BITSCALE_WORKLOADS_QUANTIZE_ACCUMULATOR_AWARE_H_
