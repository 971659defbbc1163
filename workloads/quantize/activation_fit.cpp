#include "workloads/quantize/activation_fit.h"

#include <algorithm>

#include "arch/base/error.h"

namespace bitscale::quantize {
namespace {

constexpr std::size_t kMostSearched = 20000;  // a nested search sorts what is left some 130 times

std::vector<double> thinned(const std::vector<double>& sample) {
  std::size_t stride = (sample.size() + kMostSearched - 1) / kMostSearched;
  if (stride > 1 && stride % 2 == 0) ++stride;  // meets all channels of even counts
  std::vector<double> few;
  for (std::size_t i = 0; i < sample.size(); i += stride) few.push_back(sample[i]);
  return few;
}

double error_of(const std::vector<double>& sample, const Grid& grid,
                const std::vector<double>& scales) {
  std::vector<double> rest = sample;
  const auto codes = multi_codes(sample, grid, scales);
  for (std::size_t t = 0; t < codes.size(); ++t) {
    for (std::size_t i = 0; i < rest.size(); ++i) {
      rest[i] -= scales[t] * static_cast<double>(codes[t][i]);
    }
  }
  double sum = 0;
  for (const double x : rest) sum += x * x;
  return sum / static_cast<double>(rest.size());
}

}  // namespace

ActFit fit_activations(const std::vector<double>& sample, const ActSettings& settings,
                       const std::string& where) {
  const bool is_signed = std::any_of(sample.begin(), sample.end(), [](double x) { return x < 0; });
  if (is_signed && settings.bits < 2) {
    throw base::UserError(where, "signed values need at least 2 bits");
  }
  const Grid grid{settings.bits, is_signed};
  const SampleError error(sample, grid, where);
  const ScalePoint max_abs = error.max_abs();
  const ScalePoint chosen = settings.max_abs ? max_abs : error.omse();
  ActFit fit{{}, chosen.objective, max_abs.objective, error.power(), error.reach() <= 0};
  std::vector<double> scales = {chosen.scale};
  for (int tensors = 2; tensors <= settings.most_tensors; ++tensors) {
    if (fit.mse <= settings.threshold * fit.power) break;
    if (settings.bits < 2) {
      throw base::UserError(where,
                            "a second tensor holds signed values, which need at least 2 bits");
    }
    scales = multi_fit(thinned(sample), grid, tensors, settings.search, where).scales;
    fit.mse = error_of(sample, grid, scales);
  }
  for (std::size_t t = 0; t < scales.size(); ++t) {
    fit.quantizers.push_back((t == 0 ? grid : grid.rest()).quantizer({scales[t]}, 0));
  }
  return fit;
}

}  // namespace bitscale::quantize
