// Runs the command line inside a test.
#ifndef BITSCALE_TESTS_SIM_CLI_PROGRAM_H_
#define BITSCALE_TESTS_SIM_CLI_PROGRAM_H_

#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "sim/cli/command.h"

namespace bitscale::cli {

struct Outcome {
  int status;
  std::string out, err;
};

inline Outcome bitscale(std::vector<std::string> words) {
  words.insert(words.begin(), "bitscale");
  std::ostringstream out, err;
  const int status = run_line(words, out, err);
  return {status, out.str(), err.str()};
}

inline bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace bitscale::cli

#endif  // BITSCALE_TESTS_SIM_CLI_PROGRAM_H_
