#include "sim/mapping/pim_assign.h"

#include <algorithm>
#include <optional>

#include "arch/base/error.h"
#include "sim/mapping/pim_work.h"
#include "sim/mapping/search.h"
#include "workloads/model/precision_plan.h"

namespace bitscale::mapping {
namespace {

std::string widths(const Task& task) {
  return "weights of " + std::to_string(task.precision.weight_bits) + " bits and activations of " +
         std::to_string(task.precision.act_bits) + " bits";
}

bool fits_mac_array(const spec::AcceleratorSpec& accelerator, const Task& task) {
  return spec::supports(accelerator.mac_array.pe, task.precision.weight_bits,
                        task.precision.act_bits);
}

class Assigner {
 public:
  Assigner(TaskGraph& graph, const spec::AcceleratorSpec& accelerator, Objective objective,
           const cost::CostModel* prices)
      : graph_(graph),
        accelerator_(accelerator),
        pim_(*accelerator.pim),
        objective_(objective),
        prices_(prices) {}

  void assign() {
    check_patterns();
    for (Task& task : graph_.tasks) {
      if (task.has_macs && wanted(task)) place(task);
      if (task.has_macs && !task.on_pim && !fits_mac_array(accelerator_, task)) {
        problems_.add("layer '" + task.name + "'",
                      widths(task) + " are wider than the PE's " +
                          std::to_string(accelerator_.mac_array.pe.weight_bits) + " and " +
                          std::to_string(accelerator_.mac_array.pe.act_bits) + " bits");
      }
    }
    problems_.throw_if_any();
    if (pim_.weights != spec::PimWeights::Reloaded) keep_weights();
    if (pim_.assignment == spec::PimAssignment::Auto) choose_each();
  }

 private:
  bool wanted(const Task& task) const {
    return std::any_of(pim_.layers.begin(), pim_.layers.end(),
                       [&](const std::string& pattern) { return names(pattern, task); });
  }

  // A task has the name of its first layer and "+…" for what is fused.
  static bool names(const std::string& pattern, const Task& task) {
    return model::matches(pattern, task.name.substr(0, task.name.find('+')));
  }

  void check_patterns() {
    for (const std::string& pattern : pim_.layers) {
      if (std::none_of(graph_.tasks.begin(), graph_.tasks.end(),
                       [&](const Task& task) { return task.has_macs && names(pattern, task); })) {
        problems_.add("pim/layers",
                      "'" + pattern + "' matches no layer with MACs of " + graph_.network);
      }
    }
  }

  void place(Task& task) {
    const std::string obstacle = pim_obstacle(pim_, task);
    task.on_pim = obstacle.empty();
    if (task.on_pim || pim_.unsupported == spec::PimUnsupported::MacArray) return;
    problems_.add("layer '" + task.name + "'", obstacle);
  }

  std::int64_t arrays_of(const Task& task) const { return pim_grid(pim_, task, task.core).arrays; }

  void keep_weights() {
    std::int64_t needed = 0;
    for (const Task& task : graph_.tasks) {
      if (task.on_pim) needed += arrays_of(task);
    }
    if (needed <= pim_.arrays) {
      for (Task& task : graph_.tasks) task.pim_resident = task.on_pim;
      return;
    }
    if (pim_.weights == spec::PimWeights::Auto) return;
    const std::int64_t cell_bits = pim_.cells() * pim_.bits_per_cell;
    throw base::UserError(
        "design '" + accelerator_.name + "'",
        "the weights of " + graph_.network + " do not fit its PIM arrays: they need " +
            std::to_string(needed) + " arrays per core (" + std::to_string(needed * cell_bits / 8) +
            " bytes of cells), it has " + std::to_string(pim_.arrays) + " (" +
            std::to_string(pim_.arrays * cell_bits / 8) +
            " bytes); add arrays, lower the widths or set pim/weights to reloaded");
  }

  std::optional<double> value(const Task& task) const {
    TaskSearch search(task, accelerator_, objective_, prices_);
    Placement placement;
    if (task.pim_resident) placement.weights = WeightPlacement::Pinned;
    const auto choice = search.best(placement, whole_room(accelerator_.buffers));
    if (!choice) return std::nullopt;
    return choice->score.value;
  }

  void choose_each() {
    for (Task& task : graph_.tasks) {
      if (!task.on_pim || !fits_mac_array(accelerator_, task)) continue;
      Task other = task;
      other.on_pim = other.pim_resident = false;
      const auto here = value(task);
      const auto there = value(other);
      if (there && (!here || *there < *here)) task = std::move(other);
    }
  }

  TaskGraph& graph_;
  const spec::AcceleratorSpec& accelerator_;
  const spec::PimArraySpec& pim_;
  Objective objective_;
  const cost::CostModel* prices_;
  base::Problems problems_;
};

}  // namespace

std::string pim_obstacle(const spec::PimArraySpec& pim, const Task& task) {
  if (task.second_input != kNoTensor) {
    return "a product of two activations cannot run on PIM arrays: it has no weights to write";
  }
  if (!spec::supports(pim, task.precision.weight_bits, task.precision.act_bits)) {
    return widths(task) + " are wider than the PIM array's " + std::to_string(pim.weight_bits) +
           " and " + std::to_string(pim.act_bits) + " bits";
  }
  const std::int64_t smallest = (task.taps() + pim.wordlines - 1) / pim.wordlines;
  if (smallest > pim.arrays) {
    return "one channel's kernel of " + std::to_string(task.taps()) + " weights needs " +
           std::to_string(smallest) + " PIM arrays of " + std::to_string(pim.wordlines) +
           " wordlines, a core has " + std::to_string(pim.arrays);
  }
  return "";
}

void assign_pim(TaskGraph& graph, const spec::AcceleratorSpec& accelerator, Objective objective,
                const cost::CostModel* prices) {
  if (accelerator.pim) Assigner(graph, accelerator, objective, prices).assign();
}

}  // namespace bitscale::mapping
