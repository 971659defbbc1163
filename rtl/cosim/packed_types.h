// The widths of SystemVerilog types in Verilator's XML.
#ifndef BITSCALE_RTL_COSIM_PACKED_TYPES_H_
#define BITSCALE_RTL_COSIM_PACKED_TYPES_H_

#include <map>
#include <string>

namespace bitscale::cosim {

/// The value of `name="…"` in an XML tag, or "".
std::string xml_attribute(const std::string& tag, const std::string& name);

/// Bits of every type of `verilator --xml-only`, by its id: vectors, packed arrays of any number of
/// dimensions, packed structures and unions, enumerations, names for them. Verilator gives a port
/// of any of these one integer. 0: a type that is no bits (real, unpacked).
std::map<std::string, int> packed_widths(const std::string& xml);

}  // namespace bitscale::cosim

#endif  // BITSCALE_RTL_COSIM_PACKED_TYPES_H_
