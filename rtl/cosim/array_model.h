// The RTL systolic array (rtl/mac_array.sv), cycle by cycle, whatever its size and dataflow.
#ifndef BITSCALE_RTL_COSIM_ARRAY_MODEL_H_
#define BITSCALE_RTL_COSIM_ARRAY_MODEL_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "arch/spec/mac_array.h"
#include "rtl/cosim/named_sets.h"

namespace bitscale::cosim {

struct ArraySpec {
  std::string name;
  int rows = 0;
  int cols = 0;
  spec::Dataflow dataflow = spec::Dataflow::WeightStationary;
  bool shadow = false;
  MacSpec mac;
  int top_bits() const;   ///< of a word that enters at the top
  int left_bits() const;  ///< of a word that enters from the left
};

ArraySpec array_spec(const NamedSet& set);

/// The same array as the simulator knows it (arch/timing, sim/mapping).
spec::MacArraySpec simulated_array(const ArraySpec& array);

/// What the array says in one cycle before its clock edge.
struct ArraySignals {
  bool fold_ready = false;
  bool top_ready = false;
  bool left_ready = false;
  bool busy = false;
};

/// Each cycle: offer(), settle(), then the operands asked for, then tick().
class ArrayModel {
 public:
  virtual ~ArrayModel() = default;
  virtual void set_zero_point(std::uint32_t code) = 0;
  /// Offers a fold in this cycle (steps 0: none).
  virtual void offer(std::uint32_t steps, std::uint32_t rows, std::uint32_t cols) = 0;
  virtual ArraySignals settle() = 0;
  /// Packed words, least significant first (pack_codes).
  virtual void set_top(const std::vector<std::uint32_t>& words) = 0;
  virtual void set_left(const std::vector<std::uint32_t>& words) = 0;
  virtual void tick() = 0;
  /// One bit per column whose result stands below the array in this cycle, after settle().
  virtual void read_valid(std::vector<std::uint32_t>& valid) const = 0;
  // Results that stand below the array in this cycle, after settle(): cols × acc_bits packed
  // bits, and one overflow bit per column.
  virtual void read_results(std::vector<std::uint32_t>& words,
                            std::vector<std::uint32_t>& overflow) const = 0;
};

/// By the name of a mac_array set. Throws UserError when this build has no RTL models.
std::unique_ptr<ArrayModel> make_array(const std::string& name);

/// Packs the low `bits` bits of each code side by side.
void pack_codes(const std::int32_t* codes, std::size_t count, int bits,
                std::vector<std::uint32_t>& words);
/// Packs every stride-th of `count` codes into the words there are, which hold them; the rest
/// become zero.
void pack_strided(const std::int32_t* codes, std::int64_t stride, std::size_t count, int bits,
                  std::vector<std::uint32_t>& words);
/// Field `index` of packed words, extended with zeros. bits ≤ 48.
std::uint64_t unpack_field(const std::vector<std::uint32_t>& words, std::size_t index, int bits);

}  // namespace bitscale::cosim

#endif  // BITSCALE_RTL_COSIM_ARRAY_MODEL_H_
