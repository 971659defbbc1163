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

/// The document of a request, of the members its scope has.
Assembly assemble(const RunRequest& request, const Catalog& catalog, Scope scope);

/// Adds what was found in the document to the assembly's problems; a problem of what --set changed
/// is placed at the option.
void blame_sets(Assembly& assembly, const base::Problems& found);

/// Runs a step; the problems it throws are added to `problems`. True when there are none.
template <class Step>
bool collect(base::Problems& problems, Step step) {
  try {
    step();
  } catch (const base::UserError& error) {
    for (const base::Problem& problem : error.problems()) {
      problems.add(problem.where, problem.message);
    }
    return false;
  }
  return true;
}

/// Adds those of `more`.
inline void add_all(base::Problems& problems, const base::Problems& more) {
  collect(problems, [&] { more.throw_if_any(); });
}

}  // namespace bitscale::run

#endif  // BITSCALE_SIM_RUN_ASSEMBLY_H_
