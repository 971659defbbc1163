// What a piece of reading code complained about, as text.
#ifndef BITSCALE_TESTS_SUPPORT_PROBLEMS_H_
#define BITSCALE_TESTS_SUPPORT_PROBLEMS_H_

#include <string>

#include "arch/base/error.h"

namespace bitscale::testing {

/// The message of the UserError that `action` throws, "" when it throws none.
template <class Action>
std::string user_error_of(Action action) {
  try {
    action();
  } catch (const base::UserError& error) {
    return error.what();
  }
  return "";
}

inline std::string text_of(const base::Problems& problems) {
  return user_error_of([&] { problems.throw_if_any(); });
}

}  // namespace bitscale::testing

#endif  // BITSCALE_TESTS_SUPPORT_PROBLEMS_H_
