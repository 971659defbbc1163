#include "sim/mapping/mapping_check.h"

#include "sim/mapping/countable.h"
#include "sim/mapping/pim_work.h"
#include "sim/mapping/search.h"

namespace bitscale::mapping {
namespace {

bool stays(const NetworkMapping& mapping, int tensor) {
  return tensor >= 0 && mapping.tasks[static_cast<std::size_t>(tensor)].placement.output;
}

std::string placement_problem(const TaskGraph& graph, const spec::AcceleratorSpec& accelerator,
                              const Placement& placement, std::size_t index) {
  const Task& task = graph.tasks[index];
  if (placement.output && accelerator.residency == spec::Residency::None) {
    return "the output cannot stay on chip: the design's residency is none";
  }
  if (placement.output && graph.tensors[index].last_use == static_cast<int>(index)) {
    return "the output cannot stay on chip: no later layer reads it";
  }
  if (placement.weights == WeightPlacement::Pinned) {
    if (!task.has_macs || task.second_input != kNoTensor) return "it has no weights to pin";
    if (task.on_pim) return task.pim_resident ? "" : "its weights do not stay in the PIM cells";
    if (accelerator.residency != spec::Residency::Network) {
      return "weights can be pinned only when the design's residency is network";
    }
  }
  return "";
}

// Buffer bytes that tensors on chip leave free while the task runs.
Room free_room(const TaskGraph& graph, const spec::AcceleratorSpec& accelerator,
               const NetworkMapping& mapping, std::size_t index) {
  Room room = whole_room(accelerator.buffers);
  for (std::size_t i = 0; i < graph.tasks.size(); ++i) {
    const Placement& placement = mapping.tasks[i].placement;
    if (placement.weights == WeightPlacement::Pinned) {
      room.weight_bytes -= pinned_weight_bytes(accelerator, graph.tasks[i]);
    }
    const bool alive = i <= index && graph.tensors[i].last_use >= static_cast<int>(index);
    if (placement.output && alive) {
      (accelerator.buffers.shared ? room.weight_bytes : room.act_bytes) -=
          resident_bytes(accelerator, graph.tensors[i]);
    }
  }
  return room;
}

// What is left beside the tensors on chip, or by how much they alone are too large.
std::string room_text(const spec::BuffersSpec& buffers, const Room& room) {
  const auto left = [](std::int64_t bytes) {
    return bytes >= 0 ? std::to_string(bytes)
                      : "0 (they alone are " + std::to_string(-bytes) + " bytes too large)";
  };
  if (buffers.shared) return left(room.weight_bytes) + " bytes in all";
  return left(room.weight_bytes) + ", " + left(room.act_bytes) + " and " + left(room.output_bytes);
}

// What does not depend on the other tasks, but for the buffers' room.
std::string rule_problem(const TaskGraph& graph, const spec::AcceleratorSpec& accelerator,
                         const TaskMapping& mine, std::size_t index) {
  const Task& task = graph.tasks[index];
  std::string problem = tiling_problem(task, mine.tiling);
  if (problem.empty()) problem = placement_problem(graph, accelerator, mine.placement, index);
  if (!problem.empty()) return problem;
  const TaskContext context(task, accelerator);
  if (task.may_overflow && !task.on_pim && !is_countable(context, mine.tiling)) {
    return "the tile is so small that some count of cycles or bits can pass 4e18";
  }
  return pim_tiling_problem(context, mine.tiling);
}

std::string fit_problem(const TaskContext& context, const Tiling& tiling,
                        const Placement& placement, const Room& room) {
  const TileSizes sizes = cost_tiling(context, tiling).sizes;
  const Footprint need = footprint(context, sizes, placement);
  const spec::BuffersSpec& buffers = context.accelerator->buffers;
  if (fits(buffers, need, room)) return "";
  const auto text = [](std::int64_t bytes) { return std::to_string(bytes); };
  return "the tile does not fit: it needs " + text(need.weight_bytes) + " bytes of weights, " +
         text(need.act_bytes) + " of activations and " + text(need.output_bytes) +
         " of outputs; beside the tensors that stay on chip there are " + room_text(buffers, room);
}

}  // namespace

Placement derived_placement(const TaskGraph& graph, const NetworkMapping& mapping,
                            std::size_t index) {
  const Task& task = graph.tasks[index];
  Placement placement = mapping.tasks[index].placement;
  placement.input = stays(mapping, task.input);
  placement.skips = 0;
  for (std::size_t i = 0; i < task.skips.size(); ++i) {
    if (stays(mapping, task.skips[i])) placement.keep_skip(i);
  }
  if (task.second_input != kNoTensor) {
    placement.weights =
        stays(mapping, task.second_input) ? WeightPlacement::OnChip : WeightPlacement::Streamed;
  }
  return placement;
}

std::string mapping_problem(const TaskGraph& graph, const spec::AcceleratorSpec& accelerator,
                            const NetworkMapping& mapping, std::size_t index) {
  const TaskMapping& mine = mapping.tasks[index];
  std::string problem = rule_problem(graph, accelerator, mine, index);
  if (!problem.empty()) return problem;
  return fit_problem({graph.tasks[index], accelerator}, mine.tiling, mine.placement,
                     free_room(graph, accelerator, mapping, index));
}

std::string lone_problem(const TaskGraph& graph, const spec::AcceleratorSpec& accelerator,
                         const TaskMapping& mine, std::size_t index) {
  std::string problem = rule_problem(graph, accelerator, mine, index);
  if (!problem.empty()) return problem;
  const Task& task = graph.tasks[index];
  Placement placement = mine.placement;
  placement.input = true;
  for (std::size_t i = 0; i < task.skips.size(); ++i) placement.keep_skip(i);
  if (task.second_input != kNoTensor) placement.weights = WeightPlacement::OnChip;
  return fit_problem({task, accelerator}, mine.tiling, placement, whole_room(accelerator.buffers));
}

}  // namespace bitscale::mapping
