#include "sim/mapping/pace.h"

#include <algorithm>
#include <cmath>

namespace bitscale::mapping {
namespace {

// Phases of one kind.
struct Phases {
  double array = 0;  ///< time of all when the DRAM keeps up
  double post = 0;   ///< post-processing of all
  double dram = 0;   ///< DRAM time of all
};

// Whether a full tile always meets the same one of two slots.
bool even_tiles(const Pace& pace) { return std::fmod(pace.tiles_per_phase, 2) == 0; }

// Time between tiles when two operand slots take turns; `queue` is what a load finds before it.
double tile_pace(const Pace& pace, double queue) {
  if (!pace.loads_each_tile) return pace.compute;
  const double turn = (pace.compute + pace.frequent) / (even_tiles(pace) ? pace.fill : 1);
  return std::max(pace.compute, (turn + pace.latency + queue) / 2);
}

// Time between output tiles that their own slots allow; `compute` is the array's per output.
double output_pace(const Pace& pace, double compute) {
  double result = 0;
  if (!pace.holds_outputs) {
    // A store finds the load asked for at the end of its own tile, or of the next.
    const double apart = std::min(pace.post, std::abs(pace.post - compute));
    const double wait = std::max(0.0, pace.frequent - apart) + pace.skip;
    const double turn = (compute + pace.post + pace.store) / (even_tiles(pace) ? pace.fill : 1);
    result = (turn + wait) / 2;
  }
  if (pace.skip > 0) result = std::max(result, (pace.post + pace.skip + pace.latency) / 2);
  return result;
}

// What a rare load costs a phase whose tiles follow each other every `tile`.
double rare_stall(const Pace& pace, double tile, bool stores) {
  double stall = 0;
  if (pace.loads_each_tile) {
    stall = pace.rare + 2 * pace.frequent + pace.latency - 2 * tile;
  }
  if (stores && !pace.holds_outputs && pace.store > 0) {
    const double stored = std::max(pace.post, pace.rare + pace.frequent) + pace.store;
    stall = std::max(stall, stored - tile);
  }
  stall = std::clamp(stall, 0.0, pace.rare);
  if (pace.rare > 0) {
    const double run = pace.tiles_per_phase * tile;
    stall = std::max(stall, ((pace.rare + run) / pace.outer_fill + pace.latency) / 2 - run);
  }
  return stall;
}

// Array time of `phases`, the first of which find their slots free.
double array_time(const Pace& pace, double phases, double tile, double phase_stall) {
  const double tiles = phases * pace.tiles_per_phase;
  return tiles * pace.compute + std::max(0.0, tiles - 2) * (tile - pace.compute) +
         std::max(0.0, phases - 1) * phase_stall;
}

// The first skip load goes before the second tile's operands.
double skip_start(const Pace& pace) {
  if (pace.first == 0) return 0;
  return std::clamp(pace.skip + pace.frequent - pace.compute, 0.0, pace.skip);
}

// Phases that only add to sums.
Phases adding_phases(const Pace& pace, double count) {
  const double tile = tile_pace(pace, 0);
  return {array_time(pace, count, tile, rare_stall(pace, tile, false)), 0,
          count * (pace.tiles_per_phase * pace.frequent + pace.rare)};
}

// Phases whose every tile finishes outputs.
Phases finishing_phases(const Pace& pace, double count) {
  const double out = pace.store + pace.skip;
  const double quick = std::max(tile_pace(pace, 0), pace.post);
  const double queue = std::clamp(pace.post + out - quick, 0.0, out);
  const double tile = std::max(tile_pace(pace, queue), output_pace(pace, pace.compute));
  return {array_time(pace, count, tile, rare_stall(pace, tile, true)),
          count * pace.tiles_per_phase * pace.post,
          count * (pace.tiles_per_phase * (pace.frequent + out) + pace.rare)};
}

// Phases that add up one output tile each.
Phases summing_phases(const Pace& pace, double count) {
  const double n = pace.tiles_per_phase;
  const double out = pace.store + pace.skip;
  const double tile = tile_pace(pace, 0);
  const double blocked = std::max(pace.post, pace.frequent) + out + pace.frequent + pace.latency;
  double stall = pace.loads_each_tile ? std::clamp(blocked - 2 * tile, 0.0, out) : 0.0;
  stall = std::max(stall, output_pace(pace, n * pace.compute) - n * tile);
  return {array_time(pace, count, tile, stall) + skip_start(pace), count * pace.post,
          count * (n * pace.frequent + out)};
}

double two_slots(const Pace& pace) {
  const double tail = pace.post + pace.store;  // behind a busy array
  // Behind the DRAM's last load the last tile is still to be worked on; without an array the store
  // of the tile before fills the time. Without loads the first store waits just as long.
  const bool loads = pace.first + pace.skip > 0;
  const bool stores_before = loads && pace.compute == 0 && pace.phases * pace.tiles_per_phase > 1;
  const double pending = stores_before ? pace.store : 0;
  const double rest = pace.compute + pace.post;
  if (pace.sums_inside || pace.reduction_trips == 1) {
    const Phases all =
        pace.sums_inside ? summing_phases(pace, pace.phases) : finishing_phases(pace, pace.phases);
    const double start = pace.latency + pace.first;
    const double first_skip = std::max(0.0, pace.skip - pace.compute);
    return std::max({start + first_skip + all.array + tail,
                     start + first_skip + pace.compute + all.post + pace.store,
                     all.dram + std::max(0.0, pace.latency + rest - pending)});
  }
  const double finishing = pace.phases / pace.reduction_trips;
  const Phases add = adding_phases(pace, pace.phases - finishing);
  const Phases finish = finishing_phases(pace, finishing);
  return pace.latency + std::max(pace.first + add.array + skip_start(pace), add.dram) +
         std::max({finish.array + tail, pace.compute + finish.post + pace.store,
                   finish.dram + std::max(0.0, rest - pending)});
}

// The DRAM's transfers one after the other.
double dram_time(const Pace& pace) {
  const double tiles = pace.phases * pace.tiles_per_phase;
  return tiles * pace.frequent + (pace.sums_inside ? 0.0 : pace.phases * pace.rare) +
         tiles / pace.reduction_trips * (pace.skip + pace.store);
}

double one_slot(const Pace& pace) {
  const double n = pace.tiles_per_phase;
  const double out = pace.skip + std::max(pace.store, pace.skip > 0 ? pace.latency : 0.0);
  const auto load = [&](double transfer) { return transfer > 0 ? pace.latency + transfer : 0.0; };
  const auto behind_output = [&](double transfer) {
    return std::max(load(transfer), std::max(pace.post, transfer) + out);
  };
  const double both = pace.frequent + (pace.sums_inside ? 0.0 : pace.rare);
  // The first output tile waits for its skip operand, loaded behind the others.
  const double first_skip =
      pace.skip > 0 ? std::max(0.0, load(both + pace.skip) - load(both) - pace.compute) : 0.0;
  const double end = pace.post + pace.store;
  const double adding = n * pace.compute + load(both) + (n - 1) * load(pace.frequent);
  if (pace.sums_inside) {
    const double phase = adding - load(both) + behind_output(both);
    return adding + first_skip + (pace.phases - 1) * phase + end;
  }
  if (pace.reduction_trips > 1) {
    const double finishing = pace.phases / pace.reduction_trips;
    const double dram = n * (pace.frequent + pace.store + pace.skip) + pace.rare;
    return (pace.phases - finishing) * adding + finishing * std::max(adding, dram) + end;
  }
  const double rest = n * pace.compute + (n - 1) * behind_output(pace.frequent);
  return load(both) + first_skip + rest + (pace.phases - 1) * (behind_output(both) + rest) + end;
}

}  // namespace

Pace without_dram(Pace pace) {
  pace.frequent = pace.rare = pace.skip = pace.store = pace.latency = pace.first = 0;
  pace.loads_each_tile = false;
  return pace;
}

double latency_cycles(const Pace& pace) {
  if (pace.double_buffering) return two_slots(pace);
  return std::max(one_slot(pace), dram_time(pace));
}

}  // namespace bitscale::mapping
