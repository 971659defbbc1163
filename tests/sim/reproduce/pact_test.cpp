// The study on a small network and a map of one cell, so that the whole path runs in a moment.
#include "sim/reproduce/pact.h"

#include <gtest/gtest.h>

#include "arch/base/error.h"
#include "arch/base/file.h"
#include "arch/base/json_value.h"
#include "tests/support/reference.h"
#include "tests/support/temp_folder.h"

namespace bitscale::reproduce {
namespace {

constexpr const char* kSmallStudy = R"({"schema_version": 1, "network": "resnet20_cifar10",
  "tech": "generic_14nm", "rule": "rule.json", "a_priori": "a_priori.json",
  "committed": "committed.json",
  "synthesis": {"file": "rtl/synth/results/osu018_stdcells_area.json", "acc_bits": 32},
  "map": {"cores": [2, 4], "capacity_bytes": [65536], "bandwidth_gbps": [64]}})";

class Pact : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const char* name : {"rule.json", "a_priori.json", "committed.json"}) {
      std::filesystem::copy_file(testing::source_path("configs/papers/pact_2018") / name,
                                 folder_ / name);
    }
    file_ = folder_.write("study.json", kSmallStudy);
  }
  PactStudy load() const { return load_pact_study(file_, catalog_); }
  static PactResult run(const PactStudy& study) {
    return reproduce_pact(study, [](const std::string&) {});
  }

  testing::TempFolder folder_;
  std::filesystem::path file_;
  run::Catalog catalog_{testing::source_path("")};
};

TEST_F(Pact, MeasuresThreeDesignsInThreeSystems) {
  const PactStudy study = load();
  const PactResult result = run(study);
  for (const PactMeasurement* one : {&result.a_priori, &result.committed, &result.synthesized}) {
    ASSERT_EQ(one->gains.size(), 3u);
    EXPECT_EQ(one->gains[0].bandwidth_gbps, 0);  // infinite
    for (const PactGains& gains : one->gains) {
      EXPECT_GE(gains.w8, 1);
      EXPECT_GE(gains.w4, gains.w8);
      EXPECT_GE(gains.w2, gains.w4);
    }
  }
  EXPECT_EQ(result.a_priori.targets.size(), 5u);
  EXPECT_EQ(result.committed.targets.size(), 6u);  // and the ablation
  EXPECT_EQ(result.synthesized.targets.size(), 5u);
  EXPECT_EQ(result.map.size(), 2u);
  EXPECT_EQ(result.w4_precision, "w4a4_first_last_8");
}

TEST_F(Pact, TheSynthesizedPeakIsTheRatioOfAreas) {
  const PactStudy study = load();
  const PactResult result = run(study);
  EXPECT_EQ(result.synthesized_ratio, study.mac_areas.peak_ratio(32));
  const PactGains& infinite = result.synthesized.gains.front();
  EXPECT_LE(infinite.w2, result.synthesized_ratio[3]);
}

TEST_F(Pact, GainsNeverExceedThePeakWithoutADram) {
  const PactResult result = run(load());
  EXPECT_LE(result.committed.gains.front().w4, 4);
  EXPECT_LE(result.committed.gains.front().w2, 8);
  EXPECT_LE(result.a_priori.gains.front().w4, 4);
}

TEST_F(Pact, TheWaterfallMultipliesToTheGain) {
  const PactResult result = run(load());
  EXPECT_NEAR(result.waterfall.total(), result.committed.gains[1].w4, 1e-9);
}

TEST_F(Pact, TheWaterfallPassesThroughRealRuns) {
  const PactStudy study = load();
  const PactResult result = run(study);
  const auto& steps = result.waterfall.steps;
  ASSERT_EQ(steps.size(), 6u);
  double prefix = 1;
  for (std::size_t i = 0; i < 4; ++i) prefix *= steps[i].factor;
  EXPECT_EQ(steps[3].name, "DRAM");
  EXPECT_NEAR(prefix, result.ablation_gain, 1e-9);
  const PactVariant nothing_resident{64, false, false};
  const auto latency_at = [&](PactPoint point) {
    return run_pact(study, study.committed, point, nothing_resident, Engine::Systemc);
  };
  EXPECT_EQ(steps[4].name, "tile reuse");
  EXPECT_NEAR(prefix * steps[4].factor, gain(latency_at(PactPoint::W16), latency_at(PactPoint::W4)),
              1e-9);
}

TEST_F(Pact, TextReportsTheRulesDesignFirstThenTheMap) {
  const PactStudy study = load();
  const std::string text = pact_text(study, run(study));
  std::size_t last = 0;
  for (const char* part :
       {"1. The design that a rule gives", "committed before the design it gives was measured",
        "Fleischer", "P1", "2. Map", "exceed",
        "3. A cell of the map, chosen with the targets in sight",
        "4. The same targets at the synthesized area ratio",
        "measured by synthesis, osu018_stdcells (Yosys 0.23, unplaced)"}) {
    const std::size_t at = text.find(part, last);
    ASSERT_NE(at, std::string::npos) << part << " in\n" << text;
    last = at;
  }
}

TEST_F(Pact, JsonHasTheTargetsOfEveryDesign) {
  const PactStudy study = load();
  const base::JsonValue document = base::parse_json(pact_json(study, run(study)), "pact");
  for (const char* key : {"targets", "a_priori_targets", "synthesized_targets"}) {
    ASSERT_NE(document.find(key), nullptr) << key;
    EXPECT_EQ(document.find(key)->items.front().find("id")->text, "P1");
  }
  EXPECT_EQ(document.find("synthesis")->find("peak_ratio_at_16_8_4_2_bits")->items.size(), 4u);
}

TEST_F(Pact, ADesignThatTheRuleDoesNotGiveIsRefused) {
  std::string text = base::read_text_file(folder_ / "a_priori.json", 1u << 20);
  const std::size_t at = text.find("\"cores\": 1");
  ASSERT_NE(at, std::string::npos);
  text.replace(at, 10, "\"cores\": 8");
  folder_.write("a_priori.json", text);
  try {
    load();
    FAIL();
  } catch (const base::UserError& error) {
    EXPECT_NE(std::string(error.what()).find("a_priori.json:/cores: the rule of "),
              std::string::npos)
        << error.what();
  }
}

TEST_F(Pact, AStudyIsReadStrictly) {
  folder_.write("study.json", R"({"schema_version": 1, "network": "resnet20_cifar10"})");
  try {
    load();
    FAIL();
  } catch (const base::UserError& error) {
    EXPECT_GE(error.problems().size(), 6u) << error.what();
  }
}

}  // namespace
}  // namespace bitscale::reproduce
