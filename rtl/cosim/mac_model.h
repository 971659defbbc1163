// A clocked RTL multiply-accumulate, or many side by side that share their operands.
#ifndef BITSCALE_RTL_COSIM_MAC_MODEL_H_
#define BITSCALE_RTL_COSIM_MAC_MODEL_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace bitscale::cosim {

/// Operands of one cycle. A MAC of fewer bits takes the low ones.
struct MacOperands {
  std::uint16_t weight = 0;
  std::uint16_t zero_point = 0;  ///< of affine weights
  std::uint16_t act = 0;
  bool clear = false;  ///< this MAC starts a new sum
  /// The sum before this MAC is `start` (its low acc_bits), put into the register by the bench; no
  /// flag is set. Only for models that can_preload(); the operands before have `clear`.
  bool preload = false;
  std::int64_t start = 0;
};

class MacModel {
 public:
  virtual ~MacModel() = default;
  virtual std::size_t size() const = 0;
  /// One clock cycle. Afterwards acc() and overflow() belong to the operands given delay() steps
  /// ago.
  virtual void step(const MacOperands& operands) = 0;
  virtual std::size_t delay() const = 0;
  /// The accumulator's bits, extended with zeros.
  virtual std::uint64_t acc(std::size_t index) const = 0;
  /// Whether some step since the last clear overflowed. Only meaningful if has_overflow().
  virtual bool overflow(std::size_t index) const = 0;
  virtual bool has_overflow() const { return true; }
  /// Whether the accumulator can be set from outside (MacOperands::preload).
  virtual bool can_preload() const { return false; }
};

/// Whether this build has the RTL models (it was built where Verilator is installed).
bool has_rtl_models();

/// All mac_unit sets in the order of named_sets_of("mac_unit"). Throws UserError, naming the
/// package, when this build has no RTL models.
std::unique_ptr<MacModel> make_mac_bank();

}  // namespace bitscale::cosim

#endif  // BITSCALE_RTL_COSIM_MAC_MODEL_H_
