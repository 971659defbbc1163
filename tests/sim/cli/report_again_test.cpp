// bitscale report: a run priced again is the run, where the technology is the same.
#include <gtest/gtest.h>

#include <algorithm>

#include "arch/base/file.h"
#include "arch/base/json_parse.h"
#include "arch/base/json_writer.h"
#include "tests/sim/cli/program.h"
#include "tests/support/temp_folder.h"

namespace bitscale::cli {
namespace {

using Words = std::vector<std::string>;

class ReportAgain : public ::testing::Test {
 protected:
  // The report of a run with these words, and its counts priced again by a technology.
  void make(Words words, const std::string& technology) {
    words.insert(words.begin(), "run");
    words.insert(words.end(), {"-q", "-o", out("run")});
    ASSERT_EQ(bitscale(words).status, kDone);
    const Outcome again = bitscale(
        {"report", out("run") + "/counts.json", "--tech", technology, "-q", "-o", out("again")});
    ASSERT_EQ(again.status, kDone) << again.err;
    run_ = document("run");
    again_ = document("again");
  }
  std::string out(const std::string& name) const { return (folder_ / name).string(); }
  base::JsonValue document(const std::string& name) const {
    return base::parse_json_file(folder_ / (name + "/report.json"));
  }
  std::string text(const std::string& file) const {
    return base::read_text_file(folder_ / file, 1u << 24);
  }
  // Without what says how the report was made.
  static std::string told(base::JsonValue report) {
    base::JsonValue* made = report.find("provenance");
    auto& members = made->members;
    members.erase(std::remove_if(members.begin(), members.end(),
                                 [](const base::JsonMember& member) {
                                   return member.key == "inputs" || member.key == "command";
                                 }),
                  members.end());
    return written(report);
  }
  static std::string written(const base::JsonValue& value) {
    base::JsonWriter json;
    return json.begin_object().member("value", value).end().take();
  }
  static std::string member(const base::JsonValue& report, const char* key) {
    const base::JsonValue* found = report.find(key);
    return found == nullptr ? "" : written(*found);
  }

  testing::TempFolder folder_;
  base::JsonValue run_, again_;
};

TEST_F(ReportAgain, OfShapesInTheSameTechnologyIsTheSame) {
  make({"--network", "resnet20_cifar10", "--precision", "w4a4_first_last_8", "--set",
        "/arch/cores=2"},
       "generic_45nm");
  EXPECT_EQ(told(again_), told(run_));
  for (const char* file : {"/counts.json", "/layers.csv", "/mapping.json", "/resolved.json"}) {
    EXPECT_EQ(text("again" + std::string(file)), text("run" + std::string(file))) << file;
  }
}

TEST_F(ReportAgain, OfTensorsInTheSameTechnologyIsTheSame) {
  make({"digits_mlp_w4a4", "--acc-bits", "8..10", "--check-array"}, "generic_45nm");
  EXPECT_NE(run_.find("accumulator_sweep"), nullptr);
  EXPECT_NE(run_.find("accuracy"), nullptr);
  EXPECT_EQ(told(again_), told(run_));
}

TEST_F(ReportAgain, InAnotherTechnologyKeepsWhatPricesDoNotChange) {
  make({"digits_mlp_w4a4", "--acc-bits", "9..10", "--analytic"}, "generic_7nm");
  for (const char* key : {"accuracy", "accumulators", "gain_waterfall"}) {
    EXPECT_NE(member(run_, key), "") << key;
    EXPECT_EQ(member(again_, key), member(run_, key)) << key;
  }
  EXPECT_EQ(again_.find("accumulator_sweep"), nullptr);
  EXPECT_TRUE(holds(member(again_, "notes"), "the sweep over accumulator widths is left out"));
  // Statistics stay, their energies are of the new prices and agree with the layers'.
  const base::JsonValue& first = again_.find("activity")->items.front();
  const base::JsonValue& before = run_.find("activity")->items.front();
  EXPECT_EQ(first.find("zero_operand_rate")->number, before.find("zero_operand_rate")->number);
  EXPECT_LT(first.find("energy_pj")->number, before.find("energy_pj")->number);
  EXPECT_EQ(first.find("energy_pj")->number,
            again_.find("layers")->items.front().find("energy_pj")->number);
}

TEST_F(ReportAgain, WithoutTheRunsOtherFilesSaysWhatIsMissing) {
  make({"digits_mlp_w4a4", "--analytic"}, "generic_45nm");
  const auto counts = folder_.write("alone/counts.json", text("run/counts.json"));
  const Outcome alone = bitscale({"report", counts.string(), "--json"});
  EXPECT_EQ(alone.status, kDone) << alone.err;
  EXPECT_TRUE(holds(alone.out, "resolved.json and mapping.json are not beside its counts"));
  EXPECT_FALSE(holds(alone.out, "\"accuracy\""));
}

}  // namespace
}  // namespace bitscale::cli
