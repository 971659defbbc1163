#include "sim/reproduce/mac_areas.h"

#include <gtest/gtest.h>

#include "arch/base/error.h"
#include "tests/support/reference.h"
#include "tests/support/temp_folder.h"

namespace bitscale::reproduce {
namespace {

constexpr const char* kRows = R"({"schema_version": 1, "library": "lib", "tool": "Yosys", "rows": [
  {"module": "mac_unit", "area_um2": 60, "parameters": {"WeightBits": 16, "ActBits": 16,
   "AccBits": 32, "WeightSigned": true, "ActSigned": true, "Overflow": 0, "TrackOverflow": false}},
  {"module": "mac_unit", "area_um2": 15, "parameters": {"WeightBits": 4, "ActBits": 4,
   "AccBits": 32, "WeightSigned": true, "ActSigned": true, "Overflow": 0, "TrackOverflow": false}},
  {"module": "mac_unit", "area_um2": 20, "parameters": {"WeightBits": 4, "ActBits": 4,
   "AccBits": 32, "WeightSigned": true, "ActSigned": true, "Overflow": 1, "TrackOverflow": false}},
  {"module": "configurable_mac", "area_um2": 90, "parameters": {"AccBits": 40}}]})";

class Areas : public ::testing::Test {
 protected:
  MacAreas load(const std::string& text) const {
    return load_mac_areas(folder_.write("areas.json", text));
  }
  testing::TempFolder folder_;
};

TEST_F(Areas, AreFoundByModuleAndParameters) {
  const MacAreas areas = load(kRows);
  EXPECT_EQ(areas.mac_um2(16, 32), 60);
  EXPECT_EQ(areas.mac_um2(4, 32), 15);
  EXPECT_EQ(areas.mac_um2(4, 32, true), 20);
  EXPECT_EQ(areas.area_um2("configurable_mac", {}), 90);
  EXPECT_EQ(areas.density_ratio(4, 32, 32), 4);
  EXPECT_EQ(areas.origin(), "lib (Yosys, unplaced)");
}

TEST_F(Areas, AMissingDesignIsNamedWithItsFile) {
  const MacAreas areas = load(kRows);
  try {
    areas.mac_um2(2, 32);
    FAIL();
  } catch (const base::UserError& error) {
    const std::string what = error.what();
    EXPECT_NE(what.find("areas.json:/rows: no row of mac_unit"), std::string::npos) << what;
    EXPECT_NE(what.find("WeightBits=2"), std::string::npos) << what;
  }
}

TEST_F(Areas, BrokenRowsAreReportedWithTheirPlace) {
  try {
    load(R"({"library": "l", "tool": "t", "rows": [{"module": "m", "area_um2": 0,
         "parameters": {"A": "b"}}]})");
    FAIL();
  } catch (const base::UserError& error) {
    const std::string what = error.what();
    EXPECT_NE(what.find("/rows/0/area_um2"), std::string::npos) << what;
    EXPECT_NE(what.find("/rows/0/parameters/A"), std::string::npos) << what;
  }
}

TEST(CommittedAreas, GiveAPeakThatRisesWithFewerBits) {
  const MacAreas areas =
      load_mac_areas(testing::source_path("rtl/synth/results/osu018_stdcells_area.json"));
  const auto ratio = areas.peak_ratio(32);
  EXPECT_EQ(ratio[0], 1);
  EXPECT_DOUBLE_EQ(ratio[2], areas.mac_um2(16, 32) / areas.mac_um2(4, 32));
  for (std::size_t i = 1; i < ratio.size(); ++i) EXPECT_GT(ratio[i], ratio[i - 1]);
}

}  // namespace
}  // namespace bitscale::reproduce
