// The quantizers of PACT and its relatives, as scalar functions with their codes.
//   PACT activation  y = clip(x, 0, α), code = round(y · (2^k − 1) / α)          arXiv 1805.06085
//   DoReFa weight    t = tanh(w) / (2 max|tanh w|) + ½, w_q = 2 round(t (2^k−1)) / (2^k−1) − 1
//                                                                                arXiv 1606.06160
//   SAWB weight      clip at α* = c1 √E[w²] + c2 E|w|, 2^k levels evenly in [−α*, α*]
//                                                                                arXiv 1807.06964
// Both weight quantizers have odd levels only and no zero: encoding Odd, value = 2 · code + 1.
#ifndef BITSCALE_WORKLOADS_QUANTIZE_PACT_H_
#define BITSCALE_WORKLOADS_QUANTIZE_PACT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "workloads/model/quantizer.h"

namespace bitscale::quantize {

/// An activation clipped at a learned α, in k-bit unsigned codes.
class PactActivation {
 public:
  /// `bits` in 1–16. Throws UserError placed at `where` unless α is positive and finite.
  PactActivation(double alpha, int bits, const std::string& where);

  double alpha() const { return alpha_; }
  double scale() const { return scale_; }  ///< α / (2^k − 1)
  /// Ties go to even, as in every other quantizer here.
  std::int64_t code(double x) const;
  double value(double x) const { return scale_ * static_cast<double>(code(x)); }
  /// Straight-through estimate of ∂value/∂α: 1 where x ≥ α, else 0.
  double alpha_gradient(double x) const { return x >= alpha_ ? 1 : 0; }
  /// ∂value/∂x: 1 inside (0, α), else 0.
  double input_gradient(double x) const { return x > 0 && x < alpha_ ? 1 : 0; }
  model::Quantizer quantizer() const;

 private:
  double alpha_, scale_;
  int bits_;
};

/// Weights on odd levels: weight ≈ scale · (2 · code + 1), codes −2^(k−1) … 2^(k−1) − 1.
struct OddWeights {
  std::vector<std::int64_t> codes;
  double scale = 1;
  int bits = 2;

  double value(std::size_t i) const { return scale * static_cast<double>(2 * codes[i] + 1); }
};

/// scale = 1 / (2^k − 1). Throws UserError at `where`: no weights, NaN, infinity, all zero.
/// `bits` in 2–8.
OddWeights dorefa_weights(const std::vector<double>& weights, int bits, const std::string& where);

/// The SAWB clip, or nothing for a width without coefficients (2, 3, 4, 5 and 8 bits have them).
std::optional<double> sawb_clip(const std::vector<double>& weights, int bits);

/// scale = α* / (2^k − 1). Throws UserError as dorefa_weights() does, also when the width has no
/// coefficients or α* ≤ 0 (magnitudes too alike for the fit).
OddWeights sawb_weights(const std::vector<double>& weights, int bits, const std::string& where);

}  // namespace bitscale::quantize

#endif  // BITSCALE_WORKLOADS_QUANTIZE_PACT_H_
