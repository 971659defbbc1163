#include "sim/sweep/point_space.h"

#include <gmock/gmock.h>

#include <set>

#include "tests/sim/sweep/sample_sweep.h"

namespace bitscale::sweep {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

template <class Work>
std::string refused(Work work) {
  try {
    work();
    return "";
  } catch (const base::UserError& error) {
    return error.what();
  }
}

class PointSpaceTest : public ::testing::Test {
 protected:
  SweepSpec load(const std::string& more) { return load_text(folder_, sample_text(more)); }
  testing::TempFolder folder_;
};

TEST_F(PointSpaceTest, GridVisitsEveryCombinationOnce) {
  const SweepSpec spec = load("");
  const PointSpace space(spec, std::nullopt);
  ASSERT_EQ(space.size(), 12);
  std::set<Choices> seen;
  for (std::int64_t i = 0; i < space.size(); ++i) seen.insert(space.choices(i));
  EXPECT_EQ(seen.size(), 12U);
  EXPECT_THAT(space.choices(0), ElementsAre(0U, 0U));
  EXPECT_THAT(space.choices(1), ElementsAre(0U, 1U));
  EXPECT_THAT(space.choices(11), ElementsAre(2U, 3U));
}

TEST_F(PointSpaceTest, NeighboursAreOneOptionAway) {
  const SweepSpec spec = load("");
  const PointSpace space(spec, std::nullopt);
  EXPECT_THAT(space.neighbours(0), ElementsAre(1, 4));
  EXPECT_THAT(space.neighbours(5), ElementsAre(1, 4, 6, 9));
  EXPECT_THAT(space.neighbours(11), ElementsAre(7, 10));
  const PointSpace cut(spec, 6);
  EXPECT_THAT(cut.neighbours(5), ElementsAre(1, 4));
}

TEST_F(PointSpaceTest, SamplesRepeatWithTheirSeedOnly) {
  const auto drawn = [&](const std::string& sampling) {
    const SweepSpec spec = load(R"(, "sampling": )" + sampling);
    const PointSpace space(spec, std::nullopt);
    std::vector<Choices> all;
    for (std::int64_t i = 0; i < space.size(); ++i) all.push_back(space.choices(i));
    return all;
  };
  for (const std::string method : {"random", "sobol"}) {
    const std::string head = R"({"method": ")" + method + R"(", "points": 64, "seed": )";
    EXPECT_EQ(drawn(head + "1}"), drawn(head + "1}")) << method;
    EXPECT_NE(drawn(head + "1}"), drawn(head + "2}")) << method;
  }
}

TEST_F(PointSpaceTest, SobolFillsEveryAxisEvenly) {
  const SweepSpec spec = load(R"(, "sampling": {"method": "sobol", "points": 96, "seed": 3})");
  const PointSpace space(spec, std::nullopt);
  std::vector<int> rows(3, 0);
  std::vector<int> bits(4, 0);
  for (std::int64_t i = 0; i < space.size(); ++i) {
    const Choices chosen = space.choices(i);
    ++rows[chosen[0]];
    ++bits[chosen[1]];
  }
  for (const int count : rows) EXPECT_NEAR(count, 32, 3);
  for (const int count : bits) EXPECT_NEAR(count, 24, 3);
}

TEST_F(PointSpaceTest, RefusesTooManyPointsUnlessLimited) {
  std::string axes;
  for (const char* name : {"bandwidth_gbps", "efficiency", "latency_ns", "energy_pj_per_bit"}) {
    axes += (axes.empty() ? "" : ",") + std::string(R"({"name": ")") + name +
            R"(", "pointer": "/arch/dram/)" + name +
            R"(", "range": {"from": 1, "to": 1000, "step": 1}})";
  }
  const SweepSpec spec = load_text(
      folder_, R"({"schema_version": 1, "base": {"network": "resnet20_cifar10"}, "axes": [)" +
                   axes + R"(], "objectives": [{"field": "latency_ms"}]})");
  const std::string message = refused([&] { PointSpace(spec, std::nullopt); });
  EXPECT_THAT(message, HasSubstr("1000000000000 points"));
  EXPECT_THAT(message, HasSubstr("--limit"));
  EXPECT_THAT(message, HasSubstr("sampling"));
  EXPECT_EQ(PointSpace(spec, 7).size(), 7);
  EXPECT_THAT(refused([&] { PointSpace(spec, 0); }), HasSubstr("at least 1"));
}

TEST_F(PointSpaceTest, ConstraintsOverAxesDecideBeforehand) {
  const SweepSpec spec = load(R"(, "constraints": ["rows < 32"])");
  const PointSpace space(spec, std::nullopt);
  EXPECT_TRUE(space.allowed(space.choices(7)));
  EXPECT_FALSE(space.allowed(space.choices(8)));
  const SweepSpec none = load(R"(, "constraints": ["rows * rows == 17"])");
  EXPECT_THAT(refused([&] { PointSpace(none, std::nullopt); }),
              HasSubstr("none of the 12 points satisfies 'rows * rows == 17'"));
}

TEST(Shard, DividesThePointsCompletely) {
  std::set<std::int64_t> seen;
  for (const char* text : {"1/3", "2/3", "3/3"}) {
    const Shard shard = parse_shard(text);
    for (std::int64_t i = 0; i < 10; ++i) {
      if (shard.owns(i)) {
        EXPECT_TRUE(seen.insert(i).second) << i;
      }
    }
  }
  EXPECT_EQ(seen.size(), 10U);
}

TEST(Shard, RefusesWhatIsNoShare) {
  for (const char* text : {"5/4", "0/4", "1/0", "-1/4", "1", "1/", "/4", "1/4x", "a/b", ""}) {
    EXPECT_THAT(refused([&] { parse_shard(text); }), HasSubstr("1 <= i <= n")) << text;
  }
}

}  // namespace
}  // namespace bitscale::sweep
