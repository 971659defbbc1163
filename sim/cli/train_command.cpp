// bitscale train: hands over to bitscale-train, the program beside this one that alone links the
// training library.
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <ostream>
#include <string>
#include <vector>

#include "arch/base/error.h"
#include "sim/cli/command.h"
#include "sim/cli/training_program.h"

namespace bitscale::cli {
namespace {

// The program beside this one explains itself better, where it is.
constexpr const char* kUsage =
    "Usage: bitscale train --recipe RECIPE.json -o DIR [OPTIONS]\n\n"
    "Trains a quantized network. This build has no training component: workloads/train/README.md\n"
    "says how to get it, and then all options are shown here.\n\n"
    "Examples:\n  bitscale train --recipe configs/training/smoke.json -o smoke\n";

bool asks_for_help(const std::vector<std::string>& words) {
  return std::any_of(words.begin(), words.end(),
                     [](const std::string& word) { return word == "--help" || word == "-h"; });
}

}  // namespace

int train_command(Session& session) {
  if (!has_training_program() && asks_for_help(session.words)) {
    session.out << kUsage;
    return kDone;
  }
  const std::filesystem::path program = training_program("bitscale train");
  std::vector<std::string> words = {program.string()};
  words.insert(words.end(), session.words.begin(), session.words.end());
  std::vector<char*> arguments;
  arguments.reserve(words.size() + 1);
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  session.out.flush();
  ::execv(program.c_str(), arguments.data());
  throw base::UserError(program.string(), std::string("cannot be run: ") + std::strerror(errno));
}

}  // namespace bitscale::cli
