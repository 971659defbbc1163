// The program as tests call it: words in, status and streams out.
#ifndef BITSCALE_TESTS_SIM_CLI_CLI_SUPPORT_H_
#define BITSCALE_TESTS_SIM_CLI_CLI_SUPPORT_H_

#include <sstream>
#include <string>
#include <vector>

#include "arch/base/json_value.h"
#include "sim/cli/command.h"

namespace bitscale::cli {

struct CliOutcome {
  int status;
  std::string out, err;

  /// Standard output as JSON.
  base::JsonValue json() const { return base::parse_json(out, "standard output"); }
};

inline CliOutcome call_program(std::vector<std::string> words) {
  words.insert(words.begin(), "bitscale");
  std::ostringstream out, err;
  const int status = run_line(words, out, err);
  return {status, out.str(), err.str()};
}

/// The value a JSON pointer names; an empty object when there is none.
inline const base::JsonValue& at(const base::JsonValue& document, const std::string& pointer) {
  static const base::JsonValue nothing = base::JsonValue::make_object();
  const base::JsonValue* found = base::find_by_pointer(document, pointer);
  return found == nullptr ? nothing : *found;
}

}  // namespace bitscale::cli

#endif  // BITSCALE_TESTS_SIM_CLI_CLI_SUPPORT_H_
