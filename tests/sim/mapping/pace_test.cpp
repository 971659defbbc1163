#include "sim/mapping/pace.h"

#include <gtest/gtest.h>

#include "tests/support/random_design.h"

namespace bitscale::mapping {
namespace {

// Eight tiles in two phases: array 100, inputs 40 per tile, stores 10, post-processing 5.
Pace busy_array() {
  Pace pace;
  pace.compute = 100;
  pace.post = 5;
  pace.frequent = 40;
  pace.store = 10;
  pace.latency = 20;
  pace.first = 40;
  pace.tiles_per_phase = 4;
  pace.phases = 2;
  pace.loads_each_tile = true;
  return pace;
}

TEST(Pace, ABusyArrayNeverWaits) {
  EXPECT_DOUBLE_EQ(latency_cycles(busy_array()), 20 + 40 + 8 * 100 + 5 + 10);
}

// Cells are written before a phase's tiles; nothing of the phase goes on meanwhile.
TEST(Pace, WritingCellsDelaysEveryPhase) {
  Pace pace = busy_array();
  pace.write = 50;
  EXPECT_DOUBLE_EQ(latency_cycles(pace), 20 + 40 + 8 * 100 + 2 * 50 + 5 + 10);
  pace.post = 120;  // sets the pace, and does not make up for the writing
  const double slow = latency_cycles(pace);
  pace.write = 0;
  EXPECT_DOUBLE_EQ(slow, latency_cycles(pace) + 2 * 50);
  pace.write = 50;
  pace.double_buffering = false;  // spread over the tiles of a phase
  Pace spread = pace;
  spread.write = 0;
  spread.compute += 50.0 / 4;
  EXPECT_DOUBLE_EQ(latency_cycles(pace), latency_cycles(spread));
}

// An even number of tiles writes in the same one of two slots, an odd one in both in turn.
TEST(Pace, WritingMeetsSlotsThatWaitForLoads) {
  Pace pace = busy_array();
  pace.latency = 200;  // a tile each (100 + 40 + 200) / 2
  const auto added = [&](double write) {
    Pace writing = pace;
    writing.write = write;
    return latency_cycles(writing) - latency_cycles(pace);
  };
  EXPECT_DOUBLE_EQ(added(60), 2 * 60);
  pace.tiles_per_phase = 5;
  EXPECT_DOUBLE_EQ(added(60), 2 * 30);
  EXPECT_GT(added(61), added(60));
}

TEST(Pace, WritingIsOfTheFirstPassOverPinnedWeights) {
  Pace pace = busy_array();
  pace.pinned = 1;
  pace.passes = 2;
  const double without = latency_cycles(pace);
  pace.write = 25;  // averaged over both phases
  EXPECT_DOUBLE_EQ(latency_cycles(pace), without + 50);
}

TEST(Pace, ABusyDramNeverWaits) {
  Pace pace = busy_array();
  pace.frequent = pace.first = 400;
  // The last store but one fills 10 of the last tile's time.
  EXPECT_DOUBLE_EQ(latency_cycles(pace), 20 + 8 * (400 + 10) + 100 + 5 - 10);
}

// Two slots cover a latency up to one tile of array time, and not a cycle more.
TEST(Pace, TwoSlotsHideLatencyUpToATile) {
  Pace pace = busy_array();
  pace.latency = 60;  // load 40 + 60: exactly the tile before
  EXPECT_DOUBLE_EQ(latency_cycles(pace), 60 + 40 + 8 * 100 + 15);
  pace.latency = 62;  // every tile from the third on comes a cycle later
  EXPECT_DOUBLE_EQ(latency_cycles(pace), 62 + 40 + 8 * 100 + 6 * 1 + 15);
}

// A rare load of r goes before the next input: 2·100 cycles cover r + 2·40 + 20.
TEST(Pace, ARareLoadBlocksTheNextInput) {
  Pace pace = busy_array();
  pace.store = 0;
  pace.rare = 100;
  const double covered = latency_cycles(pace);
  EXPECT_DOUBLE_EQ(covered, 20 + 40 + 8 * 100 + 5);
  pace.rare = 101;
  EXPECT_DOUBLE_EQ(latency_cycles(pace), covered + 1);
}

// Only the first of two passes over the weights loads them, and the DRAM sets its pace alone.
TEST(Pace, PinnedWeightsAreLoadedInTheFirstPass) {
  Pace pace = busy_array();
  pace.pinned = 300;
  pace.passes = 2;
  pace.first += pace.pinned;
  const double first_pass = 4 * (40 + 300 + 10);
  EXPECT_DOUBLE_EQ(latency_cycles(pace), 20 + first_pass + 4 * 100 + 5 + 10);
  Pace spread = busy_array();  // the same bytes, spread over both passes
  spread.frequent += 150;
  spread.first += 150;
  EXPECT_LT(latency_cycles(spread), latency_cycles(pace));
}

// The last of an odd number of tiles waits for the slot of the first, which turned once more than
// the second's: 300 of load before the first tile, then two turns of 100 + 40 + 260.
TEST(Pace, AnOddTileTakesItsSlotOnceMore) {
  Pace pace = busy_array();
  pace.latency = 260;
  pace.phases = 1;
  pace.tiles_per_phase = 4;
  EXPECT_DOUBLE_EQ(latency_cycles(pace), 300 + 400 + 2 * 100 + 15);
  pace.tiles_per_phase = 5;
  EXPECT_DOUBLE_EQ(latency_cycles(pace), 300 + 2 * 400 + 100 + 15);
  pace.fill = 0.8;  // the last tile is next to nothing and waits no more than the fourth
  const double full = latency_cycles(pace);
  pace.fill = 1;
  EXPECT_GT(latency_cycles(pace), full);
}

// Phases that finish outputs find their operands' slots taken by those that added before them.
TEST(Pace, FinishingPhasesGoOnWhereAddingOnesEnd) {
  Pace pace = busy_array();
  pace.latency = 260;
  pace.tiles_per_phase = 2;
  pace.phases = 2;
  const double whole = latency_cycles(pace);
  pace.reduction_trips = 2;
  pace.holds_outputs = true;
  EXPECT_DOUBLE_EQ(latency_cycles(pace), whole);
  EXPECT_DOUBLE_EQ(whole, 300 + 400 + 2 * 100 + 15);
}

// Two loads of 400, array time 100, stores of 300: the first store is asked for behind the last
// load and fills the time of the last tile.
TEST(Pace, AStoreFillsTheTimeOfTheLastTile) {
  Pace pace = busy_array();
  pace.frequent = pace.first = 400;
  pace.phases = 1;
  pace.tiles_per_phase = 2;
  pace.latency = 0;
  pace.store = 300;
  EXPECT_DOUBLE_EQ(latency_cycles(pace), 800 + 300 + 300);
  pace.store = 50;
  EXPECT_DOUBLE_EQ(latency_cycles(pace), 800 + 105 + 50);
}

// Behind the first tile the DRAM has nothing but stores to do.
TEST(Pace, StoresFollowTheFirstTile) {
  Pace pace = busy_array();
  pace.store = 1000;
  pace.phases = 1;
  pace.tiles_per_phase = 2;
  EXPECT_DOUBLE_EQ(latency_cycles(pace), 20 + 40 + 100 + 5 + 2 * 1000);
}

// The full half waits for the DRAM and the other for the array: what one saves the other does not.
TEST(Pace, UnevenTilesWaitForOneAfterTheOther) {
  Pace pace = busy_array();
  pace.frequent = pace.first = 100;
  pace.phases = 2;
  const double even = latency_cycles(pace);
  pace.rest.trips = 0.5;
  pace.rest.compute = pace.rest.frequent = pace.rest.outputs = 0.5;
  EXPECT_DOUBLE_EQ(latency_cycles(pace), even);
  pace.rest.frequent = 0.1;  // 4 loads of 180, then 4 of 20
  EXPECT_DOUBLE_EQ(latency_cycles(pace), 20 + 4 * 180 + 100 + 4 * 100 + 15);
  pace.rest.frequent = 0.9;  // 20 and then 180: the first two of them come ahead
  EXPECT_GE(latency_cycles(pace), 20 + 20 + 4 * 100 + 2 * 180 + 100 + 15);
  pace.double_buffering = false;  // loads and array alternate whatever the sizes
  const double turns = latency_cycles(pace);
  pace.rest = {};
  EXPECT_DOUBLE_EQ(latency_cycles(pace), turns);
}

TEST(Pace, OneSlotTakesTurns) {
  Pace pace = busy_array();
  pace.double_buffering = false;
  // The first tile waits for its load alone, the others for load (60) or the store before (50).
  EXPECT_DOUBLE_EQ(latency_cycles(pace), 8 * (60 + 100) + 15);
}

// Outputs stay on chip: a skip operand is loaded from the end of one post-processing to the next, 5
// later than the array's tile of 100, and holds up only what takes longer.
TEST(Pace, OneSlotLoadsSkipOperandsWhileTheArrayWorks) {
  Pace pace;
  pace.double_buffering = false;
  pace.compute = 100;
  pace.post = 5;
  pace.latency = 20;
  pace.tiles_per_phase = 4;
  pace.skip = 80;  // 20 + 80: just hidden
  EXPECT_DOUBLE_EQ(latency_cycles(pace), 4 * 100 + 3 * 5 + 5);
  pace.skip = 150;
  EXPECT_DOUBLE_EQ(latency_cycles(pace), (20 + 150) + 3 * (5 + 20 + 150) + 5);
}

// Two output tiles per run, 300 of post-processing each: the first tile of the next run's first
// phase starts when its slot is stored, the second likewise, and only then the phase that finishes.
TEST(Pace, OneSlotPostProcessesARunOfOutputsInOrder) {
  Pace pace;
  pace.double_buffering = false;
  pace.compute = 100;
  pace.post = 300;
  pace.tiles_per_phase = 2;
  pace.phases = 8;
  pace.reduction_trips = 2;
  pace.holds_outputs = true;
  pace.output_runs = 4;
  EXPECT_DOUBLE_EQ(latency_cycles(pace), 300 + 3 * (600 + 100 + 100) + 600);
  pace.post = 50;  // hidden behind the array but for the last
  EXPECT_DOUBLE_EQ(latency_cycles(pace), 16 * 100 + 50);
  pace.post = 300;
  pace.output_runs = 1;  // all sums first, then all outputs
  EXPECT_DOUBLE_EQ(latency_cycles(pace), 900 + 8 * 300);
}

// Sums kept on chip until the last reduction: only the last phase stores.
TEST(Pace, HeldOutputsLeaveInTheLastPhases) {
  Pace pace = busy_array();
  pace.reduction_trips = 2;
  pace.holds_outputs = true;
  pace.store = 500;
  EXPECT_DOUBLE_EQ(latency_cycles(pace), 20 + (40 + 4 * 100) + 4 * (40 + 500));
}

Pace random_pace(testing::Dice& dice) {
  const auto cycles = [&dice] { return static_cast<double>(dice.between(0, 200)); };
  Pace pace;
  pace.compute = cycles();
  pace.post = cycles();
  pace.frequent = cycles();
  pace.rare = cycles();
  pace.skip = dice.flip() ? cycles() : 0;
  pace.store = cycles();
  pace.latency = cycles();
  pace.loads_each_tile = pace.frequent > 0;
  pace.tiles_per_phase = static_cast<double>(dice.between(2, 9));
  pace.reduction_trips = static_cast<double>(dice.between(1, 3));
  pace.phases = pace.reduction_trips * static_cast<double>(dice.between(1, 5));
  pace.sums_inside = pace.reduction_trips > 1 && dice.flip();
  if (pace.sums_inside) {
    pace.reduction_trips = pace.tiles_per_phase;
    pace.rare = 0;
  }
  pace.holds_outputs = !pace.sums_inside && pace.reduction_trips > 1;
  if (pace.holds_outputs && dice.flip()) pace.output_runs = pace.phases / pace.reduction_trips;
  const double last = static_cast<double>(dice.between(1, 100)) / 100;  // the last tile's size
  pace.fill = (pace.tiles_per_phase - 1 + last) / pace.tiles_per_phase;
  pace.first = pace.frequent / pace.fill + pace.rare;
  pace.double_buffering = dice.flip();
  if (dice.flip()) {  // a loop outside, whose last trip is smaller
    const auto trips = static_cast<double>(dice.between(2, 4));
    pace.phases *= trips;
    pace.rest.trips = 1 / trips;
    for (double Rest::*share : {&Rest::compute, &Rest::frequent, &Rest::rare, &Rest::outputs}) {
      pace.rest.*share = pace.rest.trips * static_cast<double>(dice.between(10, 100)) / 100;
    }
  }
  if (dice.flip()) {  // the phases must divide into whole passes
    pace.pinned = static_cast<double>(dice.between(1, 300));
    pace.passes = static_cast<double>(dice.between(2, 4));
    pace.phases *= pace.passes;
    pace.first += pace.pinned;
  }
  return pace;
}

TEST(Pace, NeverRisesWhenAPartFalls) {
  for (std::uint64_t seed = 0; seed < 20000; ++seed) {
    testing::Dice dice(seed);
    const Pace pace = random_pace(dice);
    const double before = latency_cycles(pace);
    for (double Pace::*part : {&Pace::compute, &Pace::post, &Pace::frequent, &Pace::rare,
                               &Pace::skip, &Pace::store, &Pace::latency, &Pace::pinned}) {
      Pace less = pace;
      less.*part *= static_cast<double>(dice.between(50, 99)) / 100;
      less.first = less.frequent / less.fill + less.rare + less.pinned;
      EXPECT_LE(latency_cycles(less), before * (1 + 1e-12)) << seed;
    }
  }
}

}  // namespace
}  // namespace bitscale::mapping
