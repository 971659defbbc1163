#include "sim/mapping/mapper.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>

#include "arch/base/error.h"
#include "sim/mapping/countable.h"
#include "sim/mapping/search.h"

namespace bitscale::mapping {
namespace {

// A set of resident live tensors after some task, and how it was reached.
struct State {
  std::vector<int> resident;
  Score score;
  int parent = -1;  // index in the step before
  TaskMapping chosen;
};

// The states after a task, and where the one with each set of tensors stands.
struct Step {
  std::vector<State> states;
  std::map<std::vector<int>, std::size_t> by_set;
};

// A plan's score and, where that is equal, its time in the state that was not asked for.
struct Totals {
  Score score;
  double other_cycles = 0;

  bool beat(const Totals& other) const {
    if (better(score, other.score)) return true;
    return !better(other.score, score) && other_cycles < other.other_cycles;
  }
};

class Planner {
 public:
  Planner(const TaskGraph& graph, const spec::AcceleratorSpec& accelerator, Objective objective,
          const cost::CostModel* prices, SearchMemo* memo)
      : graph_(graph), accelerator_(accelerator) {
    SearchMemo own;
    if (memo == nullptr) memo = &own;
    const std::string design = tiling_design_key(accelerator);
    std::unordered_map<std::string, std::size_t> known;
    searches_.reserve(graph.tasks.size());
    for (const Task& task : graph.tasks) {
      const std::string shape = shape_key(task);
      const auto [found, is_new] = known.emplace(shape, searches_.size());
      if (is_new) {
        searches_.emplace_back(task, accelerator, objective, prices,
                               memo->space(design, shape, task, accelerator));
      }
      search_of_.push_back(found->second);
    }
  }

  NetworkMapping plan() {
    std::vector<std::size_t> by_size = weight_layers();
    NetworkMapping best;
    Totals best_totals;
    for (const std::size_t count : pin_counts(by_size.size())) {
      pinned_.assign(graph_.tasks.size(), false);
      for (std::size_t i = 0; i < pinned_.size(); ++i) pinned_[i] = graph_.tasks[i].pim_resident;
      pinned_bytes_ = 0;
      for (std::size_t i = 0; i < count; ++i) {
        pinned_[by_size[i]] = true;
        pinned_bytes_ += weight_bytes(by_size[i]);
      }
      NetworkMapping mapping;
      const auto score = plan_activations(mapping);
      if (!score) continue;
      const Totals totals{*score, by_size.empty() ? 0 : other_state_cycles(mapping)};
      if (best.tasks.empty() || totals.beat(best_totals)) {
        best_totals = totals;
        best = std::move(mapping);
      }
    }
    best.most_states = most_states_;
    best.dropped_states = dropped_states_;
    if (best.tasks.empty() && !graph_.tasks.empty()) report_too_small();
    return best;
  }

 private:
  // Tasks with weights to pin, smallest first.
  std::vector<std::size_t> weight_layers() const {
    std::vector<std::size_t> list;
    if (accelerator_.residency != spec::Residency::Network) return list;
    for (std::size_t i = 0; i < graph_.tasks.size(); ++i) {
      const Task& task = graph_.tasks[i];
      if (task.has_macs && !task.on_pim && task.second_input == kNoTensor) list.push_back(i);
    }
    std::stable_sort(list.begin(), list.end(), [this](std::size_t a, std::size_t b) {
      return weight_bytes(a) < weight_bytes(b);
    });
    return list;
  }

  static std::vector<std::size_t> pin_counts(std::size_t layers) {
    std::vector<std::size_t> counts{0};
    for (std::size_t count = 1; count < layers; count *= 2) counts.push_back(count);
    if (layers > 0) counts.push_back(layers);
    return counts;
  }

  std::int64_t weight_bytes(std::size_t index) const {
    return pinned_weight_bytes(accelerator_, graph_.tasks[index]);
  }

  std::int64_t tensor_bytes(int tensor) const {
    return resident_bytes(accelerator_, graph_.tensors[static_cast<std::size_t>(tensor)]);
  }

  Room room_beside(const std::vector<int>& resident, std::int64_t output_bytes) const {
    Room room = whole_room(accelerator_.buffers);
    std::int64_t used = output_bytes;
    for (const int tensor : resident) used += tensor_bytes(tensor);
    room.weight_bytes -= pinned_bytes_;
    (accelerator_.buffers.shared ? room.weight_bytes : room.act_bytes) -= used;
    return room;
  }

  Placement placement(std::size_t index, const std::vector<int>& resident, bool output) const {
    const Task& task = graph_.tasks[index];
    const auto stays = [&](int tensor) {
      return std::find(resident.begin(), resident.end(), tensor) != resident.end();
    };
    Placement result;
    result.input = stays(task.input);
    result.output = output;
    if (task.second_input != kNoTensor && stays(task.second_input)) {
      result.weights = WeightPlacement::OnChip;
    }
    if (pinned_[index]) result.weights = WeightPlacement::Pinned;
    for (std::size_t i = 0; i < task.skips.size(); ++i) {
      if (stays(task.skips[i])) result.keep_skip(i);
    }
    return result;
  }

  void extend(std::size_t index, const State& from, int parent, bool output, Step& next) {
    const int tensor = static_cast<int>(index);
    const Room room = room_beside(from.resident, output ? tensor_bytes(tensor) : 0);
    const Placement where = placement(index, from.resident, output);
    const auto choice = searches_[search_of_[index]].best(where, room);
    if (!choice) return;
    State state;
    state.score = from.score + choice->score;
    state.parent = parent;
    state.chosen = {choice->tiling, where};
    for (const int live : from.resident) {
      if (graph_.tensors[static_cast<std::size_t>(live)].last_use > tensor) {
        state.resident.push_back(live);
      }
    }
    if (output) state.resident.push_back(tensor);
    const auto [twin, is_new] = next.by_set.try_emplace(state.resident, next.states.size());
    if (is_new) {
      next.states.push_back(std::move(state));
    } else if (better(state.score, next.states[twin->second].score)) {
      next.states[twin->second] = std::move(state);
    }
  }

  // Keeps the best kMostStates.
  void cut(std::vector<State>& states) {
    most_states_ = std::max(most_states_, states.size());
    if (states.size() <= kMostStates) return;
    dropped_states_ += states.size() - kMostStates;
    std::stable_sort(states.begin(), states.end(),
                     [](const State& a, const State& b) { return better(a.score, b.score); });
    states.resize(kMostStates);
  }

  // Fills `mapping` with the best plan for the pinned weights; nothing when there is none.
  std::optional<Score> plan_activations(NetworkMapping& mapping) {
    std::vector<std::vector<State>> steps{{State{}}};
    for (std::size_t index = 0; index < graph_.tasks.size(); ++index) {
      Step next;
      const bool may_stay = accelerator_.residency != spec::Residency::None &&
                            graph_.tensors[index].last_use > static_cast<int>(index);
      for (std::size_t i = 0; i < steps.back().size(); ++i) {
        const State& from = steps.back()[i];
        extend(index, from, static_cast<int>(i), false, next);
        if (may_stay) extend(index, from, static_cast<int>(i), true, next);
      }
      if (next.states.empty()) return std::nullopt;
      cut(next.states);
      steps.push_back(std::move(next.states));
    }
    const auto best =
        std::min_element(steps.back().begin(), steps.back().end(),
                         [](const State& a, const State& b) { return better(a.score, b.score); });
    mapping.tasks.resize(graph_.tasks.size());
    const State* state = &*best;
    for (std::size_t step = graph_.tasks.size(); step > 0; --step) {
      mapping.tasks[step - 1] = state->chosen;
      state = &steps[step - 1][static_cast<std::size_t>(state->parent)];
    }
    return best->score;
  }

  double other_state_cycles(const NetworkMapping& mapping) const {
    const spec::RunState other =
        accelerator_.state == spec::RunState::Cold ? spec::RunState::Steady : spec::RunState::Cold;
    double cycles = 0;
    for (std::size_t i = 0; i < graph_.tasks.size(); ++i) {
      const TaskContext context(graph_.tasks[i], accelerator_);
      const TaskMapping& task = mapping.tasks[i];
      cycles += estimate(context, cost_tiling(context, task.tiling), task.placement, other)
                    .latency_cycles;
    }
    return cycles;
  }

  // "weight, act": the buffers that even the smallest tile overflows.
  std::string short_buffers(const Footprint& need, const Room& room) const {
    if (accelerator_.buffers.shared) return "shared";
    std::string names;
    const auto check = [&](const char* name, std::int64_t needed, std::int64_t there) {
      if (needed > there) names += (names.empty() ? "" : ", ") + std::string(name);
    };
    check("weight", need.weight_bytes, room.weight_bytes);
    check("act", need.act_bytes, room.act_bytes);
    check("output", need.output_bytes, room.output_bytes);
    return names;
  }

  // Each message ends in the names of the buffers, by which plan.cpp blames options.
  [[noreturn]] void report_too_small() {
    base::Problems problems;
    const Room room = whole_room(accelerator_.buffers);
    for (std::size_t i = 0; i < graph_.tasks.size(); ++i) {
      TaskSearch& search = searches_[search_of_[i]];
      if (search.best({}, room)) continue;
      const Footprint need = search.smallest();
      if (fits(accelerator_.buffers, need, room)) {
        problems.add("layer '" + graph_.tasks[i].name + "'",
                     "has more work than is counted: with every tile that fits the buffers some "
                     "count of cycles or bits can pass 4e18; lower the batch or give the buffers "
                     "more room");
        continue;
      }
      problems.add(
          "layer '" + graph_.tasks[i].name + "'",
          "no tile fits the buffers: the smallest needs " + std::to_string(need.weight_bytes) +
              " bytes of weights, " + std::to_string(need.act_bytes) + " of activations and " +
              std::to_string(need.output_bytes) + " of outputs; the design has " +
              (accelerator_.buffers.shared
                   ? std::to_string(room.weight_bytes) + " bytes in all"
                   : std::to_string(room.weight_bytes) + ", " + std::to_string(room.act_bytes) +
                         " and " + std::to_string(room.output_bytes)) +
              "; too small: " + short_buffers(need, room));
    }
    problems.throw_if_any();
    throw base::InternalError("no plan although every task fits alone");
  }

  const TaskGraph& graph_;
  const spec::AcceleratorSpec& accelerator_;
  std::vector<TaskSearch> searches_;    ///< one for all tasks of a shape
  std::vector<std::size_t> search_of_;  ///< per task
  std::vector<bool> pinned_;
  std::int64_t pinned_bytes_ = 0;
  std::size_t most_states_ = 0, dropped_states_ = 0;
};

// Latency × energy by the estimate, in the design's state.
double network_edp(const TaskGraph& graph, const spec::AcceleratorSpec& accelerator,
                   const cost::CostModel& prices, const NetworkMapping& mapping) {
  double cycles = 0, energy_pj = 0;
  for (std::size_t i = 0; i < graph.tasks.size(); ++i) {
    const TaskContext context(graph.tasks[i], accelerator);
    const TaskMapping& task = mapping.tasks[i];
    const cost::LayerActivity activity = estimate_activity(
        context, cost_tiling(context, task.tiling), task.placement, accelerator.state);
    cycles += static_cast<double>(activity.latency_cycles);
    energy_pj += prices.energy(activity, accelerator.clock_mhz).total_pj();
  }
  return cycles * energy_pj;
}

}  // namespace

std::int64_t resident_bytes(const spec::AcceleratorSpec& accelerator, const Tensor& tensor) {
  const spec::BuffersSpec& buffers = accelerator.buffers;
  return (buffer_bits(buffers, act_buffer(buffers), tensor.core_elements, tensor.bits) + 7) / 8;
}

std::int64_t pinned_weight_bytes(const spec::AcceleratorSpec& accelerator, const Task& task) {
  const spec::BuffersSpec& buffers = accelerator.buffers;
  if (task.on_pim) return 0;  // they stand in the cells
  const std::int64_t elements =
      task.core.groups * task.core.channels * task.core.reduction * task.taps();
  return (buffer_bits(buffers, buffers.weight, elements, task.weight_bits) + 7) / 8;
}

NetworkMapping map_network(const TaskGraph& graph, const spec::AcceleratorSpec& accelerator,
                           Objective objective, const cost::CostModel* prices, SearchMemo* memo) {
  if (objective != Objective::Edp) {
    NetworkMapping mapping = Planner(graph, accelerator, objective, prices, memo).plan();
    if (graph.may_overflow) check_sum(graph, accelerator, mapping);
    return mapping;
  }
  BITSCALE_INVARIANT(prices != nullptr, "an energy objective needs prices");
  SearchMemo own;
  if (memo == nullptr) memo = &own;
  NetworkMapping best;
  double least = 0;
  for (const Objective of : {Objective::Edp, Objective::Latency, Objective::Energy}) {
    NetworkMapping mapping = Planner(graph, accelerator, of, prices, memo).plan();
    if (graph.may_overflow) check_sum(graph, accelerator, mapping);
    const double edp = network_edp(graph, accelerator, *prices, mapping);
    if (!best.tasks.empty() && edp >= least) continue;
    least = edp;
    best = std::move(mapping);
  }
  return best;
}

}  // namespace bitscale::mapping
