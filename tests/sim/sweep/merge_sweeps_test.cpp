#include <gmock/gmock.h>

#include "tests/sim/sweep/sweep_fixture.h"

namespace bitscale::sweep {
namespace {

using ::testing::HasSubstr;

class MergeSweepsTest : public SweepFixture {};

TEST_F(MergeSweepsTest, AnIncompleteMergeSaysWhatIsMissing) {
  SweepOptions part = options("shard");
  part.shard = parse_shard("1/3");
  EXPECT_THAT(run_sweep(spec_, part, hooks_).missing, HasSubstr("8 of 12 points are missing"));
  const SweepSummary merged = merge_sweeps(spec_, options("all"), {folder_ / "shard"});
  EXPECT_THAT(merged.missing, HasSubstr("8 of 12 points are missing"));
  const base::JsonValue json = base::parse_json_file(folder_ / "all/points.json");
  EXPECT_EQ(json.find("expected_points")->integer, 12);
  EXPECT_EQ(json.find("missing_points")->integer, 8);
  EXPECT_THAT(base::read_text_file(folder_ / "all/sweep.html", kMostBytes),
              HasSubstr("8 of 12 points are missing"));
  EXPECT_EQ(run_sweep(spec_, resumed("all"), hooks_).missing, "");
}

TEST_F(MergeSweepsTest, ShardsMergeIntoTheWhole) {
  run_sweep(spec_, options("whole"), hooks_);
  std::vector<std::filesystem::path> shards;
  for (const char* text : {"1/3", "2/3", "3/3"}) {
    shards.push_back(folder_ / ("shard" + std::string(text).substr(0, 1)));
    SweepOptions part = options(shards.back().filename().string());
    part.shard = parse_shard(text);
    EXPECT_EQ(run_sweep(spec_, part, hooks_).computed, 4);
  }
  EXPECT_EQ(merge_sweeps(spec_, options("all"), shards).rows, 12);
  EXPECT_EQ(exported(folder_ / "all"), exported(folder_ / "whole"));
}

TEST_F(MergeSweepsTest, MergingCountsThePointsOfEveryShard) {
  std::vector<std::filesystem::path> shards;
  for (std::int64_t i = 1; i <= 2; ++i) {
    SweepOptions one = options("shard" + std::to_string(i));
    one.shard = {i, 2};
    if (i == 2) one.limit = 5;  // of its six points, 1 and 3
    run_sweep(spec_, one, hooks_);
    shards.push_back(one.folder);
  }
  const SweepSummary all = merge_sweeps(spec_, options("all"), shards);
  ASSERT_EQ(all.merged.size(), 2U);
  EXPECT_EQ(all.merged[0].shards.front().number, 1);
  EXPECT_EQ(all.merged[0].found, 6);
  EXPECT_EQ(all.merged[0].missing, 0);
  EXPECT_EQ(all.merged[0].taken, 6);
  EXPECT_EQ(all.merged[1].found, 2);
  EXPECT_EQ(all.merged[1].missing, 4);
  EXPECT_EQ(all.merged[1].foreign, 0);
  SweepOptions rest = resumed("shard2");  // points of the first shard beside its own
  rest.shard = {1, 2};
  rest.limit = 3;
  run_sweep(spec_, rest, hooks_);
  const SweepSummary again = merge_sweeps(spec_, options("again"), {folder_ / "shard2"});
  EXPECT_EQ(again.merged[0].shards.size(), 2U);
  EXPECT_EQ(again.merged[0].found, 4);
  EXPECT_EQ(again.merged[0].missing, 8);
  SweepOptions few = options("few");
  few.limit = 2;
  const SweepSummary limited = merge_sweeps(spec_, few, {folder_ / "again"});
  EXPECT_EQ(limited.merged[0].found, 2);
  EXPECT_EQ(limited.merged[0].foreign, 2);  // points 2 and 3
}

TEST_F(MergeSweepsTest, MergingRefusesAFolderTwice) {
  run_sweep(spec_, options("one"), hooks_);
  const auto refusal_of = [&](const std::vector<std::filesystem::path>& shards) {
    try {
      merge_sweeps(spec_, options("all"), shards);
      return std::string();
    } catch (const base::UserError& error) {
      return std::string(error.what());
    }
  };
  EXPECT_THAT(refusal_of({folder_ / "one", folder_ / "one/../one"}), HasSubstr("comes twice"));
  EXPECT_THAT(refusal_of({folder_ / "none"}), HasSubstr("does not exist"));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "all"));  // nothing is begun
  EXPECT_EQ(refusal_of({folder_ / "one"}), "");
  EXPECT_THAT(refusal_of({folder_ / "all"}), HasSubstr("joined in"));
}

}  // namespace
}  // namespace bitscale::sweep
