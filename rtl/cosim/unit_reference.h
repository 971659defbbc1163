// What a unit of the unit bank computes, cycle by cycle, by arch/numeric: decodes the shared inputs
// as its protocol says (rtl/cosim/slots/unit_slot.sv) and keeps up to 16 accumulators.
#ifndef BITSCALE_RTL_COSIM_UNIT_REFERENCE_H_
#define BITSCALE_RTL_COSIM_UNIT_REFERENCE_H_

#include <cstdint>
#include <vector>

#include "rtl/cosim/coverage.h"
#include "rtl/cosim/named_sets.h"
#include "rtl/cosim/unit_model.h"

namespace bitscale::cosim {

/// Field `index` of `bits` bits of a packed bus.
std::int64_t unit_field(const std::uint32_t* words, int index, int bits, bool is_signed);

class UnitReference {
 public:
  explicit UnitReference(const NamedSet& set);

  void step(const UnitInputs& inputs, Coverage& coverage);

  std::size_t accumulators() const { return sums_.size(); }
  std::int64_t acc(std::size_t index) const { return sums_[index].value; }
  bool overflow(std::size_t index) const { return sums_[index].overflow; }
  /// Whether accumulators hold something known: a sum has been started.
  bool started() const { return started_; }
  const NamedSet& set() const { return set_; }
  const MacSpec& spec() const { return spec_; }

 private:
  struct Sum {
    std::int64_t value = 0;
    bool overflow = false;
  };
  enum class Module { Accumulator, BitSerial, Decomposable, Configurable };

  void step_accumulator(const UnitInputs& inputs, Coverage& coverage);
  void step_bit_serial(const UnitInputs& inputs, Coverage& coverage);
  void step_decomposable(const UnitInputs& inputs, Coverage& coverage);
  void step_configurable(const UnitInputs& inputs, Coverage& coverage);
  std::int64_t product(const UnitInputs& inputs, int index, int weight_bits, int act_bits,
                       Coverage& coverage) const;
  void add(Sum& sum, std::int64_t addend, bool clear, Coverage& coverage);

  NamedSet set_;
  MacSpec spec_;
  Module module_;
  int lanes_;
  bool apart_;
  std::vector<Sum> sums_;
  bool started_ = false;
  // Bit-serial: the activations read so far, one per lane, and their width.
  std::vector<std::int64_t> acts_;
  int act_bits_ = 0;
};

}  // namespace bitscale::cosim

#endif  // BITSCALE_RTL_COSIM_UNIT_REFERENCE_H_
