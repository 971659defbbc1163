// The named parameter sets of the reference hardware: rtl/named_sets.json, compiled in.
#ifndef BITSCALE_RTL_COSIM_NAMED_SETS_H_
#define BITSCALE_RTL_COSIM_NAMED_SETS_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "arch/numeric/accumulator.h"
#include "arch/numeric/encoding.h"

namespace bitscale::cosim {

struct NamedSet {
  std::string name;
  std::string module;
  std::map<std::string, std::int64_t> parameters;  ///< as the RTL spells them; bits are 0 or 1

  /// The parameter, or `fallback` when the set leaves it at the module's default.
  std::int64_t get(const std::string& parameter, std::int64_t fallback) const;
  int integer(const std::string& parameter, int fallback) const;
  /// "WeightBits=4 ActBits=8 …", for messages.
  std::string describe() const;
};

/// All sets, in the order of the file. Parsed once.
const std::vector<NamedSet>& named_sets();

/// Those of one module.
std::vector<NamedSet> named_sets_of(std::string_view module);

/// What a multiply-accumulate of these parameters computes, in the words of arch/numeric.
struct MacSpec {
  std::string name;
  numeric::OperandEncoding weights;  ///< zero_point is an operand of the RTL, 0 here
  numeric::IntegerFormat acts;
  int acc_bits = 32;
  numeric::OverflowPolicy policy = numeric::OverflowPolicy::Wrap;

  std::string describe() const;
  /// Whether any weight (of affine ones, with any zero point) and activation have a product above
  /// (below) zero: else the sum never leaves the accumulator on that side.
  bool can_rise() const;
  bool can_fall() const;
};

/// The operand formats and the accumulator of a mac_unit, mac_array or pim_array set.
MacSpec mac_spec(const NamedSet& set);

}  // namespace bitscale::cosim

#endif  // BITSCALE_RTL_COSIM_NAMED_SETS_H_
