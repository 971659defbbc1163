#include "sim/cli/training_program.h"

#include <sys/wait.h>
#include <unistd.h>

#include "arch/base/error.h"
#include "sim/reproduce/trained_networks.h"

namespace bitscale::cli {
namespace {

std::filesystem::path sibling() {
  std::error_code failed;
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", failed);
  return failed ? "bitscale-train" : self.parent_path() / "bitscale-train";
}

/// Exit status of the program; 127 when it could not be run.
int run_program(std::vector<std::string> words) {
  std::vector<char*> arguments;
  arguments.reserve(words.size() + 1);
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  const pid_t child = fork();
  if (child < 0) throw base::UserError(words[0], "no further process");
  if (child == 0) {
    // Results of the reproduction go to standard output, a training's to standard error.
    dup2(STDERR_FILENO, STDOUT_FILENO);
    ::execv(arguments[0], arguments.data());
    _exit(127);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

bool has_training_program() { return std::filesystem::exists(sibling()); }

std::filesystem::path training_program(const std::string& where) {
  std::filesystem::path program = sibling();
  if (std::filesystem::exists(program)) return program;
  throw base::UserError(
      where, "this build has no training (" + program.string() +
                 " is missing): 'scripts/install.sh training', then 'cmake --preset release "
                 "-DBITSCALE_TRAINING=ON' and 'cmake --build --preset release'");
}

void retrain(Session& session, const std::string& reproduction,
             const std::filesystem::path& folder) {
  const std::vector<std::string> recipes = reproduce::recipes_of(reproduction);
  if (recipes.empty()) {
    throw base::UserError("--retrain", "'" + reproduction +
                                           "' trains nothing; it goes with omse, accumulator, "
                                           "trained and all");
  }
  const std::filesystem::path program = training_program("--retrain");
  const reproduce::TrainedNetworks committed(session.catalog.root());
  const reproduce::TrainedNetworks again(session.catalog.root(), folder);
  std::size_t same = 0;
  for (const std::string& recipe : recipes) {
    const int status =
        run_program({program.string(), "--recipe", committed.recipe_file(recipe).string(),
                     "--output", (folder / recipe).string(), "--samples", "20"});
    if (status != 0) {
      throw base::UserError("--retrain", "training recipe " + recipe + " ended with status " +
                                             std::to_string(status));
    }
    const bool equal = reproduce::same_network(committed, again, recipe);
    same += equal ? 1 : 0;
    session.err << recipe << ": "
                << (equal ? "the committed network, byte for byte\n"
                          : "differs from the committed network\n");
  }
  session.err << same << " of " << recipes.size() << " networks equal the committed ones\n";
}

}  // namespace bitscale::cli
