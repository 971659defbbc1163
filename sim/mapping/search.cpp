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

// Fills bounds_ and returns the least. Energy is at least that of the MACs and the DRAM.
double TaskSearch::bound_all(const Placement& placement, const Room& room) {
  const Bounder bounder(context_, space_->outlines(), placement);
  bounds_.resize(space_->within(room.weight_bytes + room.act_bytes + room.output_bytes));
  bounder.bound(room, bounds_);
  if (objective_ == Objective::Latency) return bounds_.find_least();
  cost::LayerActivity least;
  least.precision = context_.task->precision;
  TileWork macs;
  macs.macs = context_.task->macs;
  count_macs(context_, macs, least);
  least.count(cost::Action::DramWriteBit) = static_cast<std::int64_t>(bounder.stores() * 8);
  for (std::size_t i = 0; i < bounds_.size(); ++i) {
    double& bound = bounds_.data()[i];
    if (std::isinf(bound)) continue;
    least.latency_cycles = static_cast<std::int64_t>(bound);
    least.count(cost::Action::DramReadBit) = static_cast<std::int64_t>(bounder.loads(i) * 8);
    bound = Bounder::kRounding * price(least);
  }
  return bounds_.find_least();
}

std::optional<TaskSearch::Choice> TaskSearch::search(const Placement& placement, const Room& room) {
  const double least = bound_all(placement, room);
  if (std::isinf(least)) return std::nullopt;
  // The most promising candidate first: it rules out most others.
  Bound first{least, UINT32_MAX, 0};
  bounds_.visit_up_to(least, [&](std::uint32_t i) {
    first = std::min(first, Bound{least, space_->rank(i), i});
  });
  Rating best = rate(first.index, placement);
  const auto still_worth = [&] { return best.score.value * (1 + kSameValue); };
  promising_.clear();
  bounds_.visit_up_to(still_worth(), [&](std::uint32_t i) {
    if (i != first.index) promising_.push_back({bounds_[i], space_->rank(i), i});
  });
  std::sort(promising_.begin(), promising_.end());
  for (const Bound& bound : promising_) {
    if (bound.value > still_worth()) break;
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
