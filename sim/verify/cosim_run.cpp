#include "sim/verify/cosim_run.h"

#include <ctime>

#include "arch/base/error.h"
#include "rtl/cosim/mac_model.h"
#include "sim/run/load_part.h"

namespace bitscale::verify {
namespace {

constexpr std::int64_t kDigitsSamples = 2;

/// Shell-like pattern: * any text, ? any character.
bool matches(const char* pattern, const char* name) {
  if (*pattern == '\0') return *name == '\0';
  if (*pattern == '*')
    return matches(pattern + 1, name) || (*name != '\0' && matches(pattern, name + 1));
  return *name != '\0' && (*pattern == '?' || *pattern == *name) && matches(pattern + 1, name + 1);
}

/// Processor time of this process: speeds stay what they are on a busy machine.
class Stopwatch {
 public:
  double seconds() const {
    return static_cast<double>(std::clock() - start_) / static_cast<double>(CLOCKS_PER_SEC);
  }

 private:
  std::clock_t start_ = std::clock();
};

bool is_unit(const std::string& module) {
  return module != "mac_unit" && module != "mac_array" && module != "pim_array";
}

}  // namespace

std::vector<cosim::NamedSet> select_sets(const std::vector<std::string>& only) {
  if (only.empty()) return cosim::named_sets();
  std::vector<bool> used(only.size(), false);
  std::vector<cosim::NamedSet> selected;
  std::vector<std::string> names;
  for (const cosim::NamedSet& set : cosim::named_sets()) {
    names.push_back(set.name);
    bool wanted = false;
    for (std::size_t i = 0; i < only.size(); ++i) {
      if (!matches(only[i].c_str(), set.name.c_str())) continue;
      wanted = used[i] = true;
    }
    if (wanted) selected.push_back(set);
  }
  base::Problems problems;
  for (std::size_t i = 0; i < only.size(); ++i) {
    if (used[i]) continue;
    const std::string near = base::nearest(only[i], names);
    problems.add("--only", "no parameter set matches '" + only[i] + "'" +
                               (near.empty() ? "" : "; did you mean '" + near + "'?") +
                               " (bitscale cosim --list names them)");
  }
  problems.throw_if_any();
  return selected;
}

SetOutcome outcome_of(const cosim::NamedSet& set) {
  SetOutcome outcome;
  outcome.name = set.name;
  outcome.module = set.module;
  outcome.parameters = set.describe();
  // mac_w4s_a4u_acc20_wrap belongs to mac_w4s_a4u.
  const std::size_t acc = set.name.find("_acc");
  outcome.group = set.module == "mac_unit" ? set.name.substr(0, acc) : set.name;
  return outcome;
}

CosimReport run_cosim(const CosimOptions& options,
                      const std::function<void(const std::string&)>& progress) {
  const auto tell = [&](const std::string& what) {
    if (progress) progress(what);
  };
  std::vector<cosim::NamedSet> macs, units, arrays;
  for (const cosim::NamedSet& set : select_sets(options.only)) {
    (set.module == "mac_unit" ? macs : is_unit(set.module) ? units : arrays).push_back(set);
  }
  CosimInputs inputs{options.vectors, options.seed,
                     digits_layers(digits_trace(options.data_root), kDigitsSamples),
                     run::load_network(options.data_root / "workloads/networks/resnet18.json"),
                     trace_layers(trained_trace(options.data_root))};
  CosimReport report;
  report.seed = options.seed;
  const Stopwatch all;
  const auto run = [&](std::size_t sets, auto check) {
    const Stopwatch watch;
    std::vector<SetOutcome> outcomes = check();
    const double each = watch.seconds() / static_cast<double>(sets);
    for (SetOutcome& outcome : outcomes) {
      outcome.seconds = each;
      report.sets.push_back(std::move(outcome));
    }
  };
  if (!macs.empty()) {
    tell("MAC bank, " + std::to_string(macs.size()) + " sets");
    run(macs.size(), [&] { return check_mac_sets(macs, inputs); });
  }
  if (!units.empty()) {
    tell("unit bank, " + std::to_string(units.size()) + " sets");
    run(units.size(), [&] { return check_unit_sets(units, inputs); });
  }
  for (const cosim::NamedSet& set : arrays) {
    tell(set.name);
    run(1, [&] {
      return std::vector<SetOutcome>{set.module == "mac_array" ? check_array_set(set, inputs)
                                                               : check_pim_set(set, inputs)};
    });
  }
  report.seconds = all.seconds();
  return report;
}

}  // namespace bitscale::verify
