// One MAC layer's weights under each post-training method: codes, scales, what they lose.
#ifndef BITSCALE_WORKLOADS_QUANTIZE_WEIGHT_QUANTIZERS_H_
#define BITSCALE_WORKLOADS_QUANTIZE_WEIGHT_QUANTIZERS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "arch/base/names.h"
#include "arch/numeric/precision.h"
#include "workloads/model/tensor.h"
#include "workloads/quantize/accumulator_aware.h"
#include "workloads/quantize/omse.h"

namespace bitscale::quantize {

/// Dorefa and Sawb after training keep the levels of their formula; the scale of DoReFa, which
/// presumes training, is replaced by the least-squares one.
enum class WeightMethod { MaxAbs, Omse, Dorefa, Sawb, A2q, A2qPlus };
inline const base::NameTable<WeightMethod> kWeightMethodNames = {
    {WeightMethod::MaxAbs, "max_abs"}, {WeightMethod::Omse, "omse"},
    {WeightMethod::Dorefa, "dorefa"},  {WeightMethod::Sawb, "sawb"},
    {WeightMethod::A2q, "a2q"},        {WeightMethod::A2qPlus, "a2q_plus"}};

struct WeightSettings {
  WeightMethod method = WeightMethod::Omse;
  int bits = 8;
  bool per_channel = true;  ///< Dorefa and Sawb always use one scale per tensor
  WeightBudget budget;      ///< A2q, A2qPlus
  /// Omse: further tensors, at most so many in all, while mse / power exceeds this; ≤ 0 never.
  double dual_threshold = 0;
  int most_tensors = 2;  ///< 2–4
  MultiSearch dual_search = MultiSearch::Nested;
};

/// Weights by output channel: [channel][weight].
using ChannelWeights = std::vector<std::vector<double>>;

/// One low-precision tensor: value = scale of the channel · code (· is on doubled codes for odd).
struct CodeTensor {
  std::vector<std::vector<std::int64_t>> codes;  ///< values in steps: odd levels are 2 · code + 1
  std::vector<double> scales;                    ///< one, or one per channel
};

struct WeightFit {
  std::vector<CodeTensor> tensors;  ///< one, or two to four that sum
  bool odd = false;                 ///< steps are the odd numbers up to ±(2^bits − 1)
  double mse = 0;                   ///< over all weights
  double max_abs_mse = 0;           ///< what max-abs of the same granularity would lose
  double power = 0;                 ///< mean square of the weights
};

/// The channels whose weights are all 0, or all below `steps` · kLeastScale: no float32 scale gives
/// their largest so many steps.
std::vector<std::size_t> zero_channels(const ChannelWeights& weights, std::int64_t steps);

/// A2q and A2qPlus: a channel whose OMSE codes keep the budget as they are has these; the others
/// are projected, then get the least-squares scale of their codes. Throws UserError naming `where`
/// and the channel: weights that are not finite, budgets that leave nothing, widths a method does
/// not have, channels of zeros under methods without a zero.
WeightFit fit_weights(const ChannelWeights& weights, const WeightSettings& settings,
                      const std::string& where);

/// Splits a tensor along `axis`, and puts channels back in its order.
ChannelWeights split_channels(const model::Tensor& tensor, int axis);
model::Tensor join_channels(const ChannelWeights& channels, const model::Dims& dims, int axis);

}  // namespace bitscale::quantize

#endif  // BITSCALE_WORKLOADS_QUANTIZE_WEIGHT_QUANTIZERS_H_
