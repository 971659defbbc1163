// MMSE scales: the uniform quantizer whose grid loses least of a tensor, and sums of several
// low-precision tensors for those that one grid serves badly. Choukroun et al., "Low-bit
// Quantization of Neural Networks for Efficient Inference", arXiv 1902.06822.
//
//   T ≈ s · Q(T / s),              Q = clamp(round), min over s > 0 of the mean squared error
//   T ≈ s1 · T1 + s2 · T2 (+ …),   T1 = Q(T / s1), T2 = Q((T − s1 · T1) / s2)
#ifndef BITSCALE_WORKLOADS_QUANTIZE_OMSE_H_
#define BITSCALE_WORKLOADS_QUANTIZE_OMSE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "workloads/model/quantizer.h"
#include "workloads/quantize/scale_search.h"

namespace bitscale::quantize {

/// Codes of a quantizer without zero point: ±(2^(bits−1) − 1), or 0 … 2^bits − 1 when unsigned.
struct Grid {
  int bits = 8;  ///< 2–16 signed, 1–16 unsigned
  bool is_signed = true;

  std::int64_t low() const { return is_signed ? -high() : 0; }
  std::int64_t high() const { return (std::int64_t{1} << (is_signed ? bits - 1 : bits)) - 1; }
  std::int64_t code(double x, double scale) const;
  /// Of what a first tensor left: signed, as wide.
  Grid rest() const { return {bits, true}; }
  /// As QONNX's Quant with these scales (of one channel axis), in its float32 arithmetic: a file
  /// written and read again makes the same codes.
  model::Quantizer quantizer(std::vector<double> scales, int axis) const;
};

/// The mean squared error of a sample as a function of the scale. Values are sorted once; an
/// evaluation costs a binary search per level instead of a pass over the sample. It equals the
/// sum over all values up to rounding of the sums.
class SampleError {
 public:
  /// Throws UserError placed at `where` when `values` is empty or holds NaN or infinity. When even
  /// the largest needs a scale below kLeastScale, all of them count as 0.
  SampleError(const std::vector<double>& values, const Grid& grid, const std::string& where);

  double mse(double scale) const;
  /// Σ x² / n: what the all-zero tensor would lose.
  double power() const { return power_; }
  /// Largest magnitude that a code can represent (largest value for unsigned codes); 0 when all
  /// values count as 0.
  double reach() const { return sorted_.empty() ? 0 : sorted_.back(); }
  /// reach / high code; 1 when nothing is above zero.
  ScalePoint max_abs() const;
  /// The best of minimize_scale() and max_abs(); then alternated with the least-squares scale of
  /// the codes found, which never loses.
  ScalePoint omse() const;

 private:
  struct Fit {
    double cross = 0, power = 0;  ///< Σ |code| · |x|, Σ code²
    double error = 0;             ///< Σ (x − scale · code)²
  };
  Fit fit(double scale) const;
  /// A tenth of the magnitudes above 0 are smaller; some must be above 0.
  double small_magnitude() const;

  Grid grid_;
  std::vector<double> sorted_;  ///< magnitudes that codes other than 0 may stand for
  std::vector<double> sums_;    ///< prefix sums of sorted_
  double total_power_ = 0;      ///< Σ x² of all values
  double power_ = 0;
  double count_ = 0;
};

/// One scale for all values.
ScalePoint omse_scale(const std::vector<double>& values, const Grid& grid,
                      const std::string& where);

enum class MultiSearch { Greedy, Nested };
inline const base::NameTable<MultiSearch> kMultiSearchNames = {{MultiSearch::Greedy, "greedy"},
                                                               {MultiSearch::Nested, "nested"}};

/// Several low-precision tensors that sum to one.
struct MultiFit {
  std::vector<double> scales;
  double mse = 0;
};

/// The first tensor is on `grid`, further ones on grid.rest(). Greedy: each tensor is the OMSE
/// quantization of what the ones before it left. Nested: each scale but the last is searched with
/// the best greedy tensors behind it for every candidate; what greedy alone does better is kept.
/// `tensors` in 1–4.
MultiFit multi_fit(const std::vector<double>& values, const Grid& grid, int tensors,
                   MultiSearch search, const std::string& where);

/// Codes of each tensor of a fit: [tensor][value].
std::vector<std::vector<std::int64_t>> multi_codes(const std::vector<double>& values,
                                                   const Grid& grid,
                                                   const std::vector<double>& scales);

}  // namespace bitscale::quantize

#endif  // BITSCALE_WORKLOADS_QUANTIZE_OMSE_H_
