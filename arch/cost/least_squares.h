// Linear least squares with non-negative coefficients, for a handful of features.
#ifndef BITSCALE_ARCH_COST_LEAST_SQUARES_H_
#define BITSCALE_ARCH_COST_LEAST_SQUARES_H_

#include <vector>

namespace bitscale::cost {

/// At most this many features: every subset of them is tried.
inline constexpr std::size_t kMaxFeatures = 8;

struct Sample {
  std::vector<double> features;
  double value = 0;  ///< > 0
};

/// The coefficients x ≥ 0 that minimise Σ ((features·x − value) / value)²: relative errors, so that
/// small circuits count as much as large ones. Exact: the best feasible solution over all subsets
/// of features. Features that the samples cannot tell apart get 0. All samples have the same number
/// of features; without samples all coefficients are 0.
std::vector<double> fit_non_negative(const std::vector<Sample>& samples);

double dot(const std::vector<double>& features, const std::vector<double>& coefficients);

}  // namespace bitscale::cost

#endif  // BITSCALE_ARCH_COST_LEAST_SQUARES_H_
