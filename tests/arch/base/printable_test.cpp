#include "arch/base/printable.h"

#include <gtest/gtest.h>

#include <string>

namespace bitscale::base {
namespace {

TEST(Printable, TextStaysAsItIs) {
  EXPECT_EQ(printable("node 'Conv_0': 1 … 16 × π\n"), "node 'Conv_0': 1 … 16 × π\n");
  EXPECT_EQ(printable("\xF0\x9F\x98\x80"), "\xF0\x9F\x98\x80");
  EXPECT_EQ(printable("\xC2\xA0 ~"), "\xC2\xA0 ~");  // the first character after the controls
  EXPECT_EQ(printable(""), "");
}

TEST(Printable, ControlsAreWrittenOut) {
  EXPECT_EQ(printable("\x1B[31mred\x7F\t"), "\\x1b[31mred\\x7f\\x09");
  EXPECT_EQ(printable(std::string(1, '\0')), "\\x00");
  EXPECT_EQ(printable("\xC2\x9B"), "\\xc2\\x9b");           // U+009B, CSI
  EXPECT_EQ(printable("\xE2\x80\xAE"), "\\xe2\\x80\\xae");  // U+202E, turns the writing
}

TEST(Printable, MalformedSequencesAreWrittenOut) {
  EXPECT_EQ(printable("a\xFFz"), "a\\xffz");
  EXPECT_EQ(printable("\xE2\x82"), "\\xe2\\x82");                    // cut short
  EXPECT_EQ(printable("\xC0\x80"), "\\xc0\\x80");                    // overlong
  EXPECT_EQ(printable("\xE0\x80\x80"), "\\xe0\\x80\\x80");           // overlong
  EXPECT_EQ(printable("\xED\xA0\x80"), "\\xed\\xa0\\x80");           // a surrogate
  EXPECT_EQ(printable("\xF4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80");  // above U+10FFFF
}

}  // namespace
}  // namespace bitscale::base
