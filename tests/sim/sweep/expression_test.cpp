#include "sim/sweep/expression.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "arch/base/error.h"

namespace bitscale::sweep {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const std::vector<std::string> kNames = {"rows", "cols", "area_um2"};

bool holds(const std::string& text, const std::vector<double>& values) {
  return Constraint(text, kNames, "c").holds(values);
}

std::string refusal(const std::string& text) {
  try {
    [[maybe_unused]] const Constraint constraint(text, kNames, "sweep.json:/constraints/0");
    return "";
  } catch (const base::UserError& error) {
    return error.what();
  }
}

TEST(Constraint, ComparesOnBothSidesOfItsLimit) {
  EXPECT_TRUE(holds("rows <= 16", {16, 0, 0}));
  EXPECT_FALSE(holds("rows <= 16", {17, 0, 0}));
  EXPECT_FALSE(holds("rows < 16", {16, 0, 0}));
  EXPECT_TRUE(holds("rows >= 16", {16, 0, 0}));
  EXPECT_FALSE(holds("rows > 16", {16, 0, 0}));
  EXPECT_TRUE(holds("rows == cols", {8, 8, 0}));
  EXPECT_TRUE(holds("rows != cols", {8, 9, 0}));
  EXPECT_FALSE(holds("rows != cols", {8, 8, 0}));
}

TEST(Constraint, BindsAsArithmeticDoes) {
  EXPECT_TRUE(holds("1 + 2 * 3 == 7", {}));
  EXPECT_TRUE(holds("(1 + 2) * 3 == 9", {}));
  EXPECT_TRUE(holds("8 - 4 - 2 == 2", {}));
  EXPECT_TRUE(holds("8 / 4 / 2 == 1", {}));
  EXPECT_TRUE(holds("-rows + 2 == -6", {8, 0, 0}));
  EXPECT_TRUE(holds("2 * -rows == -16", {8, 0, 0}));
  EXPECT_TRUE(holds("rows*cols <= 4.096e3", {64, 64, 0}));
}

TEST(Constraint, FindsThePointersWhereAFactorBegins) {
  EXPECT_THAT(pointers_in("/area/by_component/dma / area_um2 <= (/a/0+2)*rows/3"),
              ElementsAre("/area/by_component/dma", "/a/0"));
  EXPECT_THAT(pointers_in("rows/cols <= 4 / 2"), ElementsAre());
  EXPECT_THAT(pointers_in("-/a/x~1y-rows >= .5/2"), ElementsAre("/a/x~1y"));
  EXPECT_THAT(pointers_in("rows < /b"), ElementsAre("/b"));
}

TEST(Constraint, TakesPointersAsNames) {
  const std::vector<std::string> names = {"rows", "energy_pj", "/a/0"};
  EXPECT_TRUE(Constraint("/a/0 / rows == 3", names, "c").holds({2, 0, 6}));
  EXPECT_TRUE(Constraint("rows//a/0 == 3", names, "c").holds({6, 0, 2}));
  EXPECT_TRUE(Constraint("/totals/energy_pj == 5", names, "c").holds({0, 5, 0}));  // its short name
  EXPECT_THROW(Constraint("/a/1 == 5", names, "c"), base::UserError);
  EXPECT_THROW(Constraint("rows / == 5", names, "c"), base::UserError);
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_FALSE(Constraint("/a/0 != 5", names, "c").holds({0, 0, nan}));
}

TEST(Constraint, NothingHoldsForWhatIsNoNumber) {
  for (const char* comparison : {"<=", "<", ">=", ">", "==", "!="}) {
    EXPECT_FALSE(holds(std::string("rows / cols ") + comparison + " 1", {0, 0, 0})) << comparison;
  }
}

TEST(Constraint, NothingHoldsForWhatIsNotFinite) {
  EXPECT_FALSE(holds("rows / cols >= 1", {8, 0, 0}));
  EXPECT_FALSE(holds("rows / cols != 1", {8, 0, 0}));
  EXPECT_FALSE(holds("1 <= rows / cols", {8, 0, 0}));
  EXPECT_TRUE(holds("rows / cols >= 1", {8, 1, 0}));
  EXPECT_THAT(refusal("rows >= 1 / 0"), HasSubstr("no finite number"));
  EXPECT_THAT(refusal("0 / 0 <= rows"), HasSubstr("no finite number"));
}

TEST(Constraint, KnowsWhatItUses) {
  EXPECT_THAT(Constraint("cols * cols <= area_um2", kNames, "c").uses(), ElementsAre(1U, 2U));
}

TEST(Constraint, SeesSimpleBounds) {
  const auto bound = Constraint("rows < 4 * 4", kNames, "c").simple_bound();
  ASSERT_TRUE(bound);
  EXPECT_EQ(bound->name, "rows");
  EXPECT_EQ(bound->high, 16);
  EXPECT_EQ(bound->low, -std::numeric_limits<double>::infinity());
  EXPECT_TRUE(bound->open);
  const auto mirrored = Constraint("16 > rows", kNames, "c").simple_bound();
  ASSERT_TRUE(mirrored);
  EXPECT_EQ(mirrored->name, "rows");
  EXPECT_EQ(mirrored->high, 16);
  EXPECT_EQ(mirrored->low, -std::numeric_limits<double>::infinity());
  EXPECT_TRUE(mirrored->open);
  const auto least = Constraint("9 <= rows", kNames, "c").simple_bound();
  ASSERT_TRUE(least);
  EXPECT_EQ(least->low, 9);
  EXPECT_EQ(least->high, std::numeric_limits<double>::infinity());
  EXPECT_FALSE(least->open);
  EXPECT_FALSE(Constraint("rows * 2 < 16", kNames, "c").simple_bound());
  EXPECT_FALSE(Constraint("rows != 16", kNames, "c").simple_bound());
}

TEST(Constraint, SaysWhatIsWrongAndWhere) {
  EXPECT_THAT(refusal("row <= 16"), HasSubstr("did you mean 'rows'"));
  EXPECT_THAT(refusal("rows 16"), HasSubstr("column 6: expected one of <="));
  EXPECT_THAT(refusal("rows <= "), HasSubstr("expected a number, a name"));
  EXPECT_THAT(refusal("rows <= 16 16"), HasSubstr("expected the end"));
  EXPECT_THAT(refusal("(rows <= 16"), HasSubstr("expected ')'"));
  EXPECT_THAT(refusal(""), HasSubstr("column 1"));
  EXPECT_THAT(refusal("rows <= inf"), HasSubstr("unknown name 'inf'"));
  EXPECT_THAT(refusal(std::string(100, '(') + "1" + std::string(100, ')') + " < 2"),
              HasSubstr("too deeply"));
  EXPECT_THAT(refusal(std::string(5000, '1') + " < 2"), HasSubstr("longer than"));
}

}  // namespace
}  // namespace bitscale::sweep
