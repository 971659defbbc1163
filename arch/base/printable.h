// Text of unknown origin made fit for a terminal: names in models and files may hold any bytes.
#ifndef BITSCALE_ARCH_BASE_PRINTABLE_H_
#define BITSCALE_ARCH_BASE_PRINTABLE_H_

#include <string>
#include <string_view>

namespace bitscale::base {

/// `text` with every byte that is no part of printable UTF-8 written as "\xNN": control characters
/// (also U+0080 … U+009F and the marks that turn the writing direction) and malformed sequences.
/// Newlines stay.
std::string printable(std::string_view text);

}  // namespace bitscale::base

#endif  // BITSCALE_ARCH_BASE_PRINTABLE_H_
