#include "sim/mapping/search.h"

#include <algorithm>

#include "arch/base/error.h"
#include "sim/mapping/pim_work.h"

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
  BITSCALE_INVARIANT(objective == Objective::Latency || prices != nullptr,
                     "an energy objective needs prices");
  const auto total = [&](const Candidate& candidate) {
    const Footprint all = need(candidate.sizes, {});
    return all.weight_bytes + all.act_bytes + all.output_bytes;
  };
  const auto least =
      std::min_element(candidates_.begin(), candidates_.end(),
                       [&](const Candidate& a, const Candidate& b) { return total(a) < total(b); });
  smallest_ = need(least->sizes, {});
  // The least room any placement needs: all operands already on chip.
  const Room whole = whole_room(accelerator.buffers);
  const Placement resident{true, true, ~0u, WeightPlacement::OnChip};
  candidates_.erase(std::remove_if(candidates_.begin(), candidates_.end(),
                                   [&](const Candidate& candidate) {
                                     return !fits(accelerator.buffers,
                                                  need(candidate.sizes, resident), whole);
                                   }),
                    candidates_.end());
  costed_.assign(candidates_.size(), -1);
}

double TaskSearch::price(const cost::LayerActivity& activity) const {
  const double energy_pj = prices_->energy(activity, context_.accelerator->clock_mhz).total_pj();
  return objective_ == Objective::Energy ? energy_pj
                                         : energy_pj * static_cast<double>(activity.latency_cycles);
}

double TaskSearch::value(std::uint32_t index, const Placement& placement) {
  if (costed_[index] < 0) {
    costed_[index] = static_cast<std::int32_t>(costs_.size());
    costs_.push_back(cost_tiling(context_, candidates_[index].tiling));
  }
  const TilingCost& cost = costs_[static_cast<std::size_t>(costed_[index])];
  const spec::RunState state = context_.accelerator->state;
  if (objective_ == Objective::Latency) {
    return estimate(context_, cost, placement, state).latency_cycles;
  }
  return price(estimate_activity(context_, cost, placement, state));
}

TaskSearch::Bounder::Bounder(const TaskContext& context, const Placement& placement)
    : streamed_(placement.weights == WeightPlacement::Streamed && context.task->has_macs),
      loads_input_(!placement.input),
      busy_array_(context.task->has_macs && context.accelerator->buffers.double_buffering) {
  const Task& task = *context.task;
  const auto outputs = static_cast<double>(task.whole.outputs());
  for (std::size_t i = 0; i < task.skips.size(); ++i) {
    if (!placement.keeps_skip(i)) skip_bytes_ += outputs * task.skip_bits[i] / 8;
  }
  store_bytes_ = placement.output ? 0 : outputs * task.output_bits / 8;
  cycles_per_byte_ = 1 / context.accelerator->dram_bytes_per_cycle();
  post_cycles_ = static_cast<double>(task.core.outputs() * task.post_steps) /
                 static_cast<double>(context.accelerator->post_processing.lanes);
  if (streamed_ || loads_input_) {
    latency_cycles_ = static_cast<double>(context.accelerator->dram_latency_cycles());
  }
  exchange_cycles_ = static_cast<double>(exchange_cost(context, placement).cycles);
}

// Fills bounds_ with all candidates that fit. Energy is at least that of the MACs and the DRAM.
void TaskSearch::bound_all(const Placement& placement, const Room& room) {
  const spec::BuffersSpec& buffers = context_.accelerator->buffers;
  const Bounder bounder(context_, placement);
  cost::LayerActivity least;
  least.precision = context_.task->precision;
  TileWork macs;
  macs.macs = context_.task->macs;
  count_macs(context_, macs, least);
  least.count(cost::Action::DramWriteBit) = static_cast<std::int64_t>(bounder.stores() * 8);
  bounds_.clear();
  for (std::uint32_t i = 0; i < candidates_.size(); ++i) {
    const Candidate& candidate = candidates_[i];
    if (!fits(buffers, need(candidate.sizes, placement), room)) continue;
    double bound = bounder.cycles(candidate);
    if (objective_ != Objective::Latency) {
      least.latency_cycles = static_cast<std::int64_t>(bound);
      least.count(cost::Action::DramReadBit) =
          static_cast<std::int64_t>(bounder.loads(candidate) * 8);
      bound = Bounder::kRounding * price(least);
    }
    bounds_.push_back({bound, i});
  }
}

std::optional<TaskSearch::Choice> TaskSearch::search(const Placement& placement, const Room& room) {
  bound_all(placement, room);
  if (bounds_.empty()) return std::nullopt;
  const auto before = [](const Bound& a, const Bound& b) {
    return a.value != b.value ? a.value < b.value : a.index < b.index;
  };
  // The most promising candidate first: it rules out most others.
  const auto first = std::min_element(bounds_.begin(), bounds_.end(), before);
  Bound best{value(first->index, placement), first->index};
  bounds_.erase(std::remove_if(bounds_.begin(), bounds_.end(),
                               [&](const Bound& bound) { return bound.value >= best.value; }),
                bounds_.end());
  std::sort(bounds_.begin(), bounds_.end(), before);
  for (const Bound& bound : bounds_) {
    if (bound.value >= best.value) break;
    const double candidate = value(bound.index, placement);
    if (candidate < best.value) best = {candidate, bound.index};
  }
  return Choice{best.value, candidates_[best.index].tiling, candidates_[best.index].sizes};
}

std::optional<TaskSearch::Choice> TaskSearch::best(const Placement& placement, const Room& room) {
  const spec::BuffersSpec& buffers = context_.accelerator->buffers;
  for (const Question& question : asked_) {
    if (!same(question.placement, placement) || !question.room.holds(room)) continue;
    // What was best with more room is so with less if it fits.
    if (!question.answer || fits(buffers, need(question.answer->sizes, placement), room)) {
      return question.answer;
    }
  }
  const auto answer = search(placement, room);
  asked_.push_back({placement, room, answer});
  return answer;
}

Footprint TaskSearch::smallest() const { return smallest_; }

}  // namespace bitscale::mapping
