// The digits network's products as the vectors of MACs and units, one dot product after the other.
#ifndef BITSCALE_SIM_VERIFY_DIGITS_VECTORS_H_
#define BITSCALE_SIM_VERIFY_DIGITS_VECTORS_H_

#include <cstdint>
#include <vector>

#include "rtl/cosim/mac_check.h"
#include "rtl/cosim/unit_check.h"
#include "sim/verify/digits.h"

namespace bitscale::verify {

/// All layers in two's complement; and once more, offset by a zero point, when some MAC has affine
/// weights that hold them.
void append_digits(const std::vector<DigitsLayer>& layers,
                   const std::vector<cosim::MacUnderTest>& macs,
                   std::vector<cosim::MacOperands>& vectors);

/// All layers for each kind of unit, one product at a time: decomposable and configurable in their
/// 8-bit modes, bit-serial in five bits, accumulators as addends.
void append_digits(const std::vector<DigitsLayer>& layers, std::vector<cosim::UnitInputs>& cycles);

/// MACs of the layers a set's widths hold.
std::int64_t held_macs(const std::vector<DigitsLayer>& layers, const cosim::MacSpec& mac);
std::int64_t held_macs(const std::vector<DigitsLayer>& layers, const cosim::NamedSet& unit);

}  // namespace bitscale::verify

#endif  // BITSCALE_SIM_VERIFY_DIGITS_VECTORS_H_
