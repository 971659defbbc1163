#include "sim/mapping/search.h"

#include <algorithm>
#include <cmath>
#include <limits>

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
    : TaskSearch(task, accelerator, objective, prices,
                 std::make_shared<TilingSpace>(task, accelerator)) {}

TaskSearch::TaskSearch(const Task& task, const spec::AcceleratorSpec& accelerator,
                       Objective objective, const cost::CostModel* prices,
                       std::shared_ptr<TilingSpace> space)
    : context_(task, accelerator),
      objective_(objective),
      prices_(prices),
      space_(std::move(space)) {
  BITSCALE_INVARIANT(objective == Objective::Latency || prices != nullptr,
                     "an energy objective needs prices");
}

double TaskSearch::price(const cost::LayerActivity& activity) const {
  const double energy_pj = prices_->energy(activity, context_.accelerator->clock_mhz).total_pj();
  return objective_ == Objective::Energy ? energy_pj
                                         : energy_pj * static_cast<double>(activity.latency_cycles);
}

TaskSearch::Rating TaskSearch::rate(std::uint32_t index, const Placement& placement) {
  const spec::RunState state = context_.accelerator->state;
  Rating rating;
  rating.index = index;
  if (objective_ == Objective::Latency) {
    const Estimate time = estimate(context_, space_->cost(index), placement, state);
    // Where tiles cost the array nothing, the smallest would win by the tail behind the last one.
    Pace pace = time.pace;
    if (folds_whole_layers(context_)) pace.post = 0;
    rating.score = {latency_cycles(pace) + time.exchange_cycles,
                    static_cast<double>(time.load_bytes + time.store_bytes), 0};
    rating.has_last = prices_ == nullptr;
    return rating;
  }
  const auto activity = estimate_activity(context_, space_->cost(index), placement, state);
  rating.score = {price(activity), static_cast<double>(activity.dram_bytes()),
                  static_cast<double>(activity.latency_cycles)};
  rating.has_last = true;
  return rating;
}

void TaskSearch::add_last(Rating& rating, const Placement& placement) {
  if (rating.has_last) return;
  rating.has_last = true;
  const auto activity = estimate_activity(context_, space_->cost(rating.index), placement,
                                          context_.accelerator->state);
  rating.score.last = prices_->energy(activity, context_.accelerator->clock_mhz).total_pj();
}

bool TaskSearch::beats(Rating& challenger, Rating& best, const Placement& placement) {
  if (same_value(challenger.score.value, best.score.value) &&
      same_value(challenger.score.dram_bytes, best.score.dram_bytes)) {
    add_last(challenger, placement);
    add_last(best, placement);
  }
  return better(challenger.score, best.score);
}

TaskSearch::Bounder::Bounder(const TaskContext& context, const Outlines& outlines,
                             const Placement& placement)
    : out_(outlines),
      weight_(placement.weights == WeightPlacement::Streamed && context.task->has_macs ? 1 : 0),
      input_(placement.input ? 0 : 1),
      busy_array_(context.task->has_macs && context.accelerator->buffers.double_buffering ? 1 : 0) {
  const Task& task = *context.task;
  const auto outputs = static_cast<double>(task.whole.outputs());
  for (std::size_t i = 0; i < task.skips.size(); ++i) {
    if (placement.keeps_skip(i)) continue;
    skip_rooms_.push_back(out_.skip_rooms[i].data());
    skip_bytes_ += outputs * task.skip_bits[i] / 8;
  }
  store_bytes_ = placement.output ? 0 : outputs * task.output_bits / 8;
  cycles_per_byte_ = 1 / context.accelerator->dram_bytes_per_cycle();
  if (!folds_whole_layers(context)) {
    post_cycles_ = static_cast<double>(task.core.outputs() * task.post_steps) /
                   static_cast<double>(context.accelerator->post_processing.lanes);
  }
  if (weight_ + input_ > 0) {
    latency_cycles_ = static_cast<double>(context.accelerator->dram_latency_cycles());
  }
  exchange_cycles_ = static_cast<double>(exchange_cost(context, placement).cycles);
}

// footprint() and fits() over columns. A streamed operand without MACs needs no room: 0 bytes.
void TaskSearch::Bounder::bound(const spec::BuffersSpec& buffers, const Room& room,
                                std::size_t count, double* bounds) const {
  constexpr double kNever = std::numeric_limits<double>::infinity();
  std::fill_n(bounds, count, 0.0);
  for (const double* skip_room : skip_rooms_) {
    for (std::size_t i = 0; i < count; ++i) bounds[i] += skip_room[i];
  }
  const auto act = [&](std::size_t i) {
    return out_.expanded_room[i] + input_ * out_.input_room[i] + bounds[i];
  };
  const auto weight_room = static_cast<double>(room.weight_bytes);
  if (buffers.shared) {
    for (std::size_t i = 0; i < count; ++i) {
      const double need = weight_ * out_.weight_room[i] + act(i) + out_.output_room[i];
      const double least = cycles(i);
      bounds[i] = need > weight_room ? kNever : least;
    }
    return;
  }
  const auto act_room = static_cast<double>(room.act_bytes);
  const auto output_room = static_cast<double>(room.output_bytes);
  for (std::size_t i = 0; i < count; ++i) {
    const double over =
        std::max(std::max(weight_ * out_.weight_room[i] - weight_room, act(i) - act_room),
                 out_.output_room[i] - output_room);
    const double least = cycles(i);
    bounds[i] = over > 0 ? kNever : least;
  }
}

// Fills bounds_. Energy is at least that of the MACs and the DRAM.
void TaskSearch::bound_all(const Placement& placement, const Room& room) {
  const Bounder bounder(context_, space_->outlines(), placement);
  bounds_.resize(space_->within(room.weight_bytes + room.act_bytes + room.output_bytes));
  bounder.bound(context_.accelerator->buffers, room, bounds_.size(), bounds_.data());
  if (objective_ == Objective::Latency) return;
  cost::LayerActivity least;
  least.precision = context_.task->precision;
  TileWork macs;
  macs.macs = context_.task->macs;
  count_macs(context_, macs, least);
  least.count(cost::Action::DramWriteBit) = static_cast<std::int64_t>(bounder.stores() * 8);
  for (std::size_t i = 0; i < bounds_.size(); ++i) {
    if (std::isinf(bounds_[i])) continue;
    least.latency_cycles = static_cast<std::int64_t>(bounds_[i]);
    least.count(cost::Action::DramReadBit) = static_cast<std::int64_t>(bounder.loads(i) * 8);
    bounds_[i] = Bounder::kRounding * price(least);
  }
}

TaskSearch::Bound TaskSearch::least_bound() const {
  Bound least{std::numeric_limits<double>::infinity(), 0, 0};
  for (std::uint32_t i = 0; i < bounds_.size(); ++i) {
    if (bounds_[i] > least.value || std::isinf(bounds_[i])) continue;
    const Bound bound{bounds_[i], space_->rank(i), i};
    if (bound < least) least = bound;
  }
  return least;
}

std::optional<TaskSearch::Choice> TaskSearch::search(const Placement& placement, const Room& room) {
  bound_all(placement, room);
  // The most promising candidate first: it rules out most others.
  const Bound first = least_bound();
  if (std::isinf(first.value)) return std::nullopt;
  Rating best = rate(first.index, placement);
  const auto worth_trying = [&](double bound) {
    return bound <= best.score.value * (1 + kSameValue);
  };
  promising_.clear();
  for (std::uint32_t i = 0; i < bounds_.size(); ++i) {
    if (i != first.index && worth_trying(bounds_[i])) {
      promising_.push_back({bounds_[i], space_->rank(i), i});
    }
  }
  std::sort(promising_.begin(), promising_.end());
  for (const Bound& bound : promising_) {
    if (!worth_trying(bound.value)) break;
    Rating challenger = rate(bound.index, placement);
    if (beats(challenger, best, placement)) best = challenger;
  }
  add_last(best, placement);
  const Candidate& chosen = space_->candidates()[best.index];
  return Choice{best.score, chosen.tiling, chosen.sizes};
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

}  // namespace bitscale::mapping
