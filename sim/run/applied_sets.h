// --set options of a run: applied in order, and blamed for what they broke. A problem at a place
// that an option set or created belongs to the option, not to the file the place is in.
#ifndef BITSCALE_SIM_RUN_APPLIED_SETS_H_
#define BITSCALE_SIM_RUN_APPLIED_SETS_H_

#include <string>
#include <string_view>
#include <vector>

#include "arch/base/error.h"
#include "arch/base/json_value.h"

namespace bitscale::run {

class AppliedSets {
 public:
  /// Applies one "/json/pointer=value"; a figure it replaces gets the option for its source
  /// (own_figures.h). Throws UserError placed at the option.
  void apply(base::JsonValue& document, const std::string& text);

  /// The problems again; one at or below what an option changed names "--set /pointer=value" (the
  /// latest such option).
  std::vector<base::Problem> blame(const std::vector<base::Problem>& problems) const;

  /// "--set …" of the latest option at or below the pointer, else "".
  std::string latest_below(std::string_view pointer) const;

 private:
  struct Set {
    std::string option;   // "--set /arch/mac_array/rows=8"
    std::string pointer;  // "/arch/mac_array/rows"
    std::string where;    // "arch.json:/mac_array/rows", or the first part of it that was missing
  };
  std::vector<Set> sets_;
};

}  // namespace bitscale::run

#endif  // BITSCALE_SIM_RUN_APPLIED_SETS_H_
