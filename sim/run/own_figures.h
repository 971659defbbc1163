// A figure that an option or a sweep's axis replaces no longer comes from where its file says: its
// source becomes what set it.
#ifndef BITSCALE_SIM_RUN_OWN_FIGURES_H_
#define BITSCALE_SIM_RUN_OWN_FIGURES_H_

#include <string>
#include <vector>

#include "arch/base/json_value.h"

namespace bitscale::run {

/// The sources of a figure that stands in no file.
inline constexpr const char* kSetByOption = "assumed: set by --set";
inline constexpr const char* kSetBySweep = "assumed: set by the sweep";

/// Rewrites the sources of what was just set at `pointer` in /arch or /tech to `source`:
///  /arch  the entries of "sources" at and below it go, each number it holds gets one of its own;
///  /tech  the object with "source" and "status" that the figure stands in is assumed from now on,
///         and a single figure loses the valid range and the interval of the one it replaces; its
///         node_nm, voltage, device and scale change it too, and leave it the rest.
/// What the pointers in `earlier` gave stays: options may name a source of their own.
void own_figures(base::JsonValue& document, const std::string& pointer,
                 const std::vector<std::string>& earlier, const char* source);

}  // namespace bitscale::run

#endif  // BITSCALE_SIM_RUN_OWN_FIGURES_H_
