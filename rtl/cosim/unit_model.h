// The RTL units with a protocol of their own, side by side: narrow_accumulator, bit_serial_mac,
// decomposable_mac, configurable_mac.
#ifndef BITSCALE_RTL_COSIM_UNIT_MODEL_H_
#define BITSCALE_RTL_COSIM_UNIT_MODEL_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "rtl/cosim/named_sets.h"

namespace bitscale::cosim {

/// Inputs of one cycle, shared by all units (rtl/cosim/slots/unit_slot.sv says who reads what).
struct UnitInputs {
  bool enable = false;
  bool clear = false;
  bool first = false;  ///< bit-serial: an activation's top bit
  bool last = false;   ///< bit-serial: its lowest bit
  unsigned mode = 0;   ///< decomposable: act_log · 4 + weight_log; configurable: split
  bool weight_signed = false;
  bool act_signed = false;
  std::array<std::uint32_t, 8> weight{};  ///< 256 bits
  std::uint32_t act = 0;
  /// Before the step, the bench puts `start` (its low acc_bits) into every accumulator and clears
  /// its flag. The cycle before is enabled.
  bool preload = false;
  std::int64_t start = 0;
};

class UnitModel {
 public:
  virtual ~UnitModel() = default;
  virtual void step(const UnitInputs& inputs) = 0;
  /// Accumulator `index` (0–15) of a unit after the step, extended with zeros.
  virtual std::uint64_t acc(std::size_t unit, std::size_t index) const = 0;
  virtual bool overflow(std::size_t unit, std::size_t index) const = 0;
};

/// The sets of the four modules, in the order of UnitModel's units.
std::vector<NamedSet> unit_sets();

/// Throws UserError when this build has no RTL models.
std::unique_ptr<UnitModel> make_unit_bank();

}  // namespace bitscale::cosim

#endif  // BITSCALE_RTL_COSIM_UNIT_MODEL_H_
