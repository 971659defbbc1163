// From a request to the one document that a run's configuration is made of: the parts' files and
// the options that change them.
#ifndef BITSCALE_SIM_RUN_ASSEMBLY_H_
#define BITSCALE_SIM_RUN_ASSEMBLY_H_

#include <string>
#include <utility>
#include <vector>

#include "arch/base/error.h"
#include "arch/base/json_value.h"
#include "sim/run/applied_sets.h"
#include "sim/run/catalog.h"
#include "sim/run/run_config.h"

namespace bitscale::run {

/// Which members a document needs.
enum class Scope { Run, Tensors, Design };

/// What a request becomes before it is checked. A file that cannot be read is a problem, and its
/// member absent; what the others hold is checked all the same.
struct Assembly {
  base::JsonValue document = base::JsonValue::make_object();
  std::vector<std::pair<std::string, std::string>> inputs;
  AppliedSets sets;
  /// Files that cannot be read, duplicate keys, options that could not be applied.
  base::Problems problems;
  /// Members that problems leave out of the document.
  std::vector<std::string> lost;

  bool has_lost(const std::string& key) const;
};

Assembly assemble(const RunRequest& request, const Catalog& catalog, Scope scope);

/// Adds what was found in the document to the assembly's problems; a problem of what --set changed
/// is placed at the option.
void blame_sets(Assembly& assembly, const base::Problems& found);

/// Runs a step; the problems it throws are added to `problems`.
template <class Step>
void collect(base::Problems& problems, Step step) {
  try {
    step();
  } catch (const base::UserError& error) {
    for (const base::Problem& problem : error.problems()) {
      problems.add(problem.where, problem.message);
    }
  }
}

}  // namespace bitscale::run

#endif  // BITSCALE_SIM_RUN_ASSEMBLY_H_
