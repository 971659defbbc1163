// bitscale reproduce omse: MMSE scales against max-abs on a trained network (target O1 and the
// table of errors, accuracy and cost).
#ifndef BITSCALE_SIM_REPRODUCE_OMSE_H_
#define BITSCALE_SIM_REPRODUCE_OMSE_H_

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "sim/reproduce/target.h"
#include "sim/run/catalog.h"

namespace bitscale::reproduce {

struct OmseRow {
  std::string method;
  int weight_bits = 0, act_bits = 0;
  double weight_mse = 0;  ///< Σ squared error / Σ squared weight over all quantized layers
  double top1 = 0;
  std::int64_t mac_passes = 0;  ///< MAC layers the simulator runs; split layers count each tensor
  std::int64_t latency_cycles = 0;
  double energy_uj = 0, area_mm2 = 0;
};

/// The exact optimum of a known density beside the oracle's figure, and a scale fitted to a sample,
/// judged by the density itself: what the sample misses of the tails is sampling error.
struct OracleRow {
  std::string density;
  int bits = 0;
  double oracle_mse = 0;                    ///< target O1, computed independently
  double best_scale = 0, best_mse = 0;      ///< exact
  double fitted_scale = 0, fitted_mse = 0;  ///< of the fitted scale, exact as well
  double excess() const { return fitted_mse / best_mse - 1; }
};

struct OmseResult {
  std::int64_t images = 0;
  double float_top1 = 0;
  std::vector<OmseRow> rows;
  std::vector<OracleRow> oracle;
  std::vector<Target> targets;
};

struct OmseOptions {
  std::int64_t images = 2000;  ///< the first of the tests
  int most_tensors = 4;        ///< rows of 2 (dual) to so many tensors
  std::vector<std::pair<int, int>> widths = {{4, 16}, {4, 4}, {3, 4}, {2, 4}};  ///< weights, acts
  std::filesystem::path retrained;  ///< as TrainedNetworks
};

/// LeNet of recipe lenet_float (workloads/models/lenet_float.onnx) on test images of Fashion-MNIST,
/// calibrated on 128 training images; cost on the default design (PE 8 × 16 bits, 45 nm), closed
/// form.
OmseResult reproduce_omse(const run::Catalog& catalog, const OmseOptions& options = {});

std::string omse_text(const OmseResult& result);
std::string omse_json(const OmseResult& result);

}  // namespace bitscale::reproduce

#endif  // BITSCALE_SIM_REPRODUCE_OMSE_H_
