#include "sim/mapping/candidates.h"

#include <limits>

#include "sim/mapping/pim_work.h"

namespace bitscale::mapping {
namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();
// Trips that tell loops apart in what an order does to them.
constexpr std::int64_t kChannelTrips = 3, kPixelTrips = 5, kReductionTrips = 7;

std::size_t lanes_for(std::size_t count) {
  return (count + kGridLanes - 1) / kGridLanes * kGridLanes;
}

// A row with such loops of several trips, and one or several tiles of pixels.
Trips example(std::uint32_t several, bool cut_pixels) {
  return {(several & 1u) != 0 ? kChannelTrips : 1, cut_pixels ? kPixelTrips : 1,
          (several & 2u) != 0 ? kReductionTrips : 1};
}

HeldOutputs held_of(const OrderEffect& effect) {
  if (effect.held_outputs == kPixelTrips) return HeldOutputs::PixelTrips;
  return effect.held_outputs == kChannelTrips ? HeldOutputs::ChannelTrips : HeldOutputs::One;
}

double whole(std::int64_t value) { return static_cast<double>(value); }

// Every weight tile sees all vectors; writing and feeding only add to it.
double pim_cycles(const TaskContext& context, const Trips& trips) {
  const Extents& core = context.task->core;
  return whole(
      trips.channels * trips.reduction *
      timing::pim_plane_cycles(*context.accelerator->pim,
                               most_planes(*context.task, core.images * core.rows * core.cols)));
}

}  // namespace

CandidateGrid::CandidateGrid(const TaskContext& context)
    : context_(context),
      choices_(searched_choices(context)),
      width_(lanes_for(choices_.pixels.size())),
      output_columns_each_(kSkipRooms + context.task->skips.size()) {
  const Task& task = *context.task;
  weight_bytes_ = whole(task.weight_elements()) * task.weight_bits / 8;
  // Shared inputs move once, private ones for each core (the last, smaller core left out).
  const std::int64_t cores = task.inputs_shared() ? 1 : task.full_cores;
  channel_bytes_ = whole(cores * task.core.groups * task.core.reduction) * task.input_bits / 8;
  fill_pixels();
  fill_orders();
  add_rows();
}

void CandidateGrid::fill_pixels() {
  pixel_columns_.assign(kPixelColumns * width_, 0);
  for (std::size_t lane = 0; lane < choices_.pixels.size(); ++lane) {
    const Factor& pixels = choices_.pixels[lane];
    at(pixel_columns_, kFolds)[lane] = whole(pixels.folds);
    at(pixel_columns_, kTrips)[lane] = whole(pixels.trips);
    at(pixel_columns_, kEnds)[lane] = whole(pixels.ends);
  }
}

void CandidateGrid::fill_orders() {
  constexpr std::uint32_t kCases = 4;
  const bool grouped = context_.task->core.groups > 1;
  orders_.resize(std::size_t{kCases} * kSearchedOrders);
  order_columns_.assign(2 * orders_.size() * width_, 0);
  for (std::uint32_t several = 0; several < kCases; ++several) {
    for (std::uint32_t i = 0; i < kSearchedOrders; ++i) {
      const std::size_t place = std::size_t{several} * kSearchedOrders + i;
      double* again = at(order_columns_, 2 * place);
      double* gaps = at(order_columns_, 2 * place + 1);
      // With one tile of pixels an order does the same or less.
      const OrderEffect cut = order_effect(kOrders[i], example(several, true), grouped);
      const OrderEffect uncut = order_effect(kOrders[i], example(several, false), grouped);
      orders_[place].loads_weights_again = cut.weight_repeats > 1;
      orders_[place].held = held_of(cut);
      for (std::size_t lane = 0; lane < width_; ++lane) {
        const bool is_choice = lane < choices_.pixels.size();
        const bool cuts = is_choice && choices_.pixels[lane].trips > 1;
        const bool exists = is_choice && distinct_orders(example(several, cuts))[i];
        again[lane] = (cuts ? cut : uncut).input_repeats > 1 ? 1 : 0;
        gaps[lane] = exists ? 0 : kNever;
        orders_[place].exists |= exists;
      }
    }
  }
}

void CandidateGrid::add_rows() {
  const bool grouped = context_.task->core.groups > 1;
  const std::size_t reductions = choices_.reduction.size();
  const std::size_t lines = (grouped ? choices_.channels.size() : 1) * reductions;
  input_columns_.assign(lines * kInputColumns * width_, 0);
  output_columns_.assign(choices_.channels.size() * output_columns_each_ * width_, 0);
  rows_.reserve(choices_.channels.size() * reductions);
  for (std::uint32_t c = 0; c < choices_.channels.size(); ++c) {
    for (std::uint32_t r = 0; r < reductions; ++r) {
      const Row row = row_of(c, r);
      if (r == 0) fill_outputs(row);
      if (grouped || c == 0) fill_inputs(row);
      // A tile of several groups holds them whole.
      if (choices_.channels[c].tiling.groups > 1 && choices_.reduction[r].trips > 1) continue;
      if (context_.task->on_pim && !pim_tiling_problem(context_, tiling_of(row, 0)).empty()) {
        continue;
      }
      rows_.push_back(row);
    }
  }
}

CandidateGrid::Row CandidateGrid::row_of(std::uint32_t channels, std::uint32_t reduction) const {
  const Task& task = *context_.task;
  const Factor& by_channels = choices_.channels[channels];
  const Factor& by_reduction = choices_.reduction[reduction];
  const auto reductions = static_cast<std::uint32_t>(choices_.reduction.size());
  Row row;
  row.channels = channels;
  row.reduction = reduction;
  row.input_line = (task.core.groups > 1 ? channels * reductions : 0) + reduction;
  row.several = (by_channels.trips > 1 ? 1u : 0u) + (by_reduction.trips > 1 ? 2u : 0u);
  row.channel_trips = whole(by_channels.trips);
  const Trips trips = trips_of(row, 0);
  row.weight_room = whole(weight_tile_bytes(context_, tiling_of(row, 0), trips));
  row.first_weight_bytes = weight_bytes_ / whole(trips.channels * trips.reduction);
  if (task.on_pim) {
    row.rest = pim_cycles(context_, trips);
  } else if (task.has_macs && !folds_whole_layers(context_)) {
    row.by_folds = whole(task.core.groups) * whole(by_channels.folds) * whole(by_reduction.folds);
    if (context_.accelerator->mac_array.shadow_weights) {
      row.by_trips = whole(by_channels.ends) * whole(trips.reduction) +
                     whole(by_reduction.ends) * whole(trips.channels);
      row.by_ends = whole(trips.channels * trips.reduction);
    }
  }
  return row;
}

Tiling CandidateGrid::tiling_of(const Row& row, std::size_t lane) const {
  Tiling tiling = choices_.pixels[lane].tiling;
  tiling.groups = choices_.channels[row.channels].tiling.groups;
  tiling.channels = choices_.channels[row.channels].tiling.channels;
  tiling.reduction = choices_.reduction[row.reduction].tiling.reduction;
  return tiling;
}

Trips CandidateGrid::trips_of(const Row& row, std::size_t lane) const {
  return {choices_.channels[row.channels].trips, choices_.pixels[lane].trips,
          choices_.reduction[row.reduction].trips};
}

// A group's inputs are fetched for each of its channel tiles.
double CandidateGrid::input_bytes_of(const Row& row, std::size_t lane) const {
  const bool grouped = context_.task->core.groups > 1;
  return channel_bytes_ * whole(choices_.pixels[lane].inputs) *
         whole(grouped ? choices_.channels[row.channels].within : 1);
}

void CandidateGrid::fill_inputs(const Row& row) {
  const bool grouped = context_.task->core.groups > 1;
  const std::size_t line = row.input_line * kInputColumns;
  for (std::size_t lane = 0; lane < choices_.pixels.size(); ++lane) {
    const Trips trips = trips_of(row, lane);
    const Tiling tiling = tiling_of(row, lane);
    const double bytes = input_bytes_of(row, lane);
    at(input_columns_, line + kBytes)[lane] = bytes;
    at(input_columns_, line + kFirstBytes)[lane] =
        bytes / whole(trips.pixels * trips.reduction * (grouped ? trips.channels : 1));
    at(input_columns_, line + kInputRoom)[lane] =
        whole(input_tile_bytes(context_, tiling, trips, choices_.pixels[lane].largest_inputs));
    at(input_columns_, line + kExpandedRoom)[lane] = whole(expanded_tile_bytes(context_, tiling));
  }
}

void CandidateGrid::fill_outputs(const Row& row) {
  const std::size_t line = row.channels * output_columns_each_;
  for (std::size_t lane = 0; lane < choices_.pixels.size(); ++lane) {
    const Trips trips = trips_of(row, lane);
    const Tiling tiling = tiling_of(row, lane);
    TileSizes sizes;
    set_output_sizes(context_, tiling, trips, sizes);
    const auto room = [&](std::int64_t held) {
      return whole(hold_outputs(context_, sizes, trips, held).output_bytes);
    };
    at(output_columns_, line + kShare)[lane] = 1 / whole(trips.channels * trips.pixels);
    at(output_columns_, line + kRoom)[lane] = whole(sizes.output_bytes);
    at(output_columns_, line + kRoomByPixels)[lane] = room(trips.pixels);
    at(output_columns_, line + kRoomByChannels)[lane] = room(trips.channels);
    for (std::size_t i = kSkipRooms; i < output_columns_each_; ++i) {
      Placement others_stay;
      others_stay.skips = ~(1u << (i - kSkipRooms));
      at(output_columns_, line + i)[lane] = whole(skip_bytes(context_, sizes, others_stay));
    }
  }
}

bool CandidateGrid::exists(std::uint32_t number) const {
  const std::size_t slab = number / width_;
  const Row& row = rows_[slab / kSearchedOrders];
  return gaps(row, static_cast<std::uint32_t>(slab % kSearchedOrders))[number % width_] == 0;
}

std::uint32_t CandidateGrid::rank(std::uint32_t number) const {
  const auto width = static_cast<std::uint32_t>(width_);
  const std::uint32_t slab = number / width;
  const std::uint32_t tiles = slab / kSearchedOrders * width + number % width;
  return tiles * kSearchedOrders + slab % kSearchedOrders;
}

Candidate CandidateGrid::at(std::uint32_t number) const {
  const std::size_t lane = number % width_;
  const std::size_t order = number / width_ % kSearchedOrders;
  const Row& row = rows_[number / width_ / kSearchedOrders];
  const Factor& pixels = choices_.pixels[lane];
  const bool grouped = context_.task->core.groups > 1;
  const Trips trips = trips_of(row, lane);
  const OrderEffect effect = order_effect(kOrders[order], trips, grouped);
  Candidate candidate;
  candidate.tiling = tiling_of(row, lane);
  candidate.tiling.order = kOrders[order];
  candidate.sizes =
      hold_outputs(context_, tile_sizes(context_, candidate.tiling, trips, pixels.largest_inputs),
                   trips, effect.held_outputs);
  candidate.array_cycles = row.by_folds * whole(pixels.folds) + row.by_trips * whole(pixels.trips) +
                           row.by_ends * whole(pixels.ends) + row.rest;
  const double inputs = input_bytes_of(row, lane);
  candidate.weight_bytes = weight_bytes_ * whole(effect.weight_repeats);
  candidate.input_bytes = inputs * whole(effect.input_repeats);
  candidate.first_weight_bytes = row.first_weight_bytes;
  candidate.first_input_bytes =
      inputs / whole(trips.pixels * trips.reduction * (grouped ? trips.channels : 1));
  candidate.output_share = 1 / whole(trips.channels * trips.pixels);
  return candidate;
}

std::size_t CandidateGrid::bytes() const {
  const std::size_t numbers = pixel_columns_.size() + order_columns_.size() +
                              input_columns_.size() + output_columns_.size();
  const std::size_t factors =
      choices_.channels.size() + choices_.reduction.size() + choices_.pixels.size();
  return numbers * sizeof(double) + factors * sizeof(Factor) + rows_.size() * sizeof(Row) +
         orders_.size() * sizeof(Order);
}

std::vector<Candidate> candidates(const TaskContext& context) {
  const CandidateGrid grid(context);
  std::vector<Candidate> list;
  grid.visit([&](std::uint32_t number) { list.push_back(grid.at(number)); });
  return list;
}

}  // namespace bitscale::mapping
