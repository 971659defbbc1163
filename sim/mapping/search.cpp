#include "sim/mapping/search.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "arch/base/error.h"
#include "sim/mapping/countable.h"
#include "sim/mapping/pim_work.h"

namespace bitscale::mapping {
namespace {

constexpr double kUncountable = 1e300;  // worse than any score, and finite for comparisons

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

double TaskSearch::energy_pj(const cost::LayerActivity& activity) const {
  return prices_->energy(activity, context_.accelerator->clock_mhz).total_pj();
}

double TaskSearch::price(const cost::LayerActivity& activity) const {
  const double energy = energy_pj(activity);
  return objective_ == Objective::Energy ? energy
                                         : energy * static_cast<double>(activity.latency_cycles);
}

bool TaskSearch::is_countable(std::uint32_t number) const {
  return !context_.task->may_overflow ||
         mapping::is_countable(context_, space_->grid().at(number).tiling);
}

TaskSearch::Rating TaskSearch::rate(std::uint32_t number, const Placement& placement) {
  const spec::RunState state = context_.accelerator->state;
  Rating rating{{kUncountable, kUncountable, kUncountable}, true, number};
  if (!is_countable(number)) return rating;
  if (objective_ == Objective::Latency) {
    const Estimate time = estimate(context_, space_->cost(number), placement, state);
    // Where tiles cost the array nothing, the smallest would win by the tail behind the last one.
    Pace pace = time.pace;
    if (folds_whole_layers(context_)) pace.post = 0;
    rating.score = {latency_cycles(pace) + time.exchange_cycles,
                    static_cast<double>(time.load_bytes + time.store_bytes), 0};
    rating.has_last = prices_ == nullptr;
    return rating;
  }
  const auto activity = countable_activity(context_, space_->cost(number), placement, state);
  if (!activity) return rating;
  rating.score = {price(*activity), static_cast<double>(activity->dram_bytes()),
                  static_cast<double>(activity->latency_cycles)};
  return rating;
}

void TaskSearch::add_last(Rating& rating, const Placement& placement) {
  if (rating.has_last) return;
  rating.has_last = true;
  const auto activity = countable_activity(context_, space_->cost(rating.number), placement,
                                           context_.accelerator->state);
  rating.score.last = activity ? energy_pj(*activity) : kUncountable;
}

bool TaskSearch::beats(Rating& challenger, Rating& best, const Placement& placement) {
  if (same_value(challenger.score.value, best.score.value) &&
      same_value(challenger.score.dram_bytes, best.score.dram_bytes)) {
    add_last(challenger, placement);
    add_last(best, placement);
  }
  return better(challenger.score, best.score);
}

// Turns cycles into what they cost at least: the energy of the MACs and the DRAM, which grows by
// the same for every cycle and every bit.
void TaskSearch::price_bounds(const Bounder& bounder) {
  cost::LayerActivity least;
  least.precision = context_.task->precision;
  TileWork macs;
  macs.macs = context_.task->macs;
  count_macs(context_, macs, least);
  least.count(cost::Action::DramWriteBit) = static_cast<std::int64_t>(bounder.stores() * 8);
  constexpr std::int64_t kMany = std::int64_t{1} << 40;
  const double fixed_pj = energy_pj(least);
  cost::LayerActivity longer = least;
  longer.latency_cycles = kMany;
  const double pj_per_cycle = (energy_pj(longer) - fixed_pj) / static_cast<double>(kMany);
  least.count(cost::Action::DramReadBit) = kMany;
  const double pj_per_bit = (energy_pj(least) - fixed_pj) / static_cast<double>(kMany);
  bounds_.replace([&](std::uint32_t number, double cycles) {
    const double whole_cycles = std::floor(cycles);
    const double pj =
        fixed_pj + pj_per_cycle * whole_cycles + pj_per_bit * std::floor(bounder.loads(number) * 8);
    return Bounder::kRounding * (objective_ == Objective::Energy ? pj : pj * whole_cycles);
  });
}

// Cycles that the answer to another question takes under this one: nothing that is bound to take
// more is better.
double TaskSearch::limit(const Placement& placement, const Room& room) {
  constexpr double kNone = std::numeric_limits<double>::infinity();
  const auto known = space_->last_best();
  if (objective_ != Objective::Latency || !known) return kNone;
  const TileSizes& sizes = space_->cost(*known).sizes;
  if (!fits(context_.accelerator->buffers, need(sizes, placement), room)) return kNone;
  return rate(*known, placement).score.value * (1 + kSameValue);
}

// Fills bounds_ and returns the least.
double TaskSearch::bound_all(const Placement& placement, const Room& room) {
  const Bounder bounder(context_, space_->grid(), placement);
  bounder.bound(room, bounds_, limit(placement, room));
  if (objective_ != Objective::Latency) price_bounds(bounder);
  return bounds_.least();
}

std::optional<TaskSearch::Choice> TaskSearch::search(const Placement& placement, const Room& room) {
  const double least = bound_all(placement, room);
  if (std::isinf(least)) return std::nullopt;
  // The most promising candidate first: it rules out most others.
  Bound first{least, UINT32_MAX, 0};
  bounds_.visit_up_to(least, [&](std::uint32_t number) {
    first = std::min(first, Bound{least, space_->grid().rank(number), number});
  });
  Rating best = rate(first.number, placement);
  const auto still_worth = [&] { return best.score.value * (1 + kSameValue); };
  promising_.clear();
  bounds_.visit_up_to(still_worth(), [&](std::uint32_t number) {
    if (number == first.number) return;
    promising_.push_back({bounds_[number], space_->grid().rank(number), number});
  });
  std::sort(promising_.begin(), promising_.end());
  for (const Bound& bound : promising_) {
    if (bound.value > still_worth()) break;
    Rating challenger = rate(bound.number, placement);
    if (beats(challenger, best, placement)) best = challenger;
  }
  if (best.score.value >= kUncountable) return std::nullopt;
  add_last(best, placement);
  space_->set_last_best(best.number);
  const Candidate chosen = space_->grid().at(best.number);
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
