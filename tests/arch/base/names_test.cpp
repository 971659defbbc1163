#include "arch/base/names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bitscale::base {
namespace {

enum class Color { Red, Green, Blue };
const NameTable<Color> kColorNames = {{Color::Red, "red"}, {Color::Green, "green"}};

TEST(NameTable, GoesBothWays) {
  EXPECT_EQ(kColorNames.find("green"), Color::Green);
  EXPECT_EQ(kColorNames.name(Color::Green), "green");
}

TEST(NameTable, MatchesWholeNamesOnly) {
  EXPECT_EQ(kColorNames.find("gree"), std::nullopt);
  EXPECT_EQ(kColorNames.find("Green"), std::nullopt);
  EXPECT_EQ(kColorNames.find(""), std::nullopt);
}

TEST(NameTable, EnumeratorWithoutNameIsOurBug) {
  EXPECT_THROW(kColorNames.name(Color::Blue), InternalError);
}

TEST(NameTable, ListsNamesInTableOrder) {
  EXPECT_THAT(kColorNames.names(), ::testing::ElementsAre("red", "green"));
}

}  // namespace
}  // namespace bitscale::base
