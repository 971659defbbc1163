// The RTL processing-in-memory array (rtl/pim_array.sv), and vectors through it.
#ifndef BITSCALE_RTL_COSIM_PIM_MODEL_H_
#define BITSCALE_RTL_COSIM_PIM_MODEL_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "arch/numeric/bit_slicing.h"
#include "arch/spec/pim_array.h"
#include "rtl/cosim/array_run.h"
#include "rtl/cosim/named_sets.h"

namespace bitscale::cosim {

struct PimSpec {
  std::string name;
  int wordlines = 0;
  int cols = 0;  ///< weights per wordline
  int slice_bits = 1;
  int bits_per_cell = 1;
  int col_mux = 1;
  bool skip_zero_planes = false;
  numeric::SliceSign sign = numeric::SliceSign::TopSliceSigned;
  MacSpec mac;  ///< acts.bits is the widest activation
};

PimSpec pim_spec(const NamedSet& set);

/// The same array as the simulator knows it (arch/timing, sim/mapping).
spec::PimArraySpec simulated_pim(const PimSpec& pim);

/// One vector of activations, one per wordline; zero on those that hold no weights of this product.
struct PimVector {
  std::vector<std::int32_t> acts;
  numeric::IntegerFormat format;
  bool clear = true;  ///< start new sums; else add to those of the vector before
};

struct PimRun {
  std::int64_t write_cycles = 0;
  std::int64_t compute_cycles = 0;          ///< of busy_o
  std::vector<std::vector<ArraySum>> sums;  ///< [vector][column]
};

/// What stands at the array's ports in one cycle of computing. Words are packed.
struct PimCycle {
  const PimVector* offered;  ///< null: none
  bool vector_ready;
  bool busy;
  const std::vector<std::uint32_t>& valid;  ///< bit k: the columns of round k are new
  const std::vector<std::uint32_t>& results;
  const std::vector<std::uint32_t>& overflow;
};

class PimProbe {
 public:
  virtual ~PimProbe() = default;
  /// Every cycle; before it, sums() for each vector and round whose columns stand there in it.
  virtual void cycle(const PimCycle& ports) = 0;
  virtual void sums(std::size_t vector, std::size_t round) = 0;
};

class PimModel {
 public:
  virtual ~PimModel() = default;
  /// Writes weights[wordline * cols + col] from wordline 0 on, one per cycle; returns the cycles.
  virtual std::int64_t write(const std::vector<std::int32_t>& weights) = 0;
  /// Runs the vectors back to back. `probe` may be null.
  virtual PimRun run(const std::vector<PimVector>& vectors, PimProbe* probe = nullptr) = 0;
};

/// By the name of a pim_array set. Throws UserError when this build has no RTL models.
std::unique_ptr<PimModel> make_pim(const std::string& name);

/// The same sums by arch/numeric: an exact dot product per vector and column (numeric::sliced_dot)
/// over the wordlines that `weights` has, narrowed once into the accumulator.
std::vector<std::vector<ArraySum>> expected_pim_sums(const PimSpec& pim,
                                                     const std::vector<std::int32_t>& weights,
                                                     const std::vector<PimVector>& vectors);

/// Planes that the vectors take: their widths, or with skip_zero_planes the planes with a one.
std::int64_t planes_of(const PimSpec& pim, const std::vector<PimVector>& vectors);
/// Cycles of busy_o for these vectors: timing::pim_plane_cycles (arch/timing/pim.h).
std::int64_t pim_compute_cycles(const PimSpec& pim, const std::vector<PimVector>& vectors);

}  // namespace bitscale::cosim

#endif  // BITSCALE_RTL_COSIM_PIM_MODEL_H_
