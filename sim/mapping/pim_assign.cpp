#include "sim/mapping/pim_assign.h"

#include <algorithm>
#include <limits>
#include <vector>

#include "arch/base/error.h"
#include "sim/mapping/pim_work.h"
#include "sim/mapping/search.h"
#include "workloads/model/precision_plan.h"

namespace bitscale::mapping {
namespace {

constexpr double kImpossible = std::numeric_limits<double>::infinity();

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
    if (pim_.assignment != spec::PimAssignment::Auto &&
        pim_.weights != spec::PimWeights::Reloaded) {
      try {
        keep_weights();
      } catch (const base::UserError& error) {
        for (const base::Problem& problem : error.problems()) {
          problems_.add(problem.where, problem.message);
        }
      }
    }
    problems_.throw_if_any();
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
      if (pattern == "*") continue;  // the default; a network may have no MACs at all
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
    } else if (pim_.weights == spec::PimWeights::Resident) {
      refuse(needed, "the weights of " + graph_.network);
    }
  }

  [[noreturn]] void refuse(std::int64_t needed, const std::string& what) const {
    const std::int64_t cell_bits = pim_.cells() * pim_.bits_per_cell;
    throw base::UserError(
        "design '" + accelerator_.name + "'",
        what + " do not fit its PIM arrays: they need " + std::to_string(needed) +
            " arrays per core (" + std::to_string(needed * cell_bits / 8) +
            " bytes of cells), it has " + std::to_string(pim_.arrays) + " (" +
            std::to_string(pim_.arrays * cell_bits / 8) +
            " bytes); add arrays, lower the widths or set pim/weights to reloaded");
  }

  // The objective's value of the task where and as it is placed; infinite where nothing fits.
  double value(const Task& task) const {
    TaskSearch search(task, accelerator_, objective_, prices_);
    Placement placement;
    if (task.pim_resident) placement.weights = WeightPlacement::Pinned;
    const auto choice = search.best(placement, whole_room(accelerator_.buffers));
    return choice ? choice->score.value : kImpossible;
  }

  // A task that the patterns give to the PIM arrays, and what it is worth in each place.
  struct Choice {
    Task* task = nullptr;
    std::int64_t arrays = 0;
    double reloaded = 0, resident = 0, elsewhere = 0;
    bool stays = false;  // in the choice under way

    // Of residence on PIM arrays.
    double gain() const { return elsewhere == kImpossible ? kImpossible : elsewhere - resident; }
  };

  std::vector<Choice> choices() const {
    std::vector<Choice> list;
    for (Task& task : graph_.tasks) {
      if (!task.on_pim) continue;
      Choice choice;
      choice.task = &task;
      choice.arrays = arrays_of(task);
      Task other = task;
      if (pim_.weights != spec::PimWeights::Resident) choice.reloaded = value(other);
      other.pim_resident = true;
      if (pim_.weights != spec::PimWeights::Reloaded) choice.resident = value(other);
      other.on_pim = other.pim_resident = false;
      choice.elsewhere = fits_mac_array(accelerator_, other) ? value(other) : kImpossible;
      list.push_back(choice);
    }
    return list;
  }

  static std::int64_t arrays_of(const std::vector<Choice>& list) {
    std::int64_t sum = 0;
    for (const Choice& choice : list) sum += choice.stays ? choice.arrays : 0;
    return sum;
  }

  static double sum(const std::vector<Choice>& list, double Choice::*on_pim) {
    double total = 0;
    for (const Choice& choice : list) total += choice.stays ? choice.*on_pim : choice.elsewhere;
    return total;
  }

  // Those that do better on PIM arrays although they are written anew each time.
  static void choose_reloaded(std::vector<Choice>& list) {
    for (Choice& choice : list) choice.stays = choice.reloaded <= choice.elsewhere;
  }

  // Those that do better when they stay in the cells, as many as fit: what can run nowhere else,
  // then by what an array gains. False when not even the former fit.
  bool choose_resident(std::vector<Choice>& list) const {
    std::vector<Choice*> order;
    for (Choice& choice : list) {
      choice.stays = false;
      if (choice.resident <= choice.elsewhere) order.push_back(&choice);
    }
    std::stable_sort(order.begin(), order.end(), [](const Choice* a, const Choice* b) {
      return a->gain() * static_cast<double>(b->arrays) >
             b->gain() * static_cast<double>(a->arrays);
    });
    std::int64_t left = pim_.arrays;
    for (Choice* choice : order) {
      choice->stays = choice->arrays <= left;
      if (!choice->stays && choice->elsewhere == kImpossible) return false;
      if (choice->stays) left -= choice->arrays;
    }
    return true;
  }

  void place_all(const std::vector<Choice>& list, bool resident) {
    for (const Choice& choice : list) {
      choice.task->on_pim = choice.stays;
      choice.task->pim_resident = choice.stays && resident;
    }
  }

  void choose_each() {
    std::vector<Choice> kept = choices();
    std::vector<Choice> written = kept;
    choose_reloaded(written);
    if (pim_.weights == spec::PimWeights::Reloaded) return place_all(written, false);
    const bool can_keep = choose_resident(kept);
    if (pim_.weights == spec::PimWeights::Resident) {
      if (!can_keep) refuse_captives(kept);
      return place_all(kept, true);
    }
    // What does better although it is written anew stays as well where it fits.
    const bool all_stay = arrays_of(written) <= pim_.arrays;
    const double other = sum(written, all_stay ? &Choice::resident : &Choice::reloaded);
    if (can_keep && sum(kept, &Choice::resident) <= other) return place_all(kept, true);
    place_all(written, all_stay);
  }

  // Layers that no other unit can run, and that do not fit.
  [[noreturn]] void refuse_captives(const std::vector<Choice>& list) const {
    std::int64_t needed = 0;
    for (const Choice& choice : list) {
      if (choice.elsewhere == kImpossible) needed += choice.arrays;
    }
    refuse(needed,
           "the weights of those layers of " + graph_.network + " that the MAC array cannot run");
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
