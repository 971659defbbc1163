// bitscale reproduce: the contract of its JSON and its exit status.
#include <gtest/gtest.h>

#include <filesystem>

#include "arch/base/file.h"
#include "arch/base/json_value.h"
#include "tests/sim/cli/program.h"
#include "tests/support/reference.h"
#include "tests/support/temp_folder.h"

namespace bitscale::cli {
namespace {

// The area study with every expectation so wide that it is met, or one so narrow that it is not.
std::string area_study(const testing::TempFolder& folder, const std::string& low,
                       const std::string& high) {
  std::string text =
      base::read_text_file(testing::source_path("configs/papers/mac_area/study.json"), 1u << 20);
  const std::string limits = "\"low\": " + low + ", \"high\": " + high;
  for (std::size_t at = text.find("\"low\": "); at != std::string::npos;
       at = text.find("\"low\": ", at + 1)) {
    if (text.compare(at, 10, "\"low\": 0, ") == 0) continue;  // guard bits
    const std::size_t end = text.find(',', text.find("\"high\": ", at));
    text.replace(at, end - at, limits);
  }
  return folder.write("study.json", text).string();
}

bool every_target_has_the_contract(const base::JsonValue& document) {
  const base::JsonValue* targets = document.find("targets");
  if (targets == nullptr || targets->items.empty()) return false;
  for (const base::JsonValue& target : targets->items) {
    for (const char* key :
         {"id", "what", "published", "published_status", "measured", "tolerance", "met"}) {
      if (target.find(key) == nullptr) return false;
    }
  }
  return true;
}

bool all_met(const base::JsonValue& document) {
  for (const base::JsonValue& target : document.find("targets")->items) {
    if (!target.find("met")->boolean) return false;
  }
  return true;
}

// Without -o there is no folder for the networks; only some reproductions train; and this test
// program has no bitscale-train beside it, as a build without the component has none.
TEST(Reproduce, RetrainSaysWhatItNeeds) {
  const testing::TempFolder folder;
  const std::string output = (folder / "out").string();
  const auto refused = [](const std::vector<std::string>& words, const std::string& part) {
    const Outcome outcome = bitscale(words);
    EXPECT_EQ(outcome.status, kBadInput) << part;
    EXPECT_NE(outcome.err.find(part), std::string::npos) << outcome.err;
  };
  refused({"reproduce", "omse", "--retrain"}, "needs --output");
  refused({"reproduce", "pact", "--retrain", "-o", output}, "trains nothing");
  for (const char* name : {"omse", "trained", "all"}) {
    refused({"reproduce", name, "--retrain", "-o", output}, "-DBITSCALE_TRAINING=ON");
  }
}

TEST(Reproduce, RefusesAStudyNobodyReads) {
  for (const char* name : {"omse", "accumulator", "trained", "colonnade"}) {
    const Outcome outcome = bitscale({"reproduce", name, "--study", "study.json"});
    EXPECT_EQ(outcome.status, kBadInput) << name;
    EXPECT_NE(outcome.err.find("reads no study file"), std::string::npos) << outcome.err;
  }
}

TEST(Reproduce, MetTargetsExitZeroAndAMissedOneExitsOne) {
  const testing::TempFolder folder;
  const Outcome met =
      bitscale({"reproduce", "area", "--study", area_study(folder, "0.1", "1000"), "--json"});
  EXPECT_EQ(met.status, kDone) << met.err << met.out;
  EXPECT_TRUE(all_met(base::parse_json(met.out, "area")));
  const Outcome missed =
      bitscale({"reproduce", "area", "--study", area_study(folder, "0.1", "0.2"), "--json"});
  EXPECT_EQ(missed.status, kCheckFailed);
  EXPECT_FALSE(all_met(base::parse_json(missed.out, "area")));
}

TEST(Reproduce, TheShippedAreaStudySaysWhichTargetsItMisses) {
  const Outcome json = bitscale({"reproduce", "area", "--json"});
  const base::JsonValue document = base::parse_json(json.out, "area");
  EXPECT_TRUE(every_target_has_the_contract(document));
  EXPECT_EQ(json.status, all_met(document) ? kDone : kCheckFailed);
  EXPECT_TRUE(document.find("targets")->items.front().find("met")->boolean);  // P4
  const Outcome text = bitscale({"reproduce", "area"});
  EXPECT_EQ(text.status, json.status);
  EXPECT_EQ(holds(text.out, "NO, by"), !all_met(document));
}

TEST(Reproduce, ThePactStudyMeetsItsTargetsAndWritesItsReport) {
  const testing::TempFolder folder;
  const std::string out = (folder / "out").string();
  const Outcome outcome = bitscale({"reproduce", "pact", "--json", "-q", "-o", out});
  EXPECT_EQ(outcome.err, "");
  const base::JsonValue document = base::parse_json(outcome.out, "pact");
  EXPECT_TRUE(every_target_has_the_contract(document));
  EXPECT_EQ(outcome.status, all_met(document) ? kDone : kCheckFailed) << outcome.out;
  EXPECT_EQ(outcome.status, kDone) << outcome.out;
  for (const char* name :
       {"report.html", "report.json", "counts.json", "targets.json", "map.csv"}) {
    EXPECT_TRUE(std::filesystem::exists(folder / "out" / name)) << name;
  }
  const base::JsonValue report = base::parse_json_file(folder / "out/report.json");
  EXPECT_EQ(report.find("design")->find("precision")->text, "w4a4_first_last_8");
}

}  // namespace
}  // namespace bitscale::cli
