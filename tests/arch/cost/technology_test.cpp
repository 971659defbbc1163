#include "arch/cost/technology.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "arch/base/file.h"
#include "tests/arch/cost/samples.h"
#include "tests/support/temp_folder.h"

namespace bitscale::cost {
namespace {

base::JsonValue document_of(const std::string& name) {
  return base::parse_json_file(testing::source_path("configs/tech/" + name + ".json"));
}

Technology read(const base::JsonValue& document) {
  base::Problems problems;
  base::JsonReader reader(document, problems);
  Technology technology = read_technology(reader);
  problems.throw_if_any();
  return technology;
}

std::string error_of(const base::JsonValue& document) {
  try {
    read(document);
  } catch (const base::UserError& error) {
    return error.what();
  }
  return "";
}

/// The 45 nm technology with one value replaced.
base::JsonValue changed(const std::string& pointer, const std::string& value) {
  base::JsonValue document = document_of("generic_45nm");
  base::set_by_pointer(document, pointer, value, "test");
  return document;
}

TEST(Technology, ShippedFilesNameTheirOrigins) {
  for (const char* name : {"generic_45nm", "generic_14nm", "generic_7nm", "osu018"}) {
    const Technology technology = shipped(name);
    EXPECT_EQ(technology.name, name);
    EXPECT_FALSE(technology.mac_area.origin.source.empty());
    EXPECT_FALSE(technology.sram.origin.valid.empty());
    EXPECT_FALSE(technology.placement_utilization.enabled);
  }
}

TEST(Technology, ACharacterizationSaysHowItCameAbout) {
  const Technology technology = shipped("osu018");
  ASSERT_TRUE(technology.characterization.has_value());
  EXPECT_EQ(technology.characterization->library, "osu018_stdcells");
  EXPECT_EQ(technology.characterization->liberty_sha256.size(), 64U);
  EXPECT_EQ(technology.sram.origin.status, Status::Scaled);
  EXPECT_GT(technology.mac_delay_carry_ns.estimate.value, 0);
  EXPECT_EQ(shipped("generic_45nm").mac_delay_carry_ns.estimate.value, 0);
  EXPECT_FALSE(shipped("generic_45nm").characterization.has_value());
}

TEST(Technology, AFitOfTheWrongSizeIsRefused) {
  base::JsonValue document = document_of("osu018");
  base::set_by_pointer(document, "/mac_energy/fit/coefficients", "[1, 2]", "test");
  EXPECT_NE(error_of(document).find("needs 4 numbers"), std::string::npos);
}

TEST(Technology, ActivityRowsComeInOrder) {
  base::JsonValue document = document_of("osu018");
  base::set_by_pointer(document, "/mac_activity/rows/1/bits", "1", "test");
  EXPECT_NE(error_of(document).find("in order of their bits"), std::string::npos);
}

TEST(Technology, ScaledTablesAreMarkedAndScaled) {
  const Technology from = shipped("generic_45nm");
  const Technology to = shipped("generic_14nm");
  EXPECT_EQ(from.mac_area.origin.status, Status::Measured);
  EXPECT_EQ(to.mac_area.origin.status, Status::Scaled);
  EXPECT_NE(to.mac_area.origin.source.find("scaled from 45 nm"), std::string::npos);
  EXPECT_DOUBLE_EQ(to.mac_area.rows[5].value, from.mac_area.rows[5].value * area_scale(45, 14));
  const double energy =
      energy_scale({45, 1.1, Device::HighPerformance}, {14, 0.8, Device::HighPerformance});
  EXPECT_DOUBLE_EQ(to.mac_energy.rows[2].value, from.mac_energy.rows[2].value * energy);
  EXPECT_DOUBLE_EQ(to.decomposable_area_factor.estimate.value,
                   from.decomposable_area_factor.estimate.value);
  EXPECT_EQ(shipped("generic_7nm").mac_area.origin.status, Status::Measured);
  EXPECT_EQ(shipped("generic_7nm").mac_energy.origin.status, Status::Scaled);
}

TEST(Technology, MixingNodesUnscaledIsAnError) {
  const std::string mixed = error_of(changed("/sram/node_nm", "32"));
  EXPECT_NE(mixed.find("/sram/node_nm"), std::string::npos) << mixed;
  EXPECT_NE(mixed.find("32 nm"), std::string::npos) << mixed;
  base::JsonValue scaled = changed("/sram/node_nm", "32");
  base::set_by_pointer(scaled, "/sram/scale", "true", "test");
  EXPECT_EQ(error_of(scaled), "");
  base::set_by_pointer(scaled, "/sram/node_nm", "28", "test");
  EXPECT_NE(error_of(scaled).find("180, 130"), std::string::npos);
}

TEST(Technology, FiguresAreBoundedSoThatNoRunReachesInfinity) {
  for (const char* pointer :
       {"/sram/rows/0/read_pj", "/sram/rows/0/leakage_mw", "/mac_area/rows/0/um2",
        "/figures/logic_leakage_mw_per_mm2/value", "/figures/dma_pj_per_bit/value"}) {
    EXPECT_NE(error_of(changed(pointer, "1.1e9")).find("at most 1e+09"), std::string::npos)
        << pointer;
  }
  EXPECT_NE(error_of(changed("/sram/rows/0/read_pj", "1e-300")), "");
}

TEST(Technology, BadFiguresAreRefused) {
  const std::string figure = "/figures/register_area_um2_per_bit";
  EXPECT_NE(error_of(changed(figure + "/low", "99")).find("low"), std::string::npos);
  EXPECT_NE(error_of(changed(figure + "/source", "\"\"")).find("source"), std::string::npos);
  EXPECT_NE(error_of(changed(figure + "/status", "\"scaled\"")).find("status"), std::string::npos);
  EXPECT_NE(error_of(changed(figure + "/value", "-1")).find("value"), std::string::npos);
  EXPECT_NE(error_of(changed(figure + "/unit", "1")).find("unknown key 'unit'"), std::string::npos);
  EXPECT_NE(error_of(changed("/figures/narrow_operand_share/high", "1.1")).find("share"),
            std::string::npos);
  EXPECT_NE(error_of(changed("/figures/sram_macro_bytes/value", "0")).find("bytes"),
            std::string::npos);
  EXPECT_NE(error_of(changed("/mac_energy/rows/0/clock_pj", "1")).find("clock_pj"),
            std::string::npos);
  EXPECT_NE(error_of(changed("/mac_area/rows/0/weight_bits", "17")).find("weight_bits"),
            std::string::npos);
  EXPECT_NE(error_of(changed("/sram/rows", "[]")).find("at least one row"), std::string::npos);
}

// The shipped files are exactly what the generator makes of the measured tables.
TEST(Technology, ShippedFilesFollowFromTheReference) {
  const auto reference = testing::reference_path("");
  BITSCALE_REQUIRE_REFERENCE(reference / "mac_synthesis.csv");
  const testing::TempFolder folder;
  const std::string command = "/usr/bin/python3 '" +
                              testing::source_path("scripts/make_tech.py").string() +
                              "' --reference '" + reference.string() + "' --out '" +
                              folder.path().string() + "' > /dev/null";
  ASSERT_EQ(std::system(command.c_str()), 0);
  for (const char* name : {"generic_45nm.json", "generic_14nm.json", "generic_7nm.json"}) {
    const auto text = [](const std::filesystem::path& path) {
      return base::read_text_file(path, base::kJsonMaxBytes);
    };
    EXPECT_EQ(text(folder / name), text(testing::source_path("configs/tech") / name)) << name;
  }
}

}  // namespace
}  // namespace bitscale::cost
