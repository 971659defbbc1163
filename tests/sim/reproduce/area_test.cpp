#include "sim/reproduce/area.h"

#include <gtest/gtest.h>

#include <sstream>

#include "arch/base/error.h"
#include "arch/base/file.h"
#include "arch/base/json_value.h"
#include "tests/support/reference.h"
#include "tests/support/temp_folder.h"

namespace bitscale::reproduce {
namespace {

run::Catalog catalog() { return run::Catalog(testing::source_path("")); }

AreaStudy shipped() { return load_area_study(area_study_file(catalog()), catalog()); }

const AreaDensity& density(const std::vector<AreaDensity>& all, const std::string& accumulator) {
  for (const AreaDensity& one : all) {
    if (one.accumulator == accumulator) return one;
  }
  throw std::runtime_error(accumulator);
}

TEST(Area, CoversGuardBitsZeroToSixteenAndThreeFixedAccumulators) {
  const AreaResult result = reproduce_area(shipped());
  ASSERT_EQ(result.densities.size(), 17u + 3u);
  EXPECT_EQ(result.densities.front().accumulator, "2b + 0");
  EXPECT_EQ(result.densities[16].accumulator, "2b + 16");
  EXPECT_EQ(result.densities.back().accumulator, "32 bits");
  for (const AreaDensity& one : result.densities) {
    EXPECT_TRUE(one.to_8 && one.to_4 && one.to_2) << one.accumulator;
  }
}

TEST(Area, FiguresAreRatiosOfTheSynthesizedAreas) {
  const AreaStudy study = shipped();
  const AreaResult result = reproduce_area(study);
  EXPECT_DOUBLE_EQ(*density(result.densities, "2b + 8").to_2,
                   study.areas.mac_um2(16, 40) / study.areas.mac_um2(2, 12));
  EXPECT_DOUBLE_EQ(*density(result.densities, "24 bits").to_4,
                   study.areas.mac_um2(16, 24) / study.areas.mac_um2(4, 24));
  const AreaShare& at_4 = result.shares[2];
  EXPECT_EQ(at_4.bits, 4);
  EXPECT_DOUBLE_EQ(*at_4.saved, 1 - study.areas.mac_um2(4, 16) / study.areas.mac_um2(4, 32));
  EXPECT_DOUBLE_EQ(*at_4.saturates,
                   study.areas.mac_um2(4, 16, true) / study.areas.mac_um2(4, 16) - 1);
}

TEST(Area, NarrowerAccumulatorsSaveMoreAtFewerBits) {
  const AreaResult result = reproduce_area(shipped());
  EXPECT_FALSE(result.shares[0].saved);  // 2b + 8 of 16 bits is wider than 32
  EXPECT_GT(*result.shares[1].saved, 0);
  EXPECT_GT(*result.shares[2].saved, *result.shares[1].saved);
  EXPECT_GT(*result.shares[3].saved, *result.shares[2].saved);
}

TEST(Area, OverheadsAreAreasAndAreasPerMacAndCycle) {
  const AreaStudy study = shipped();
  const AreaResult result = reproduce_area(study);
  const double unit = study.areas.mac_um2(8, 24);
  ASSERT_EQ(result.overheads.size(), 5u);
  EXPECT_DOUBLE_EQ(result.overheads[0].area_ratio,
                   study.areas.area_um2("decomposable_mac", {{"SumApart", 0}}) / unit);
  const AreaOverhead& lanes = result.overheads[3];
  EXPECT_DOUBLE_EQ(lanes.per_mac_cycle, lanes.area_ratio / 16 * 8);
  EXPECT_NE(result.overheads[0].beside.find("Bit Fusion 3.40"), std::string::npos);
}

TEST(Area, StandsBesideFiveLibrariesAndBitFusion) {
  const AreaResult result = reproduce_area(shipped());
  int scaling = 0;
  bool bit_fusion = false;
  for (const AreaDensity& one : result.independent) {
    scaling += one.accumulator == "2b + 8" ? 1 : 0;
    if (one.accumulator != "not given") continue;
    bit_fusion = true;
    EXPECT_DOUBLE_EQ(*one.to_2, 1679.4 / 81.1);
  }
  EXPECT_EQ(scaling, 5);
  EXPECT_TRUE(bit_fusion);
}

TEST(Area, MissedTargetsAreSaidAndMetOnesToo) {
  AreaStudy study = shipped();
  const AreaResult result = reproduce_area(study);
  ASSERT_EQ(result.targets.size(), 5u);
  EXPECT_EQ(result.targets[0].id, "P4");
  EXPECT_EQ(*result.targets[0].published, 14);
  study.density.high = result.targets[0].measured - 0.5;
  const AreaResult missed = reproduce_area(study);
  EXPECT_FALSE(missed.targets[0].met());
  EXPECT_NE(area_text(study, missed).find("NO, by 0.500"), std::string::npos);
  study.density.high = result.targets[0].measured + 0.5;
  study.density.low = result.targets[0].measured;
  EXPECT_TRUE(reproduce_area(study).targets[0].met());
}

TEST(Area, JsonHasTargetsAndTables) {
  const AreaStudy study = shipped();
  const base::JsonValue document =
      base::parse_json(area_json(study, reproduce_area(study)), "area");
  for (const char* key : {"targets", "densities", "independent_densities", "shares",
                          "independent_shares", "overheads"}) {
    ASSERT_NE(document.find(key), nullptr) << key;
    EXPECT_FALSE(document.find(key)->items.empty()) << key;
  }
  EXPECT_FALSE(document.find("synthesis")->find("placed")->boolean);
}

TEST(AreaStudy, IndependentFiguresAreThoseMeasured) {
  const auto file = testing::reference_path("mac_synthesis.csv");
  BITSCALE_REQUIRE_REFERENCE(file);
  const std::string csv = base::read_text_file(file, 1u << 24);
  for (const IndependentAreas& other : shipped().independent) {
    if (other.status != "measured") continue;
    for (const IndependentAreas::Mac& mac : other.macs) {
      const std::string bits = std::to_string(mac.bits);
      char area[32];
      std::snprintf(area, sizeof area, "%.1f", mac.area_um2);
      std::ostringstream row;
      row << other.name << ',' << other.node_nm << ",mac_acc_register,baugh_wooley," << bits << ','
          << bits << ',' << *mac.acc_bits << ',' << area;
      EXPECT_NE(csv.find(row.str()), std::string::npos) << row.str();
    }
  }
}

TEST(AreaStudy, ProblemsNameTheirPlace) {
  const testing::TempFolder folder;
  std::string text =
      base::read_text_file(testing::source_path("configs/papers/mac_area/study.json"), 1u << 20);
  const std::size_t at = text.find("\"chosen\": 8");
  ASSERT_NE(at, std::string::npos);
  text.replace(at, 11, "\"chosen\": 17");
  const auto file = folder.write("study.json", text);
  try {
    load_area_study(file, catalog());
    FAIL();
  } catch (const base::UserError& error) {
    EXPECT_NE(std::string(error.what())
                  .find("study.json:/guard_bits/chosen: expected an integer "
                        "from 0 to 16, given 17"),
              std::string::npos)
        << error.what();
  }
}

}  // namespace
}  // namespace bitscale::reproduce
