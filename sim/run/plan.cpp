#include "sim/run/plan.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "arch/base/error.h"
#include "sim/mapping/countable.h"
#include "sim/mapping/mapping_json.h"
#include "sim/mapping/pim_assign.h"
#include "sim/run/assembly.h"

namespace bitscale::run {
namespace {

std::string file_of(const RunConfig& config, std::string_view role) {
  for (const auto& [part, file] : config.inputs) {
    if (part == role) return file;
  }
  return std::string(role);
}

// Whether a task of this name is the layers from `first` on, fused: "conv1+add", "conv1+add#2".
bool begins_task(const model::Network& network, std::size_t first, std::string_view task) {
  std::string joined = network.layers[first].name;
  for (std::size_t i = first + 1; i < network.layers.size() && joined.size() < task.size(); ++i) {
    if (task.substr(0, joined.size()) != joined || task[joined.size()] == '#') break;
    joined += "+" + network.layers[i].name;
  }
  if (task.substr(0, joined.size()) != joined) return false;
  const std::string_view number = task.substr(joined.size());
  return number.empty() || (number.size() > 1 && number[0] == '#' &&
                            number.find_first_not_of("0123456789", 1) == std::string::npos);
}

// "layer 'conv1+add'" → "net.json:/layers/0"; "" for a name the network lacks.
std::string place_of_layer(const RunConfig& config, const std::string& where) {
  const std::size_t open = where.find('\'');
  const std::size_t close = where.rfind('\'');
  if (open == std::string::npos || open == close) return "";
  const std::string_view task = std::string_view(where).substr(open + 1, close - open - 1);
  for (std::size_t i = 0; i < config.network.layers.size(); ++i) {
    if (!begins_task(config.network, i, task)) continue;
    return file_of(config, "network") + ":/layers/" + std::to_string(i);
  }
  return "";
}

// The options that made the buffers too small that a message of map_network() ends in; another
// option below /arch/buffers may be the reason only if it changed no single buffer.
std::string buffer_options(const RunConfig& config, const std::string& message) {
  constexpr std::string_view kMark = "; too small: ";
  const std::size_t mark = message.rfind(kMark);
  const std::string few = mark == std::string::npos ? "" : message.substr(mark + kMark.size());
  std::string options;
  bool other = false;
  for (const char* name : {"weight", "act", "output", "shared"}) {
    const std::string option = config.sets.latest_below("/arch/buffers/" + std::string(name));
    if (option.empty()) continue;
    if (few.find(name) == std::string::npos) {
      other = other || option == config.sets.latest_below("/arch/buffers");
    } else {
      options += (options.empty() ? "" : " and ") + option;
    }
  }
  return options.empty() && !other ? config.sets.latest_below("/arch/buffers") : options;
}

// One problem of several layers that is said in the same words, as one line.
class LayerGroups {
 public:
  void add(const std::string& layer, const std::string& place, const base::Problem& problem) {
    for (Group& group : groups_) {
      if (group.place != place || group.message != problem.message) continue;
      if (++group.layers <= kNamedLayers) group.names += ", " + layer;
      return;
    }
    groups_.push_back({place, layer, problem.message, 1});
  }
  void append_to(std::vector<base::Problem>& problems) const {
    for (const Group& group : groups_) {
      std::string names = group.names;
      if (group.layers > kNamedLayers) {
        names += " and " + std::to_string(group.layers - kNamedLayers) + " more of " +
                 std::to_string(group.layers) + " layers";
      }
      problems.push_back({group.place, names + ": " + group.message});
    }
  }

 private:
  static constexpr int kNamedLayers = 3;
  struct Group {
    std::string place, names, message;
    int layers;
  };
  std::vector<Group> groups_;
};

// Runs a step whose problems are all of one part of the design, most of them at "layer '…'", and
// places them there.
template <class Step>
auto placed(const RunConfig& config, const std::string& pointer, const std::string& advice,
            Step step) {
  try {
    return step();
  } catch (const base::UserError& error) {
    LayerGroups groups;
    std::vector<base::Problem> problems;
    for (const base::Problem& problem : error.problems()) {
      // Prices and patterns of the PIM arrays say themselves where they stand.
      const bool own = problem.where.rfind("pim/", 0) == 0;
      const std::string at = own ? "/" + problem.where : pointer;
      const std::string option = at == "/buffers" ? buffer_options(config, problem.message)
                                                  : config.sets.latest_below("/arch" + at);
      const std::string place = option.empty() ? file_of(config, "arch") + ":" + at : option;
      const std::string layer = place_of_layer(config, problem.where);
      if (layer.empty()) {
        problems.push_back({place, problem.message});
      } else {
        const bool wide = problem.message.find("wider than the PE's") != std::string::npos;
        groups.add(problem.where + " (" + layer + ")", place,
                   {"", problem.message + (wide ? advice : "")});
      }
    }
    groups.append_to(problems);
    throw base::UserError(std::move(problems));
  }
}

// A mapping that stands in another document is read alone, and its problems at its place there:
// "run.json:/mapping:/tasks/0" → "run.json:/mapping/tasks/0".
std::string joined_place(std::string where) {
  const std::size_t inner = where.rfind(":/");
  const std::size_t outer = inner == std::string::npos ? inner : where.rfind(":/", inner - 1);
  if (outer == std::string::npos) return where;
  where.erase(inner, inner + 2 == where.size() ? 2 : 1);
  return where;
}

mapping::NetworkMapping given_mapping(const RunConfig& config, const mapping::TaskGraph& graph) {
  base::Problems problems;
  base::JsonReader reader(*config.mapping, problems);
  mapping::NetworkMapping given = mapping::read_mapping(reader, graph, config.accelerator);
  try {
    problems.throw_if_any();
    if (graph.may_overflow) mapping::check_sum(graph, config.accelerator, given);
  } catch (const base::UserError& error) {
    std::vector<base::Problem> found = error.problems();
    const std::string& origin = config.mapping->origin;
    const bool inside = origin.size() > 2 && origin.rfind(":/mapping") == origin.size() - 9;
    for (base::Problem& problem : found) {
      if (inside) problem.where = joined_place(problem.where);
    }
    throw base::UserError(config.sets.blame(found));
  }
  return given;
}

// The tasks, none on PIM arrays yet.
mapping::TaskGraph bare_tasks(const RunConfig& config) {
  const std::string widths = config.sets.latest_below("/precision");
  const std::string advice = "; widen the PE or narrow the layer in " +
                             (widths.empty() ? file_of(config, "precision") : widths);
  mapping::TaskGraph graph = placed(config, "/mac_array/pe", advice, [&] {
    return mapping::make_tasks(config.network, config.precisions, config.accelerator, config.batch);
  });
  for (mapping::Task& task : graph.tasks) {
    if (config.pim_planes.empty()) break;
    task.pim_planes = config.pim_planes[static_cast<std::size_t>(task.layers.front())];
  }
  return graph;
}

}  // namespace

mapping::TaskGraph plan_tasks(const RunConfig& config, const cost::CostModel& prices) {
  mapping::TaskGraph graph = bare_tasks(config);
  placed(config, "/pim", "",
         [&] { mapping::assign_pim(graph, config.accelerator, config.objective, &prices); });
  return graph;
}

mapping::NetworkMapping plan_mapping(const RunConfig& config, const mapping::TaskGraph& graph,
                                     const cost::CostModel& prices, mapping::SearchMemo* memo) {
  if (config.mapping) return given_mapping(config, graph);
  return placed(config, "/buffers", "", [&] {
    return mapping::map_network(graph, config.accelerator, config.objective, &prices, memo);
  });
}

PlannedRun::PlannedRun(RunConfig the_config)
    : config(std::move(the_config)),
      prices(config.accelerator, config.technology),
      graph(plan_tasks(config, prices)),
      mapping(plan_mapping(config, graph, prices)) {}

namespace {

// A step whose problems of these tasks were said already.
template <class Step>
void without(const std::vector<std::string>& tasks, Step step) {
  try {
    step();
  } catch (const base::UserError& error) {
    std::vector<base::Problem> rest;
    for (const base::Problem& problem : error.problems()) {
      const auto is_of = [&](const std::string& task) {
        return problem.where == "layer '" + task + "'" ||
               problem.message.rfind("task '" + task + "': ", 0) == 0;
      };
      if (std::none_of(tasks.begin(), tasks.end(), is_of)) rest.push_back(problem);
    }
    if (!rest.empty()) throw base::UserError(std::move(rest));
  }
}

// One configuration's plan, step by step, each on what the earlier ones could make.
class Judge {
 public:
  Judge(RunConfig config, bool priced, base::Problems& problems)
      : config_(std::move(config)), problems_(problems) {
    if (priced) {
      prices_.emplace(config_.accelerator, config_.technology);
    } else {
      config_.objective = mapping::Objective::Latency;
    }
  }

  void judge(bool with_mapping) {
    if (!make_tasks()) return;
    assign_pim();
    if (!with_mapping) return;
    collect(problems_, [&] {
      if (config_.mapping) {
        without(refused_, [&] { given_mapping(config_, graph_); });
        return;
      }
      placed(config_, "/buffers", "", [&] {
        without(refused_, [&] {
          mapping::map_network(graph_, config_.accelerator, config_.objective, prices());
        });
      });
    });
  }

 private:
  const cost::CostModel* prices() const { return prices_ ? &*prices_ : nullptr; }

  // PEs that are too narrow take the layers the same way as wider ones.
  bool make_tasks() {
    if (collect(problems_, [&] { graph_ = bare_tasks(config_); })) return true;
    spec::PeSpec& pe = config_.accelerator.mac_array.pe;
    pe.weight_bits = pe.act_bits = numeric::kMaxOperandBits;
    if (prices_) prices_.emplace(config_.accelerator, config_.technology);
    base::Problems said;
    return collect(said, [&] { graph_ = bare_tasks(config_); });
  }

  void assign_pim() {
    std::vector<std::string> named;
    const auto assign_all = [&] {
      try {
        mapping::assign_pim(graph_, config_.accelerator, config_.objective, prices());
      } catch (const base::UserError& error) {
        for (const base::Problem& problem : error.problems()) named.push_back(problem.where);
        throw;
      }
    };
    if (collect(problems_, [&] { placed(config_, "/pim", "", assign_all); })) return;
    for (const mapping::Task& task : graph_.tasks) {
      const bool told =
          std::find(named.begin(), named.end(), "layer '" + task.name + "'") != named.end();
      if (told && !mapping::pim_obstacle(*config_.accelerator.pim, task).empty()) {
        refused_.push_back(task.name);
      }
    }
  }

  RunConfig config_;
  std::optional<cost::CostModel> prices_;
  mapping::TaskGraph graph_;
  std::vector<std::string> refused_;  ///< tasks that their PIM arrays refuse
  base::Problems& problems_;
};

// Every operand and sum as narrow as any can be.
void narrow(RunConfig& config) {
  numeric::Precision least;
  least.weight_bits = least.act_bits = least.output_bits = 1;
  least.acc_bits = least.psum_bits = numeric::kMinAccBits;
  least.weight_signed = least.act_signed = false;
  config.precisions.assign(config.network.layers.size(), least);
}

}  // namespace

void judge_plan(const RunConfig& config, const Settled& settled, base::Problems& problems) {
  if (!settled.parts.arch || !settled.parts.network) return;
  if (settled.widths) {
    Judge(config, settled.priced, problems).judge(settled.mapping);
    return;
  }
  if (config.accelerator.pim) return;  // which layers it takes depends on their widths
  RunConfig least = config;
  const bool partly = config.precisions.size() == config.network.layers.size();
  if (!partly) narrow(least);
  for (numeric::Precision& precision : least.precisions) {  // told already
    precision.acc_bits = std::min(precision.acc_bits, config.accelerator.mac_array.pe.acc_bits);
  }
  base::Problems found;
  Judge(std::move(least), settled.priced, found).judge(settled.mapping);
  const char* assuming =
      partly ? "even with one bit for each width in doubt: " : "even with operands of one bit: ";
  try {
    found.throw_if_any();
  } catch (const base::UserError& error) {
    for (const base::Problem& problem : error.problems()) {
      problems.add(problem.where, assuming + problem.message);
    }
  }
}

PlannedRun plan_run(RunConfig config) {
  base::Problems first, all;
  std::optional<PlannedRun> planned;
  if (collect(first, [&] { planned.emplace(config); })) return std::move(*planned);
  Settled settled;
  settled.parts = {true, true, true, true};
  settled.widths = settled.priced = true;
  judge_plan(config, settled, all);
  all.throw_if_any();
  first.throw_if_any();
  throw base::InternalError("a plan without a problem was refused");
}

PlannedRun load_plan(const RunRequest& request, const Catalog& catalog) {
  Loaded loaded = load_all(request, catalog, Scope::Run);
  if (loaded.problems.empty()) return plan_run(std::move(loaded.config));
  judge_plan(loaded.config, loaded.settled, loaded.problems);
  loaded.problems.throw_if_any();
  throw base::InternalError("a configuration without a problem was refused");
}

}  // namespace bitscale::run
