// Mixed precision from activation density: the share of non-zero activations of a layer tells how
// many of its bits, or channels, it uses. arXiv 2101.04354 (DATE 2021):
//   k ← round(k · AD), C ← round(C · AD), measured and applied again until the widths settle.
#ifndef BITSCALE_WORKLOADS_QUANTIZE_ACTIVATION_DENSITY_H_
#define BITSCALE_WORKLOADS_QUANTIZE_ACTIVATION_DENSITY_H_

#include <cstdint>
#include <string>
#include <vector>

namespace bitscale::quantize {

/// round(bits · density), ties away from zero, at least 1. `density` in 0–1.
int bits_from_density(int bits, double density);
/// The same for channels.
std::int64_t channels_from_density(std::int64_t channels, double density);

/// The widths of every layer over the rounds of a training.
class DensitySchedule {
 public:
  /// All layers start at `start_bits` (2–16). Layers named in `fixed` keep it.
  DensitySchedule(std::size_t layers, int start_bits, int least_bits,
                  const std::vector<std::size_t>& fixed = {});

  struct Round {
    std::vector<double> densities;
    std::vector<int> bits;  ///< after this round
  };

  /// Takes one measured density per layer; true when any width changed. Throws UserError at `where`
  /// when a density is outside 0–1 or NaN, naming the layer.
  bool update(const std::vector<double>& densities, const std::string& where);
  const std::vector<int>& bits() const { return bits_; }
  const std::vector<Round>& rounds() const { return rounds_; }
  /// The last round changed nothing.
  bool settled() const { return settled_; }

 private:
  std::vector<int> bits_;
  std::vector<bool> fixed_;
  int least_bits_;
  std::vector<Round> rounds_;
  bool settled_ = false;
};

}  // namespace bitscale::quantize

#endif  // BITSCALE_WORKLOADS_QUANTIZE_ACTIVATION_DENSITY_H_
