#include "arch/cost/hull.h"

#include <gtest/gtest.h>

#include <random>

namespace bitscale::cost {
namespace {

TEST(Hull, OfNothingAndOfOnePoint) {
  EXPECT_FALSE(inside_hull({}, {1, 1, 1}));
  EXPECT_TRUE(inside_hull({{2, 3, 4}}, {2, 3, 4}));
  EXPECT_FALSE(inside_hull({{2, 3, 4}}, {2, 3, 5}));
}

TEST(Hull, OfASegmentIsTheSegment) {
  const std::vector<Point3> ends = {{2, 2, 12}, {16, 16, 40}};
  EXPECT_TRUE(inside_hull(ends, {2, 2, 12}));
  EXPECT_TRUE(inside_hull(ends, {9, 9, 26}));
  EXPECT_FALSE(inside_hull(ends, {9, 9, 27}));
  EXPECT_FALSE(inside_hull(ends, {17, 17, 42}));
  EXPECT_FALSE(inside_hull(ends, {1, 1, 10}));
}

// Equal operands only: nothing beside their plane is between them.
TEST(Hull, OfAPlaneHoldsNothingBesideIt) {
  std::vector<Point3> points;
  for (const double bits : {2, 4, 8, 16}) {
    for (const double acc : {16, 24, 32}) points.push_back({bits, bits, acc});
  }
  EXPECT_TRUE(inside_hull(points, {5, 5, 17}));
  EXPECT_TRUE(inside_hull(points, {2, 2, 20}));
  EXPECT_FALSE(inside_hull(points, {5, 5, 15}));
  EXPECT_FALSE(inside_hull(points, {4, 8, 24}));
  EXPECT_FALSE(inside_hull(points, {8, 7, 24}));
}

// Mixtures of the points are inside; a point beyond the plane x + y + z = most is not.
TEST(Hull, OfRandomPoints) {
  std::mt19937 random(7);
  std::uniform_int_distribution<int> width(1, 48);
  std::uniform_real_distribution<double> share(0.01, 1);
  for (int round = 0; round < 200; ++round) {
    std::vector<Point3> points(static_cast<std::size_t>(1 + round % 40));
    double most = 0, sum = 0;
    Point3 mixture{}, highest{};
    for (Point3& point : points) {
      for (double& value : point) value = width(random);
      if (point[0] + point[1] + point[2] > most) {
        most = point[0] + point[1] + point[2];
        highest = point;
      }
      const double weight = share(random);
      sum += weight;
      for (std::size_t i = 0; i < 3; ++i) mixture[i] += weight * point[i];
    }
    for (double& value : mixture) value /= sum;
    EXPECT_TRUE(inside_hull(points, mixture)) << round;
    EXPECT_TRUE(inside_hull(points, highest)) << round;
    highest[static_cast<std::size_t>(round % 3)] += 1;
    EXPECT_FALSE(inside_hull(points, highest)) << round;
  }
}

}  // namespace
}  // namespace bitscale::cost
