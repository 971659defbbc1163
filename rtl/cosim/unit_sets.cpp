#include <string_view>

#include "rtl/cosim/unit_model.h"

namespace bitscale::cosim {

std::vector<NamedSet> unit_sets() {
  std::vector<NamedSet> found;
  for (const NamedSet& set : named_sets()) {
    for (const std::string_view module :
         {"narrow_accumulator", "bit_serial_mac", "decomposable_mac", "configurable_mac"}) {
      if (set.module == module) found.push_back(set);
    }
  }
  return found;
}

}  // namespace bitscale::cosim
