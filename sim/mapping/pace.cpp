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

// Whether all full tiles of a loop meet in the same one of two slots.
bool even(double trips) { return std::fmod(trips, 2) == 0; }

// Average time between tiles of a loop whose two slots are loaded and worked on in turn; `fill` is
// the average share of a full tile. The smaller last tile leaves a slot idle: either all full ones
// meet in one slot, or every tile but two goes at the slower of both.
double slot_pace(double work, double load, double latency, double trips, double fill) {
  const double turn = (work + load) / (even(trips) ? fill : 1);
  const double pace = (turn + latency) / 2;
  if (trips < 3 || fill == 1) return pace;
  const double slower = (trips - 2) * std::max(work, load);
  return std::max(pace, ((slower + work + load) / fill + latency) / trips);
}

// Time between tiles when two operand slots take turns; `queue` is what a load finds before it.
double tile_pace(const Pace& pace, double queue) {
  if (!pace.loads_each_tile) return pace.compute;
  return std::max(pace.compute, slot_pace(pace.compute, pace.frequent, pace.latency + queue,
                                          pace.tiles_per_phase, pace.fill));
}

// Time between output tiles that their own slots allow; `compute` is the array's per output.
double output_pace(const Pace& pace, double compute) {
  double result = 0;
  if (!pace.holds_outputs) {
    // A store finds the load asked for at the end of its own tile, or of the next.
    const double apart = std::min(pace.post, std::abs(pace.post - compute));
    const double wait = std::max(0.0, pace.frequent - apart) + pace.skip;
    const double turn =
        (compute + pace.post + pace.store) / (even(pace.tiles_per_phase) ? pace.fill : 1);
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
    const double run = pace.tiles_per_phase * tile + pace.write;
    stall = std::max(
        stall, slot_pace(run, pace.rare, pace.latency, pace.outer_trips, pace.outer_fill) - run);
  }
  return stall;
}

// What writing PIM cells adds to a phase. Where loads set the pace each of the two slots waits for
// its own tiles only: with an odd number of them the first tiles of two phases, which write, meet
// in both slots in turn.
double write_time(const Pace& pace) {
  if (even(pace.tiles_per_phase)) return pace.write;
  return pace.write - std::min(pace.write / 2, tile_pace(pace, 0) - pace.compute);
}

// Array time of `phases`. Unless others went before, the first find their slots free: the first two
// tiles do, but the last of an odd number of tiles is in the first one's slot and waits one turn
// more than the last but one, as far as it is as large.
double array_time(const Pace& pace, double phases, double tile, double phase_stall) {
  const double tiles = phases * pace.tiles_per_phase;
  const double free = pace.continues ? 0 : 1;
  const double last = 1 - pace.tiles_per_phase * (1 - pace.fill);
  const double free_tiles = even(tiles) ? 2 * free : (2 - std::max(0.0, last)) * free;
  return tiles * pace.compute + std::max(0.0, tiles - free_tiles) * (tile - pace.compute) +
         std::max(0.0, phases - free) * phase_stall + phases * write_time(pace);
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

// Behind the DRAM's last load the last tile is still to be worked on, while the store of the tile
// before fills the time where every tile loads: that store is asked for later than the last load.
// Without loads the first store waits just as long.
double behind_loads(const Pace& pace) {
  const bool loads = pace.first + pace.skip > 0 || pace.loads_each_tile;
  const bool each = pace.compute == 0 || pace.loads_each_tile;
  const bool in_turn = !pace.sums_inside || pace.tiles_per_phase == 2;
  const bool several = pace.phases * pace.tiles_per_phase > pace.reduction_trips;
  const bool stores_before = loads && each && in_turn && several;
  return pace.compute + pace.post - (stores_before ? pace.store : 0);
}

// From the first output phase's start to the last store.
double last_phases(const Pace& pace, const Phases& phases) {
  return std::max({phases.array + pace.post + pace.store, pace.compute + phases.post + pace.store,
                   phases.dram + std::max(0.0, behind_loads(pace))});
}

double middle_phases(const Phases& phases) {
  return std::max({phases.array, phases.post, phases.dram});
}

bool all_finish(const Pace& pace) { return pace.sums_inside || pace.reduction_trips == 1; }

Phases output_phases(const Pace& pace) {
  if (pace.sums_inside) return summing_phases(pace, pace.phases);
  Pace finishing = pace;
  finishing.continues |= pace.reduction_trips > 1;  // behind those that add
  return finishing_phases(finishing, pace.phases / pace.reduction_trips);
}

Phases phases_before_output(const Pace& pace) {
  if (all_finish(pace)) return {};
  return adding_phases(pace, pace.phases - pace.phases / pace.reduction_trips);
}

// The passes over pinned weights that load them, and those that find them.
Pace loading_passes(const Pace& pace) {
  Pace loading = pace;
  loading.frequent += pace.pinned;
  loading.loads_each_tile = true;
  loading.phases /= pace.passes;
  loading.write *= pace.passes;
  loading.output_runs = std::max(1.0, pace.output_runs / pace.passes);
  return loading;
}
Pace later_passes(const Pace& pace) {
  Pace later = pace;
  later.phases -= pace.phases / pace.passes;
  later.output_runs = std::max(1.0, pace.output_runs - pace.output_runs / pace.passes);
  later.first = 0;
  later.write = 0;
  later.continues = true;
  return later;
}

// From the first tile's start to the last store, when nothing but the DRAM takes time from the
// first finished outputs on: two tiles are loaded before them, the others behind.
double all_stores(const Pace& pace) {
  const double outputs = pace.phases * pace.tiles_per_phase / pace.reduction_trips;
  const double tiles = pace.sums_inside ? pace.tiles_per_phase : 1;
  const double loads = std::max(0.0, outputs * tiles - tiles - 1) * pace.frequent;
  return tiles * pace.compute + std::max(pace.post, loads) + outputs * pace.store;
}

double first_skip_wait(const Pace& pace) { return std::max(0.0, pace.skip - pace.compute); }

double two_slots_pinned(const Pace& pace) {
  const Pace loading = loading_passes(pace);
  const Pace later = later_passes(pace);
  const Phases outputs = output_phases(loading);
  double time = pace.latency;
  if (all_finish(pace)) {
    time +=
        std::max({pace.first + first_skip_wait(pace) + outputs.array, outputs.post, outputs.dram});
  } else {
    const Phases add = phases_before_output(loading);
    time += std::max(pace.first + add.array + skip_start(pace), add.dram) + middle_phases(outputs) +
            middle_phases(phases_before_output(later));
  }
  return time + last_phases(later, output_phases(later));
}

// The phases that have the given shares.
Pace part_of(const Pace& pace, const Rest& share) {
  Pace part = pace;
  part.rest = {};
  part.phases = std::round(pace.phases * share.trips);
  part.compute *= share.compute / share.trips;
  part.frequent *= share.frequent / share.trips;
  part.rare *= share.rare / share.trips;
  part.first += (part.frequent - pace.frequent) / pace.fill + part.rare - pace.rare;
  for (double Pace::*of_output : {&Pace::post, &Pace::skip, &Pace::store}) {
    part.*of_output *= share.outputs / share.trips;
  }
  if (share.is_around) {
    part.outer_trips = std::round(pace.outer_trips * share.trips);
    part.outer_fill = 1;
  }
  return part;
}

Phases operator+(const Phases& a, const Phases& b) {
  return {a.array + b.array, a.post + b.post, a.dram + b.dram};
}

double loads_of(const Pace& pace) {
  const double rare = pace.sums_inside ? 0 : pace.rare;
  return pace.phases * (pace.tiles_per_phase * pace.frequent + rare);
}

// Tiles that are full along the outermost loop, then those that are not. Where the DRAM sets the
// pace of the former and the array that of the latter, these go on when the last tiles of the
// former, behind their last load, are worked on. Where it is the other way round, two tiles of the
// latter are loaded ahead.
double two_slots_uneven(const Pace& pace) {
  const Rest& rest = pace.rest;
  const Rest others{1 - rest.trips, 1 - rest.compute, 1 - rest.frequent,
                    1 - rest.rare,  1 - rest.outputs, rest.is_around};
  const Pace full = part_of(pace, others);
  Pace end = part_of(pace, rest);
  end.first = 0;
  end.continues = true;
  const Phases begun = rest.finishes ? adding_phases(full, full.phases)
                                     : phases_before_output(full) + output_phases(full);
  const Phases ended = rest.finishes ? finishing_phases(end, end.phases)
                                     : phases_before_output(end) + output_phases(end);
  const double start =
      pace.latency + full.first + (all_finish(pace) ? first_skip_wait(full) : skip_start(full));
  const double behind = std::max(0.0, behind_loads(end));
  const double last_tiles = full.loads_each_tile ? 1 : full.tiles_per_phase;
  const double ahead = 2 * (end.frequent + end.rare);
  return std::max({start + begun.array + ended.array + end.post + end.store,
                   start + full.compute + begun.post + ended.post + end.store,
                   pace.latency + begun.dram + ended.dram + behind,
                   pace.latency + loads_of(full) + last_tiles * full.compute + ended.array +
                       end.post + end.store,
                   start + begun.array + std::max(0.0, ended.dram - ahead) + behind});
}

double two_slots(const Pace& pace) {
  const Phases outputs = output_phases(pace);
  if (!all_finish(pace)) {
    const Phases add = phases_before_output(pace);
    return pace.latency + std::max(pace.first + add.array + skip_start(pace), add.dram) +
           last_phases(pace, outputs);
  }
  const double start = pace.latency + pace.first + first_skip_wait(pace);
  return std::max({start + outputs.array + pace.post + pace.store, start + all_stores(pace),
                   start + pace.compute + outputs.post + pace.store,
                   outputs.dram + std::max(0.0, pace.latency + behind_loads(pace))});
}

// The DRAM's transfers one after the other.
double dram_time(const Pace& pace) {
  const double tiles = pace.phases * pace.tiles_per_phase;
  return tiles * (pace.frequent + pace.pinned / pace.passes) +
         (pace.sums_inside ? 0.0 : pace.phases * pace.rare) +
         tiles / pace.reduction_trips * (pace.skip + pace.store);
}

// Phases that add, each run of `reduction_trips` − 1 of them before as many that finish; `adding`
// is the time of one, `load` that of its first tile's operands.
double one_slot_runs(const Pace& pace, double adding, double load) {
  const double n = pace.tiles_per_phase;
  const double out = pace.skip + pace.store;
  const double finishing = pace.phases / pace.reduction_trips / pace.output_runs;
  const double before = (pace.reduction_trips - 1) * finishing * adding;
  const double dram = n * (pace.frequent + out) + pace.rare;
  const double posts = finishing * n * pace.post + out;  // from the first finished tile on
  const double first = load + pace.compute;
  const double finish = finishing * std::max(adding, dram);
  // The last slot's turn: its first adding tile and the phases behind that one's.
  const double held = posts + pace.compute + std::max(0.0, before - adding) + first;
  const double run = std::max(before + finish, held);
  return (pace.output_runs - 1) * run + before +
         std::max(finish + pace.post + pace.store, first + posts);
}

double one_slot(const Pace& pace) {
  const double n = pace.tiles_per_phase;
  const double out = pace.skip + std::max(pace.store, pace.skip > 0 ? pace.latency : 0.0);
  const auto load = [&](double transfer) { return transfer > 0 ? pace.latency + transfer : 0.0; };
  // An output that stays on chip leaves its slot when it is post-processed; the next one's skip
  // operand comes while the array works and holds it up by what is left.
  const auto behind_output = [&](double transfer) {
    const double finished = std::max(pace.post, transfer);
    if (pace.store > 0) return std::max(load(transfer), finished + out);
    if (pace.compute == 0 && pace.skip > 0) {  // the next operand is loaded meanwhile
      return std::max({load(transfer), pace.post + pace.latency + pace.skip, transfer + pace.skip});
    }
    const double left = pace.skip > 0 ? finished + pace.latency + pace.skip - pace.compute : 0.0;
    return std::max({load(transfer), finished, left});
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
  if (pace.reduction_trips > 1) return one_slot_runs(pace, adding, load(both));
  const double rest = n * pace.compute + (n - 1) * behind_output(pace.frequent);
  return load(both) + first_skip + rest + (pace.phases - 1) * (behind_output(both) + rest) + end;
}

// The same with the cells' writing spread over the tiles.
Pace with_spread_writes(Pace pace) {
  pace.compute += pace.write / pace.tiles_per_phase;
  pace.write = 0;
  return pace;
}

}  // namespace

Pace without_dram(Pace pace) {
  pace.frequent = pace.rare = pace.skip = pace.store = pace.latency = pace.first = pace.pinned = 0;
  pace.loads_each_tile = false;
  return pace;
}

double latency_cycles(const Pace& given) {
  const bool pinned = given.pinned > 0;
  if (given.double_buffering && pinned) return two_slots_pinned(given);
  if (given.double_buffering) {
    const double time = two_slots(given);
    return given.rest.trips == 0 ? time : std::max(time, two_slots_uneven(given));
  }
  const Pace pace = with_spread_writes(given);
  const double turns =
      pinned ? one_slot(loading_passes(pace)) + one_slot(later_passes(pace)) : one_slot(pace);
  return std::max(turns, dram_time(pace));
}

}  // namespace bitscale::mapping
