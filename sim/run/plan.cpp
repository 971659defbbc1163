#include "sim/run/plan.h"

#include <optional>
#include <string_view>
#include <utility>

#include "arch/base/error.h"
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

// "layer 'conv1+add'" → "net.json:/layers/0"; "" for a name the network lacks.
std::string place_of_layer(const RunConfig& config, const std::string& where) {
  const std::size_t open = where.find('\'');
  const std::string_view task =
      open == std::string::npos ? std::string_view() : std::string_view(where).substr(open + 1);
  for (std::size_t i = 0; i < config.network.layers.size(); ++i) {
    const std::string& name = config.network.layers[i].name;
    if (task.substr(0, name.size()) != name) continue;
    const std::string_view rest = task.substr(name.size());
    if (rest == "'" || rest.substr(0, 1) == "+") {
      return file_of(config, "network") + ":/layers/" + std::to_string(i);
    }
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
      const std::string option = pointer == "/buffers"
                                     ? buffer_options(config, problem.message)
                                     : config.sets.latest_below("/arch" + pointer);
      const std::string place = option.empty() ? file_of(config, "arch") + ":" + pointer : option;
      const std::string layer = place_of_layer(config, problem.where);
      if (layer.empty()) {
        problems.push_back({place, problem.message});
      } else {
        groups.add(problem.where + " (" + layer + ")", place, {"", problem.message + advice});
      }
    }
    groups.append_to(problems);
    throw base::UserError(std::move(problems));
  }
}

mapping::NetworkMapping given_mapping(const RunConfig& config, const mapping::TaskGraph& graph) {
  base::Problems problems;
  base::JsonReader reader(*config.mapping, problems);
  mapping::NetworkMapping given = mapping::read_mapping(reader, graph, config.accelerator);
  problems.throw_if_any();
  return given;
}

}  // namespace

mapping::TaskGraph plan_tasks(const RunConfig& config, const cost::CostModel& prices) {
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

// The plan, or its problems: those of the tasks do not hide those of their mapping.
std::optional<PlannedRun> try_plan(RunConfig config, base::Problems& problems) {
  std::optional<PlannedRun> planned;
  collect(problems, [&] { planned.emplace(config); });
  if (planned) return planned;
  const cost::CostModel prices(config.accelerator, config.technology);
  base::Problems again;
  collect(again, [&] { plan_tasks(config, prices); });
  if (again.empty()) return planned;
  spec::PeSpec& pe = config.accelerator.mac_array.pe;  // a wider one takes the layers the same way
  pe.weight_bits = pe.act_bits = numeric::kMaxOperandBits;
  const cost::CostModel wide(config.accelerator, config.technology);
  std::optional<mapping::TaskGraph> graph;
  collect(again, [&] { graph = plan_tasks(config, wide); });
  if (graph) collect(problems, [&] { plan_mapping(config, *graph, wide); });
  return planned;
}

}  // namespace

PlannedRun load_plan(const RunRequest& request, const Catalog& catalog) {
  Assembly assembly = assemble(request, catalog, Scope::Run);
  base::Problems found;
  Resolution resolution = resolve_all(assembly.document, assembly.lost, found);
  blame_sets(assembly, found);
  resolution.config.inputs = std::move(assembly.inputs);
  resolution.config.sets = std::move(assembly.sets);
  std::optional<PlannedRun> planned;
  const RunConfig& config = resolution.config;
  if (resolution.plannable && !assembly.has_lost("mapping")) {
    planned = try_plan(config, assembly.problems);
  } else if (resolution.plannable) {
    collect(assembly.problems,
            [&] { plan_tasks(config, cost::CostModel(config.accelerator, config.technology)); });
  }
  assembly.problems.throw_if_any();
  return std::move(*planned);
}

}  // namespace bitscale::run
