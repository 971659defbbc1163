// Whether what a check compares was read without a problem. A comparison of values that a reader
// put in the place of wrong ones would be a second problem that nobody caused.
#ifndef BITSCALE_ARCH_BASE_IS_SOUND_H_
#define BITSCALE_ARCH_BASE_IS_SOUND_H_

#include "arch/base/json_reader.h"

namespace bitscale::base {

/// Runs `read(JsonReader&)` on what `reader` stands at, its problems going nowhere; true when there
/// are none.
template <class Read>
bool is_sound(const JsonReader& reader, Read read) {
  Problems problems;
  JsonReader alone(reader.value(), problems);
  read(alone);
  return problems.empty();
}

}  // namespace bitscale::base

#endif  // BITSCALE_ARCH_BASE_IS_SOUND_H_
