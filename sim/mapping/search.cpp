#include "sim/mapping/search.h"

#include <algorithm>

#include "arch/base/error.h"

namespace bitscale::mapping {
namespace {

bool same(const Placement& a, const Placement& b) {
  return a.input == b.input && a.output == b.output && a.skips == b.skips && a.weights == b.weights;
}

}  // namespace

Room whole_room(const spec::BuffersSpec& buffers) {
  if (buffers.shared) return {buffers.weight.capacity_bytes, 0, 0};
  return {buffers.weight.capacity_bytes, buffers.act.capacity_bytes, buffers.output.capacity_bytes};
}

bool fits(const spec::BuffersSpec& buffers, const Footprint& need, const Room& room) {
  if (buffers.shared) {
    return need.weight_bytes + need.act_bytes + need.output_bytes <= room.weight_bytes;
  }
  return need.weight_bytes <= room.weight_bytes && need.act_bytes <= room.act_bytes &&
         need.output_bytes <= room.output_bytes;
}

TaskSearch::TaskSearch(const Task& task, const spec::AcceleratorSpec& accelerator,
                       Objective objective, const cost::CostModel* prices)
    : context_(task, accelerator),
      objective_(objective),
      prices_(prices),
      candidates_(candidates(context_)) {
  Placement resident;  // the least a candidate can need
  resident.input = resident.output = true;
  resident.skips = ~0u;
  resident.weights = WeightPlacement::OnChip;
  const Room whole = whole_room(accelerator.buffers);
  for (std::size_t i = 0; i < candidates_.size(); ++i) {
    if (fits(accelerator.buffers, footprint(context_, candidates_[i], resident), whole)) {
      by_cycles_.push_back(static_cast<std::uint32_t>(i));
    }
  }
  std::stable_sort(by_cycles_.begin(), by_cycles_.end(), [this](std::uint32_t a, std::uint32_t b) {
    return candidates_[a].work.cycles < candidates_[b].work.cycles;
  });
  BITSCALE_INVARIANT(objective == Objective::Latency || prices != nullptr,
                     "an energy objective needs prices");
}

double TaskSearch::value(const TilingCost& cost, const Placement& placement) const {
  const spec::RunState state = context_.accelerator->state;
  if (objective_ == Objective::Latency) {
    return estimate(context_, cost, placement, state).latency_cycles;
  }
  const cost::LayerActivity activity = estimate_activity(context_, cost, placement, state);
  const double energy_pj = prices_->energy(activity, context_.accelerator->clock_mhz).total_pj();
  return objective_ == Objective::Energy ? energy_pj
                                         : energy_pj * static_cast<double>(activity.latency_cycles);
}

std::optional<TaskSearch::Choice> TaskSearch::best(const Placement& placement, const Room& room) {
  for (const Question& question : asked_) {
    if (same(question.placement, placement) && question.room == room) return question.answer;
  }
  std::optional<Choice> best;
  // Latency is at least the array's cycles, and candidates are sorted by those.
  const bool bounded = objective_ == Objective::Latency &&
                       context_.accelerator->mac_array.cycle_model == spec::CycleModel::Rtl;
  for (const std::uint32_t index : by_cycles_) {
    const TilingCost& cost = candidates_[index];
    if (bounded && best && static_cast<double>(cost.work.cycles) >= best->value) break;
    if (!fits(context_.accelerator->buffers, footprint(context_, cost, placement), room)) continue;
    const double candidate = value(cost, placement);
    if (!best || candidate < best->value) best = Choice{candidate, &cost};
  }
  asked_.push_back({placement, room, best});
  return best;
}

Footprint TaskSearch::smallest() const {
  Footprint least;
  std::int64_t least_sum = 0;
  for (const TilingCost& cost : candidates_) {
    const Footprint need = footprint(context_, cost, {});
    const std::int64_t sum = need.weight_bytes + need.act_bytes + need.output_bytes;
    if (least_sum == 0 || sum < least_sum) {
      least = need;
      least_sum = sum;
    }
  }
  return least;
}

}  // namespace bitscale::mapping
