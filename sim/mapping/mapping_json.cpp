#include "sim/mapping/mapping_json.h"

#include <array>
#include <utility>
#include <vector>

#include "arch/base/is_sound.h"
#include "sim/mapping/mapping_check.h"

namespace bitscale::mapping {
namespace {

enum class OutputPlace { Dram, OnChip };
const base::NameTable<OutputPlace> kOutputPlaceNames = {{OutputPlace::Dram, "dram"},
                                                        {OutputPlace::OnChip, "on_chip"}};
// What a document may say of weights; on_chip follows from the maker of a second operand.
const base::NameTable<WeightPlacement> kWeightChoiceNames = {
    {WeightPlacement::Streamed, "streamed"}, {WeightPlacement::Pinned, "pinned"}};

struct Extent {
  const char* key;
  std::int64_t Tiling::*tile;
  std::int64_t Extents::*core;
};
constexpr std::array<Extent, 6> kExtents = {{{"groups", &Tiling::groups, &Extents::groups},
                                             {"channels", &Tiling::channels, &Extents::channels},
                                             {"reduction", &Tiling::reduction, &Extents::reduction},
                                             {"images", &Tiling::images, &Extents::images},
                                             {"rows", &Tiling::rows, &Extents::rows},
                                             {"cols", &Tiling::cols, &Extents::cols}}};

// The index of the task an entry names, or none after a problem.
std::size_t named_task(base::JsonReader& entry, const TaskGraph& graph,
                       const std::vector<bool>& seen) {
  const std::size_t none = graph.tasks.size();
  const std::string name = entry.string("name");
  std::vector<std::string> names;
  for (std::size_t i = 0; i < graph.tasks.size(); ++i) {
    if (graph.tasks[i].name == name) {
      if (!seen[i]) return i;
      entry.problem("task '" + name + "' is mapped twice", "name");
      return none;
    }
    names.push_back(graph.tasks[i].name);
  }
  const std::string near = base::nearest(name, names);
  entry.problem("network '" + graph.network + "' has no task '" + name + "' on this design" +
                    (near.empty() ? "" : "; did you mean '" + near + "'?"),
                "name");
  return none;
}

TaskMapping read_task(base::JsonReader& entry) {
  TaskMapping mapping;
  base::JsonReader tile = entry.object("tile");
  for (const Extent& extent : kExtents) {
    mapping.tiling.*extent.tile = tile.integer(extent.key, {1, std::int64_t{1} << 40}, 1);
  }
  tile.finish();
  std::vector<base::JsonReader> order = entry.array("order");
  if (order.size() != 3) {
    entry.problem("expected the three loops channels, pixels and reduction, given " +
                      std::to_string(order.size()),
                  "order");
  }
  for (std::size_t i = 0; i < order.size() && i < 3; ++i) {
    mapping.tiling.order[i] = order[i].as_one_of(kLoopNames);
  }
  mapping.placement.output =
      entry.one_of("output", kOutputPlaceNames, OutputPlace::Dram) == OutputPlace::OnChip;
  mapping.placement.weights =
      entry.one_of("weights", kWeightChoiceNames, WeightPlacement::Streamed);
  entry.finish();
  return mapping;
}

// Extents beyond their loops, each at its place; false when there are some.
bool check_extents(base::JsonReader& entry, const Task& task, const Tiling& tiling) {
  bool inside = true;
  for (const Extent& extent : kExtents) {
    const std::int64_t most = task.core.*extent.core;
    const std::int64_t given = tiling.*extent.tile;
    if (given <= most) continue;
    inside = false;
    entry.problem("task '" + task.name + "': expected 1 to " + std::to_string(most) +
                      (task.active_cores() > 1 ? ", what one core has of them" : "") + ", given " +
                      std::to_string(given),
                  std::string("tile/") + extent.key);
  }
  return inside;
}

std::string loop_line(int depth, const std::string& text) {
  return std::string(static_cast<std::size_t>(depth) * 2, ' ') + text + "\n";
}

std::string extent_text(Loop loop, const Task& task, const Tiling& tiling) {
  const auto of = [](std::int64_t tile, std::int64_t all, const char* what) {
    return std::to_string(tile) + " of " + std::to_string(all) + " " + what;
  };
  switch (loop) {
    case Loop::Channels:
      return of(tiling.channels, task.core.channels, "channels") +
             (task.core.groups > 1 ? ", " + of(tiling.groups, task.core.groups, "groups") : "");
    case Loop::Pixels:
      return of(tiling.rows, task.core.rows, "rows") + ", " +
             of(tiling.cols, task.core.cols, "cols") +
             (task.core.images > 1 ? ", " + of(tiling.images, task.core.images, "images") : "");
    case Loop::Reduction:
      break;
  }
  return of(tiling.reduction, task.core.reduction, "input channels") +
         (task.taps() > 1 ? ", all " + std::to_string(task.taps()) + " taps" : "");
}

std::string nest(const Task& task, const TaskMapping& mapping) {
  const Trips counts = trips(task.core, mapping.tiling);
  std::string text = task.name + " (" + task.kind + ")";
  if (task.full_cores + (task.has_last ? 1 : 0) > 1) {
    text += ", on each of " + std::to_string(task.full_cores + (task.has_last ? 1 : 0)) + " cores";
  }
  text += "\n";
  int depth = 1;
  for (const Loop loop : mapping.tiling.order) {
    text += loop_line(depth++, "for " + std::string(kLoopNames.name(loop)) + " in " +
                                   std::to_string(counts.of(loop)) + " tiles of " +
                                   extent_text(loop, task, mapping.tiling));
  }
  const Placement& placement = mapping.placement;
  std::string where = std::string("input ") + (placement.input ? "on chip" : "from DRAM");
  if (task.has_macs)
    where += ", weights " + std::string(kWeightPlacementNames.name(placement.weights));
  where += std::string(", output ") + (placement.output ? "stays on chip" : "to DRAM");
  return text + loop_line(depth, where);
}

}  // namespace

void write_mapping(base::JsonWriter& json, const TaskGraph& graph, const NetworkMapping& mapping) {
  json.begin_object();
  json.member("schema_version", kMappingSchemaVersion).member("network", graph.network);
  json.begin_array("tasks");
  for (std::size_t i = 0; i < graph.tasks.size(); ++i) {
    const TaskMapping& task = mapping.tasks[i];
    json.begin_object().member("name", graph.tasks[i].name);
    json.begin_object("tile");
    for (const Extent& extent : kExtents) json.member(extent.key, task.tiling.*extent.tile);
    json.end();
    json.begin_array("order");
    for (const Loop loop : task.tiling.order) json.value(kLoopNames.name(loop));
    json.end();
    json.member("output", kOutputPlaceNames.name(task.placement.output ? OutputPlace::OnChip
                                                                       : OutputPlace::Dram));
    if (task.placement.weights != WeightPlacement::OnChip) {
      json.member("weights", kWeightChoiceNames.name(task.placement.weights));
    }
    json.end();
  }
  json.end().end();
}

NetworkMapping read_mapping(base::JsonReader& reader, const TaskGraph& graph,
                            const spec::AcceleratorSpec& accelerator) {
  const std::size_t count = graph.tasks.size();
  NetworkMapping mapping;
  mapping.tasks.resize(count);
  std::vector<bool> seen(count, false);
  std::vector<std::pair<std::size_t, base::JsonReader>> places;
  bool complete = true;  // each task has an entry without a problem
  reader.schema_version(kMappingSchemaVersion);
  const std::string network = reader.string("network", graph.network);
  if (network != graph.network && !network.empty()) {
    reader.problem("a mapping of the network '" + network + "', not of '" + graph.network + "'",
                   "network");
  }
  for (base::JsonReader& entry : reader.array("tasks")) {
    const std::size_t index = named_task(entry, graph, seen);
    const TaskMapping task = read_task(entry);
    if (index == count) continue;
    seen[index] = true;
    mapping.tasks[index] = task;
    const bool sound = base::is_sound(entry, [](base::JsonReader& alone) {
      alone.string("name");
      read_task(alone);
    });
    complete = complete && sound;
    if (sound && check_extents(entry, graph.tasks[index], task.tiling)) {
      places.emplace_back(index, entry);
    }
  }
  reader.finish();
  const base::JsonValue* tasks = reader.value().find("tasks");
  if (tasks == nullptr || tasks->kind != base::JsonValue::Kind::Array) return mapping;
  for (std::size_t i = 0; i < count; ++i) {
    if (seen[i]) continue;
    complete = false;
    reader.problem("task '" + graph.tasks[i].name + "' is missing", "tasks");
  }
  for (std::size_t i = 0; i < count && complete; ++i) {
    mapping.tasks[i].placement = derived_placement(graph, mapping, i);
  }
  for (auto& [index, entry] : places) {
    const std::string problem = complete
                                    ? mapping_problem(graph, accelerator, mapping, index)
                                    : lone_problem(graph, accelerator, mapping.tasks[index], index);
    if (!problem.empty()) entry.problem("task '" + graph.tasks[index].name + "': " + problem);
  }
  return mapping;
}

std::string loop_nests(const TaskGraph& graph, const NetworkMapping& mapping) {
  std::string text;
  for (std::size_t i = 0; i < graph.tasks.size(); ++i) {
    text += nest(graph.tasks[i], mapping.tasks[i]);
  }
  return text;
}

}  // namespace bitscale::mapping
