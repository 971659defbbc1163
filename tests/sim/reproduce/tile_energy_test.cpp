#include "sim/reproduce/tile_energy.h"

#include <gtest/gtest.h>

#include "arch/base/error.h"
#include "arch/base/file.h"
#include "tests/support/reference.h"
#include "tests/support/temp_folder.h"

namespace bitscale::reproduce {
namespace {

TEST(TileEnergy, AddsClockPinsAndLeavesOutBareUnits) {
  const testing::TempFolder folder;
  const auto file = folder.path() / "sets.json";
  base::write_file_atomically(file, R"({"rows": [
    {"name": "mac", "module": "mac_unit", "points": [{"point": "random"}]},
    {"name": "pim", "module": "pim_array", "points":
      [{"point": "sparse", "clock_pj": 1, "settled_pj": 3, "unit_pj": 7}]},
    {"name": "array", "module": "mac_array", "points":
      [{"point": "random", "clock_pj": 2, "settled_pj": 4, "unit_pj": 10,
        "settled_standard_error_pj": 0.125, "reset_clock_pj": 3, "reset_settled_pj": 5,
        "elements_clock_pj": 1,
        "elements_settled_pj": 3, "mac_clock_pj": 0.5, "mac_settled_pj": 1}]}]})");
  const std::vector<TileEnergy> all = load_tile_energies(file);
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].tile_pj, 4);
  EXPECT_EQ(all[0].glitch_factor, 2);
  EXPECT_FALSE(all[0].elements_pj);
  EXPECT_FALSE(all[0].standard_error_pj);
  EXPECT_FALSE(all[0].reset_pj);
  EXPECT_EQ(all[1].standard_error_pj, 0.125);
  EXPECT_EQ(all[1].reset_pj, 8);
  EXPECT_EQ(all[1].tile_pj, 6);
  EXPECT_EQ(all[1].elements_pj, 4);
  EXPECT_EQ(all[1].mac_pj, 1.5);
  const std::string text = tile_energy_text(all);
  EXPECT_NE(text.find("1.50"), std::string::npos) << text;  // array over its elements
  EXPECT_NE(text.find("4.00"), std::string::npos) << text;
}

TEST(TileEnergy, AFileWithoutRowsIsTheUsersFault) {
  const testing::TempFolder folder;
  const auto file = folder.path() / "sets.json";
  base::write_file_atomically(file, R"({"rows": [{"name": "p", "module": "pim_array", "points":
    [{"point": "sparse", "clock_pj": 1, "unit_pj": 7}]}]})");
  EXPECT_THROW(load_tile_energies(file), base::UserError);
}

TEST(TileEnergy, AnArrayTakesMoreThanItsElements) {
  const auto all =
      load_tile_energies(testing::source_path("rtl/synth/results/osu018_stdcells_sets.json"));
  std::size_t arrays = 0;
  for (const TileEnergy& one : all) {
    if (!one.elements_pj) continue;
    ++arrays;
    EXPECT_GT(one.tile_pj, *one.elements_pj) << one.set << " " << one.point;
    // A bare MAC with held operands sums them in another order, which may toggle more.
    if (one.point == "held") continue;
    EXPECT_GT(one.tile_pj, *one.mac_pj) << one.set << " " << one.point;
  }
  EXPECT_GE(arrays, 10u);
}

}  // namespace
}  // namespace bitscale::reproduce
