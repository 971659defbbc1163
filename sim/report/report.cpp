#include "sim/report/report.h"

#include <functional>
#include <numeric>

namespace bitscale::report {

double GainWaterfall::total() const {
  return std::accumulate(steps.begin(), steps.end(), 1.0, [](double product, const GainStep& step) {
    return product * step.factor;
  });
}

std::optional<double> disagreement_percent(const LayerReport& layer) {
  if (!layer.analytic_latency_cycles || *layer.analytic_latency_cycles == 0) return std::nullopt;
  const auto analytic = static_cast<double>(*layer.analytic_latency_cycles);
  return 100 * (static_cast<double>(layer.latency_cycles) - analytic) / analytic;
}

}  // namespace bitscale::report
