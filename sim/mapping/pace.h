// Time of a task from the average pace of its blocks: array, post-processing and the DRAM that
// loads and stores share. It follows the components' rules: an operand has two slots with double
// buffering and one without, a slot is refilled from the end of the tile that used it, the DRAM
// serves requests in order of time.
//
// A phase is one run of the innermost loop with more than one trip: n tiles. All in cycles, c array
// time of a tile, p post-processing, o store and s skip load of an output tile, f DRAM time of the
// operands that change with every tile, r of the one that changes once per phase, l DRAM latency.
//
// Two slots. A tile's load starts when the tile before last ends, so from the third on tiles follow
// each other every
//   a = max(c, (c + f + l + q) / 2)
// where q = clamp(p + o + s − max(c, p, (c + f + l)/2), 0, o + s) is what is left of the store in
// the queue. Tiles at the end of a loop are smaller; when the loop has an even number of tiles all
// its full ones may meet in one of the slots, which then sets the pace.
// A rare load (served behind the frequent one asked for in the same cycle) blocks
//   the next frequent load, which two tiles of work cover:  clamp(r + 2f + l − 2a, 0, r)
//   the store, which one tile covers:                       clamp(max(p, r + f) + o − a, 0, r)
// and its own two slots turn every (n·a + r + l)/2. A store blocks likewise when a phase adds up
// one output tile. Output slots turn every (c + p + o + wait)/2, skip slots every (p + s + l)/2,
// post-processing every p. The DRAM's total transfer time bounds all phases of a kind; the store of
// the last tile but one is asked for behind the last load and fills the time until the last tile is
// done. From the first finished outputs on the DRAM has all stores and all but two tiles' loads to
// do. Of an odd number of tiles the last waits for the first one's slot, which turns once more than
// the second's.
// When the reduction is cut outside other loops only its last phases finish outputs, and they alone
// carry post-processing and stores: two kinds of phases, one after the other.
//
// Tiles that are not full along the outermost loop (Rest) are other work: the full ones may wait
// for the DRAM and these for the array, where an average sees both equally busy. Each part has a
// pace of its own, one after the other; the longer of that and of the average counts.
//
// PIM cells are written before the first tile of a phase whose tiles share their weights; neither
// tiles nor post-processing go on meanwhile: w more for each phase.
//
// Weights pinned in a cold run are loaded in the first pass over them: phases with their load, then
// phases without, one after the other.
//
// One slot. Loads and array alternate: c + l + f, the next output tile also waits for the store of
// the one before: c + max(l + f, max(p, f) + s + max(o, l if s)). With the reduction cut outside
// other loops the k output tiles of a run of finishing phases (of one with the reduction next
// around the innermost loop, else of all) are post-processed one after the other from the first
// one's end; the next run's first phase ends no sooner than the last one's store, for it takes its
// slot: a run takes R times its adding phases, or k·p + o + (R − 2) of them + 2c + l + f + r.
//
// Every time is a maximum of sums in which no part shortens the whole, so it never rises when a
// part falls.
#ifndef BITSCALE_SIM_MAPPING_PACE_H_
#define BITSCALE_SIM_MAPPING_PACE_H_

#include <cstdint>

namespace bitscale::mapping {

/// Tiles that are not full along the outermost of a tiling's loops: their shares of the whole task.
struct Rest {
  double trips = 0;  ///< of the phases, 0: all tiles are full along it
  double compute = 0, frequent = 0, rare = 0;
  double outputs = 0;      ///< post-processing, skips and stores
  bool is_around = false;  ///< the loop is the one around the innermost one
  bool finishes = false;   ///< it cuts the reduction: only these tiles finish outputs
};

/// A task's tiles in cycles, averages over its tiles.
struct Pace {
  double compute = 0;  ///< c
  double write = 0;    ///< w, per phase; 0 where every tile writes its own cells, which are in c
  double post = 0;     ///< p
  double frequent = 0, rare = 0, skip = 0, store = 0;
  double latency = 0;  ///< l, 0 when nothing is loaded
  double first = 0;    ///< DRAM time before the first tile can start
  /// Of the operand that stays on chip once loaded: per tile of its first pass, 0 for none; and how
  /// many passes there are over it.
  double pinned = 0, passes = 1;
  double tiles_per_phase = 1;
  double phases = 1;
  double fill = 1;  ///< average share of a full tile along the innermost loop
  double outer_trips = 1, outer_fill = 1;  ///< trips of the loop around it, and the same along it
  double reduction_trips = 1;
  double output_runs = 1;      ///< runs of phases that finish outputs, when the reduction is cut
  bool sums_inside = false;    ///< the reduction is the innermost loop: a phase is an output tile
  bool holds_outputs = false;  ///< one slot per output of a phase and more
  bool loads_each_tile = false;
  bool continues = false;  ///< other phases went before, the slots are taken
  bool double_buffering = true;
  Rest rest;
};

/// The same task with a DRAM that takes no time.
Pace without_dram(Pace pace);

/// Cycles from the first request to the last store, without the exchange between cores.
double latency_cycles(const Pace& pace);

}  // namespace bitscale::mapping

#endif  // BITSCALE_SIM_MAPPING_PACE_H_
