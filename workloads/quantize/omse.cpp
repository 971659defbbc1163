#include "workloads/quantize/omse.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "arch/base/error.h"

namespace bitscale::quantize {

std::int64_t Grid::code(double x, double scale) const {
  const double rounded = model::round_as(x / scale, model::Rounding::HalfEven);
  return static_cast<std::int64_t>(
      std::clamp(rounded, static_cast<double>(low()), static_cast<double>(high())));
}

model::Quantizer Grid::quantizer(std::vector<double> scales, int axis) const {
  model::Quantizer quantizer;
  quantizer.format = {bits, is_signed};
  quantizer.narrow = is_signed;
  quantizer.scales = std::move(scales);
  for (double& scale : quantizer.scales) scale = static_cast<double>(static_cast<float>(scale));
  quantizer.axis = axis;
  quantizer.clamp_first = true;
  quantizer.single_precision = true;
  return quantizer;
}

SampleError::SampleError(const std::vector<double>& values, const Grid& grid,
                         const std::string& where)
    : grid_(grid) {
  if (values.empty()) throw base::UserError(where, "holds no values to fit a scale to");
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double x = values[i];
    if (!std::isfinite(x)) {
      throw base::UserError(where, "value " + std::to_string(i) + " is " + std::to_string(x) +
                                       "; only finite numbers can be quantized");
    }
    total_power_ += x * x;
    if (grid.is_signed) sorted_.push_back(std::fabs(x));
    if (!grid.is_signed && x > 0) sorted_.push_back(x);
  }
  count_ = static_cast<double>(values.size());
  power_ = total_power_ / count_;
  std::sort(sorted_.begin(), sorted_.end());
  if (reach() < kLeastScale * static_cast<double>(grid.high())) sorted_.clear();
  sums_.push_back(0);
  for (const double x : sorted_) sums_.push_back(sums_.back() + x);
}

SampleError::Fit SampleError::fit(double scale) const {
  Fit fit;
  std::size_t begin = 0;
  for (std::int64_t code = 0; code <= grid_.high() && begin < sorted_.size(); ++code) {
    const double border = (static_cast<double>(code) + 0.5) * scale;
    const auto from = sorted_.begin() + static_cast<std::ptrdiff_t>(begin);
    const auto end =
        code == grid_.high() ? sorted_.end() : std::lower_bound(from, sorted_.end(), border);
    const auto stop = static_cast<std::size_t>(end - sorted_.begin());
    const auto level = static_cast<double>(code);
    fit.cross += level * (sums_[stop] - sums_[begin]);
    fit.power += level * level * static_cast<double>(stop - begin);
    begin = stop;
  }
  fit.error = total_power_ - 2 * scale * fit.cross + scale * scale * fit.power;
  return fit;
}

double SampleError::mse(double scale) const { return std::max(0.0, fit(scale).error) / count_; }

ScalePoint SampleError::max_abs() const {
  if (reach() <= 0) return {1, power_};
  const double scale = reach() / static_cast<double>(grid_.high());
  return {scale, mse(scale)};
}

double SampleError::small_magnitude() const {
  const auto first = std::upper_bound(sorted_.begin(), sorted_.end(), 0.0);
  return *(first + (sorted_.end() - first) / 10);
}

ScalePoint SampleError::omse() const {
  ScalePoint best = max_abs();
  if (reach() <= 0) return best;
  const auto search = [&](double low, double high, int steps) {
    const ScalePoint found =
        minimize_scale([this](double scale) { return mse(scale); }, low, high, steps);
    if (found.objective < best.objective) best = found;
  };
  // Above twice the largest value everything is 0.
  // Few values make many narrow valleys, and are quick to evaluate.
  const int steps = sorted_.size() < 64 ? 4096 : sorted_.size() < 1024 ? 512 : 96;
  const double low = std::max(best.scale / 64, kLeastScale), high = 2 * reach();
  search(low, high, steps);
  // A value far outside all others sets a scale far above theirs: on, as densely, down to where
  // nine tenths of what is not 0 would be clipped.
  const double lowest =
      std::max(small_magnitude() / static_cast<double>(grid_.high()), kLeastScale);
  if (lowest < low) {
    const double share = std::log(low / lowest) / std::log(high / low);
    search(lowest, low, std::max(2, static_cast<int>(std::ceil(steps * share))));
  }
  for (int round = 0; round < 20; ++round) {
    const Fit codes = fit(best.scale);
    if (codes.power <= 0 || codes.cross <= 0) break;
    const double scale = codes.cross / codes.power;
    const double error = mse(scale);
    if (error >= best.objective || scale < kLeastScale) break;
    best = {scale, error};
  }
  return best;
}

ScalePoint omse_scale(const std::vector<double>& values, const Grid& grid,
                      const std::string& where) {
  return SampleError(values, grid, where).omse();
}

namespace {

std::vector<double> residual(const std::vector<double>& values, const Grid& grid, double scale) {
  std::vector<double> rest(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    rest[i] = values[i] - scale * static_cast<double>(grid.code(values[i], scale));
  }
  return rest;
}

MultiFit greedy_fit(const std::vector<double>& values, const Grid& grid, int tensors,
                    const std::string& where) {
  MultiFit fit;
  std::vector<double> rest = values;
  Grid now = grid;
  for (int i = 0; i < tensors; ++i) {
    const ScalePoint point = omse_scale(rest, now, where);
    fit.scales.push_back(point.scale);
    fit.mse = point.objective;
    rest = residual(rest, now, point.scale);
    now = grid.rest();
  }
  return fit;
}

MultiFit nested_fit(const std::vector<double>& values, const Grid& grid, int tensors,
                    const std::string& where) {
  const SampleError first(values, grid, where);
  if (tensors < 2 || first.reach() <= 0) return greedy_fit(values, grid, tensors, where);
  const auto behind = [&](double scale) {
    return greedy_fit(residual(values, grid, scale), grid.rest(), tensors - 1, where).mse;
  };
  const double top = first.max_abs().scale;
  const double low = std::max(std::min(top / 16, first.omse().scale / 2), kLeastScale);
  const double scale = minimize_scale(behind, low, top * 1.5, 40).scale;
  MultiFit fit = nested_fit(residual(values, grid, scale), grid.rest(), tensors - 1, where);
  fit.scales.insert(fit.scales.begin(), scale);
  return fit;
}

}  // namespace

MultiFit multi_fit(const std::vector<double>& values, const Grid& grid, int tensors,
                   MultiSearch search, const std::string& where) {
  BITSCALE_INVARIANT(tensors >= 1 && tensors <= 4, "tensors of a fit");
  MultiFit best = greedy_fit(values, grid, tensors, where);
  if (search == MultiSearch::Greedy || tensors < 2) return best;
  MultiFit nested = nested_fit(values, grid, tensors, where);
  if (nested.mse < best.mse) best = std::move(nested);
  return best;
}

std::vector<std::vector<std::int64_t>> multi_codes(const std::vector<double>& values,
                                                   const Grid& grid,
                                                   const std::vector<double>& scales) {
  std::vector<std::vector<std::int64_t>> codes;
  std::vector<double> rest = values;
  Grid now = grid;
  for (const double scale : scales) {
    std::vector<std::int64_t> one(rest.size());
    for (std::size_t i = 0; i < rest.size(); ++i) {
      one[i] = now.code(rest[i], scale);
      rest[i] -= scale * static_cast<double>(one[i]);
    }
    now = grid.rest();
    codes.push_back(std::move(one));
  }
  return codes;
}

}  // namespace bitscale::quantize
