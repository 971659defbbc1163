#include "workloads/quantize/activation_density.h"

#include <algorithm>
#include <cmath>

#include "arch/base/error.h"

namespace bitscale::quantize {

int bits_from_density(int bits, double density) {
  return static_cast<int>(channels_from_density(bits, density));
}

std::int64_t channels_from_density(std::int64_t channels, double density) {
  BITSCALE_INVARIANT(density >= 0 && density <= 1 && channels >= 1, "density of a layer");
  return std::max<std::int64_t>(1, std::llround(static_cast<double>(channels) * density));
}

DensitySchedule::DensitySchedule(std::size_t layers, int start_bits, int least_bits,
                                 const std::vector<std::size_t>& fixed)
    : bits_(layers, start_bits), fixed_(layers, false), least_bits_(least_bits) {
  BITSCALE_INVARIANT(
      start_bits >= 1 && start_bits <= 16 && least_bits >= 1 && least_bits <= start_bits,
      "bits of a density schedule");
  for (const std::size_t layer : fixed) fixed_.at(layer) = true;
}

bool DensitySchedule::update(const std::vector<double>& densities, const std::string& where) {
  BITSCALE_INVARIANT(densities.size() == bits_.size(), "one density per layer");
  bool changed = false;
  std::vector<int> next = bits_;
  for (std::size_t i = 0; i < next.size(); ++i) {
    if (!(densities[i] >= 0 && densities[i] <= 1)) {
      throw base::UserError(where, "layer " + std::to_string(i) + " has activation density " +
                                       std::to_string(densities[i]) + "; it must be in 0 … 1");
    }
    if (fixed_[i]) continue;
    next[i] = std::max(least_bits_, bits_from_density(bits_[i], densities[i]));
    changed = changed || next[i] != bits_[i];
  }
  bits_ = next;
  settled_ = !changed;
  rounds_.push_back({densities, bits_});
  return changed;
}

}  // namespace bitscale::quantize
