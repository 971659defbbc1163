#include "sim/report/units.h"

#include <gtest/gtest.h>

#include <cmath>

namespace bitscale::report {
namespace {

TEST(Units, GroupsThousands) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(1000), "1,000");
  EXPECT_EQ(grouped(-1234567), "-1,234,567");
}

TEST(Units, KeepsFourSignificantDigits) {
  EXPECT_EQ(significant(0), "0");
  EXPECT_EQ(significant(0.012345), "0.01235");
  EXPECT_EQ(significant(8), "8");
  EXPECT_EQ(significant(1.23456), "1.235");
  EXPECT_EQ(significant(123.456), "123.5");
  EXPECT_EQ(significant(999.4), "999.4");
  EXPECT_EQ(significant(999.5), "1,000");
  EXPECT_EQ(significant(1234567), "1,234,567");
  EXPECT_EQ(significant(0.00001234), "1.234e-05");
  EXPECT_EQ(significant(std::nan("")), "not a number");
}

TEST(Units, KeepsAsManyDecimalsAsAsked) {
  EXPECT_EQ(fixed(1.234), "1.23");
  EXPECT_EQ(fixed(-0.06, 1), "-0.1");
  EXPECT_EQ(fixed(12345.6, 0), "12346");
  EXPECT_EQ(fixed(-1.7e308, 3).size(), 314u);  // all its digits
}

TEST(Units, PicksTheEngineeringPrefix) {
  EXPECT_EQ(engineering(1.5e6, "J", -12), "1.500 µJ");
  EXPECT_EQ(engineering(999, "J", -12), "999 pJ");
  EXPECT_EQ(engineering(1000, "J", -12), "1 nJ");
  EXPECT_EQ(engineering(0.25, "s", -3), "250 µs");
  EXPECT_EQ(engineering(0, "J", -12), "0 J");
}

TEST(Units, CountsBytesInPowersOfTwo) {
  EXPECT_EQ(binary_bytes(1023), "1023 B");
  EXPECT_EQ(binary_bytes(1024), "1 KiB");
  EXPECT_EQ(binary_bytes(1536), "1.50 KiB");
  EXPECT_EQ(binary_bytes(3 << 20), "3 MiB");
}

TEST(Units, AlignsColumnsByCharacterNotByte) {
  EXPECT_EQ(text_table({{"a", "µm²"}, {"long", "1"}}), "a     µm²\n----  ---\nlong    1\n");
}

}  // namespace
}  // namespace bitscale::report
