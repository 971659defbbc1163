// The quantizers of one activation tensor: one, or several low-precision tensors that sum to it.
#ifndef BITSCALE_WORKLOADS_QUANTIZE_ACTIVATION_FIT_H_
#define BITSCALE_WORKLOADS_QUANTIZE_ACTIVATION_FIT_H_

#include <string>
#include <vector>

#include "workloads/model/quantizer.h"
#include "workloads/quantize/omse.h"

namespace bitscale::quantize {

struct ActSettings {
  int bits = 8;
  bool max_abs = false;  ///< the scale from the largest value instead of OMSE
  /// Further tensors, at most so many in all (1–4), while mse / power exceeds the threshold.
  double threshold = 0;
  int most_tensors = 1;
  MultiSearch search = MultiSearch::Nested;
};

struct ActFit {
  /// Of the values; then of what the quantizers before left, which is signed.
  std::vector<model::Quantizer> quantizers;
  double mse = 0, max_abs_mse = 0, power = 0;
  bool all_zero =
      false;  ///< values that are 0, or need a scale below kLeastScale: codes 0, scale 1
};

/// Fits a sample of the values; unsigned codes when none of them is negative. Several tensors are
/// searched on at most 20,000 values of it. Throws UserError at `where`: no values, NaN or
/// infinity, signed codes of one bit.
ActFit fit_activations(const std::vector<double>& sample, const ActSettings& settings,
                       const std::string& where);

}  // namespace bitscale::quantize

#endif  // BITSCALE_WORKLOADS_QUANTIZE_ACTIVATION_FIT_H_
