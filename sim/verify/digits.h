// Operands from the digits network that ships with the program: its MAC layers as matrix products
// of what really met in them, for every parameter set that holds them.
#ifndef BITSCALE_SIM_VERIFY_DIGITS_H_
#define BITSCALE_SIM_VERIFY_DIGITS_H_

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "rtl/cosim/array_run.h"
#include "rtl/cosim/named_sets.h"

namespace bitscale::verify {

/// One layer over some samples: acts [samples × reduction], weights [reduction × channels], values.
struct DigitsLayer {
  std::string name;
  std::int64_t samples = 0, reduction = 0, channels = 0;
  std::vector<std::int32_t> acts, weights;
  std::int32_t min_act = 0, max_act = 0, min_weight = 0, max_weight = 0;

  std::int64_t macs() const { return samples * reduction * channels; }
};

/// Runs the trace's first samples through the integer executor and keeps what entered each MAC
/// layer. Throws UserError when the trace cannot be read.
std::vector<DigitsLayer> digits_layers(const std::filesystem::path& trace, std::int64_t samples);

/// `data_root`/workloads/traces/digits_mlp_w4a4.
std::filesystem::path digits_trace(const std::filesystem::path& data_root);

/// The layer in a MAC's codes, or nothing when some weight or activation has none. Affine weights
/// get the zero point that makes the least weight code 0.
std::optional<cosim::Gemm> encode(const DigitsLayer& layer, const cosim::MacSpec& mac);

}  // namespace bitscale::verify

#endif  // BITSCALE_SIM_VERIFY_DIGITS_H_
