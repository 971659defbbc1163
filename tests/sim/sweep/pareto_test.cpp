#include "sim/sweep/pareto.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace bitscale::sweep {
namespace {

using ::testing::ElementsAre;

Candidate exact(double a, double b) { return {{a, b}, {{a, a}, {b, b}}}; }

TEST(Pareto, KeepsWhatNobodyBeats) {
  EXPECT_THAT(pareto_front({exact(1, 5), exact(2, 2), exact(3, 3), exact(5, 1), exact(2, 2)}),
              ElementsAre(0U, 1U, 3U, 4U));
  EXPECT_TRUE(pareto_front({}).empty());
}

TEST(Pareto, EqualsBruteForceOnRandomPoints) {
  std::mt19937 random(7);
  std::uniform_int_distribution<int> value(0, 9);
  for (int round = 0; round < 50; ++round) {
    std::vector<Candidate> all(40);
    for (Candidate& candidate : all) {
      for (int i = 0; i < 3; ++i) candidate.objectives.push_back(value(random));
    }
    std::vector<std::size_t> expected;
    for (std::size_t i = 0; i < all.size(); ++i) {
      bool beaten = false;
      for (const Candidate& other : all) {
        bool never_worse = true;
        for (std::size_t k = 0; k < 3; ++k) {
          never_worse = never_worse && other.objectives[k] <= all[i].objectives[k];
        }
        beaten = beaten || (never_worse && other.objectives != all[i].objectives);
      }
      if (!beaten) expected.push_back(i);
    }
    EXPECT_EQ(pareto_front(all), expected) << round;
  }
}

TEST(Pareto, PointsCloserThanTheirIntervalsTie) {
  const std::vector<Candidate> all = {
      {{1, 10}, {{1, 1}, {8, 12}}},    {{1, 11}, {{1, 1}, {9, 13}}},  // overlaps the first
      {{1, 14}, {{1, 1}, {12.5, 15}}},  // overlaps the second only: joined through it
      {{1, 20}, {{1, 1}, {19, 21}}},   {{2, 9}, {{2, 2}, {8, 10}}},  // another latency
  };
  EXPECT_THAT(tie_groups(all, {0, 1, 2, 3, 4}), ElementsAre(1, 1, 1, 0, 0));
  EXPECT_THAT(tie_groups({exact(1, 2), exact(2, 1), exact(2, 1)}, {0, 1, 2}), ElementsAre(0, 1, 1));
}

TEST(RankAgreement, IsOneForTheSameOrderAndMinusOneReversed) {
  EXPECT_EQ(rank_agreement({1, 2, 3}, {10, 20, 30}), 1);
  EXPECT_EQ(rank_agreement({1, 2, 3}, {3, 2, 1}), -1);
  // 5 pairs untied in the first, 6 in the second; 4 agree, 1 differs.
  EXPECT_DOUBLE_EQ(rank_agreement({1, 1, 2, 3}, {1, 2, 4, 3}), 3 / std::sqrt(5.0 * 6.0));
  EXPECT_TRUE(std::isnan(rank_agreement({1, 1}, {1, 2})));
  EXPECT_TRUE(std::isnan(rank_agreement({1}, {1})));
}

}  // namespace
}  // namespace bitscale::sweep
