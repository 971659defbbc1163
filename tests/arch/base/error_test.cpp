#include "arch/base/error.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/support/problems.h"

namespace bitscale::base {
namespace {

using bitscale::testing::text_of;
using ::testing::EndsWith;
using ::testing::HasSubstr;

TEST(UserError, ListsEveryProblemOnItsLine) {
  const UserError error(std::vector<Problem>{{"a.json:/rows", "too small"}, {"", "no place"}});
  EXPECT_STREQ(error.what(), "a.json:/rows: too small\nno place");
  EXPECT_EQ(error.problems().size(), 2u);
}

TEST(Problems, ThrowsOnlyWhenThereIsOne) {
  Problems problems;
  EXPECT_TRUE(problems.empty());
  EXPECT_NO_THROW(problems.throw_if_any());
  problems.add("a", "b");
  EXPECT_FALSE(problems.empty());
  EXPECT_THROW(problems.throw_if_any(), UserError);
}

TEST(Problems, ListsTheFirstThousandAndCountsTheRest) {
  Problems problems;
  for (std::size_t i = 0; i < Problems::kMost; ++i) problems.add("x", std::to_string(i));
  EXPECT_THAT(text_of(problems), EndsWith("x: 999"));
  problems.add("x", "one too many");
  problems.add("x", "two too many");
  EXPECT_EQ(problems.size(), Problems::kMost + 2);
  EXPECT_THAT(text_of(problems), EndsWith("x: 999\nand 2 more problems"));
}

TEST(Invariant, ThrowsWithPlaceAndMessageOnlyWhenBroken) {
  EXPECT_NO_THROW(BITSCALE_INVARIANT(1 + 1 == 2, "arithmetic"));
  try {
    BITSCALE_INVARIANT(1 + 1 == 3, "arithmetic");
    FAIL() << "did not throw";
  } catch (const InternalError& error) {
    EXPECT_THAT(error.what(), HasSubstr("error_test.cpp:"));
    EXPECT_THAT(error.what(), HasSubstr("invariant '1 + 1 == 3' failed: arithmetic"));
  }
}

TEST(Nearest, FindsMisspeltNamesAndNothingFarAway) {
  const std::vector<std::string> names = {"rows", "cols", "clock_mhz"};
  EXPECT_EQ(nearest("row", names), "rows");
  EXPECT_EQ(nearest("colls", names), "cols");
  EXPECT_EQ(nearest("clok_mhz", names), "clock_mhz");
  EXPECT_EQ(nearest("dataflow", names), "");
  EXPECT_EQ(nearest("foo", {"iso"}), "");  // two of three letters
  EXPECT_EQ(nearest("ios", {"iso"}), "iso");
  EXPECT_EQ(nearest("rnu", {"run", "list"}), "run");
  EXPECT_EQ(nearest("lits", {"list"}), "list");
  EXPECT_EQ(nearest("", {"a"}), "");
  EXPECT_EQ(nearest("rows", {}), "");
}

TEST(Nearest, PrefersTheShortestThatBeginsLikeIt) {
  EXPECT_EQ(nearest("--netw", {"--set", "--network-bits", "--network"}), "--network");
  EXPECT_EQ(nearest("cl", {"cols", "clock_mhz"}), "clock_mhz");
  EXPECT_EQ(nearest("--n", {"--network"}), "");  // one letter says little
}

TEST(Nearest, IgnoresNamesTooLongToCompare) {
  const std::string longest(64, 'a');
  EXPECT_EQ(nearest(longest, {longest}), longest);
  EXPECT_EQ(nearest(longest + "a", {longest + "a"}), "");
}

TEST(UnknownName, ShowsTheGuessAndWhatIsAllowed) {
  EXPECT_EQ(unknown_name_message("key", "colls", {"rows", "cols"}),
            "unknown key 'colls'; did you mean 'cols'? (allowed: rows, cols)");
  EXPECT_EQ(unknown_name_message("key", "zzzzzzzz", {"rows"}),
            "unknown key 'zzzzzzzz' (allowed: rows)");
}

TEST(UnknownName, ShortensHostileInput) {
  const std::string text = unknown_name_message("key", std::string(100000, 'x'), {"rows"});
  EXPECT_LT(text.size(), 150u);
}

TEST(Shortened, CutsBetweenCharacters) {
  EXPECT_EQ(shortened("abc", 3), "abc");
  EXPECT_EQ(shortened("abcd", 3), "abc");
  EXPECT_EQ(shortened("ab\xC3\xA9", 4), "ab\xC3\xA9");
  EXPECT_EQ(shortened("ab\xC3\xA9z", 3), "ab");  // é would be cut in two
  EXPECT_EQ(shortened("ab\xC3\xA9z", 4), "ab\xC3\xA9");
}

}  // namespace
}  // namespace bitscale::base
