#include "arch/cost/glitch_factors.h"

#include <gtest/gtest.h>

#include <string>

#include "arch/base/error.h"
#include "arch/cost/mac_surface.h"
#include "tests/arch/cost/samples.h"

namespace bitscale::cost {
namespace {

using numeric::OverflowPolicy;

GlitchFactors read(const std::string& text) {
  const base::JsonValue document = base::parse_json(text, "glitches");
  base::Problems problems;
  GlitchFactors table = read_glitch_factors(base::JsonReader(document, problems));
  problems.throw_if_any();
  return table;
}

constexpr const char* kTable =
    R"({"guard_bits": [-1, 8, 20], "rows": [
      {"narrower_bits": 2, "wrap": [1.5, 2, 3], "saturate": [1.6, 2.2, 3.3]},
      {"narrower_bits": 8, "wrap": [1.1, 1.2, 1.3], "saturate": [1.4, 1.5, 1.6]}]})";

TEST(GlitchFactors, AreThoseOfTheNextClass) {
  const GlitchFactors table = read(kTable);
  EXPECT_EQ(table.at(2, 2, 3, OverflowPolicy::Wrap), 1.5);
  EXPECT_EQ(table.at(2, 2, 4, OverflowPolicy::Wrap), 2);
  EXPECT_EQ(table.at(2, 16, 8, OverflowPolicy::Wrap), 1.5);  // less than no guard bits
  EXPECT_EQ(table.at(2, 2, 12, OverflowPolicy::Wrap), 2);
  EXPECT_EQ(table.at(2, 2, 13, OverflowPolicy::Wrap), 3);
  EXPECT_EQ(table.at(2, 2, 48, OverflowPolicy::Wrap), 3);  // beyond the last
  EXPECT_EQ(table.at(1, 1, 2, OverflowPolicy::Wrap), 2);   // narrower than the first
  EXPECT_EQ(table.at(3, 9, 20, OverflowPolicy::Wrap), 1.2);
  EXPECT_EQ(table.at(16, 16, 40, OverflowPolicy::Wrap), 1.2);
  EXPECT_EQ(table.at(8, 8, 24, OverflowPolicy::SaturateEachStep), 1.5);
  EXPECT_EQ(table.at(8, 8, 24, OverflowPolicy::SaturateAtEnd), 1.2);
}

TEST(GlitchFactors, MisfitTablesAreRefused) {
  EXPECT_THROW(read(R"({"guard_bits": [], "rows": []})"), base::UserError);
  EXPECT_THROW(read(R"({"guard_bits": [8, 8], "rows": [
    {"narrower_bits": 2, "wrap": [1, 1], "saturate": [1, 1]}]})"),
               base::UserError);
  EXPECT_THROW(read(R"({"guard_bits": [8], "rows": [
    {"narrower_bits": 2, "wrap": [1, 1], "saturate": [1]}]})"),
               base::UserError);
  EXPECT_THROW(read(R"({"guard_bits": [8], "rows": [
    {"narrower_bits": 2, "wrap": [0.5], "saturate": [1]}]})"),
               base::UserError);
  EXPECT_THROW(read(R"({"guard_bits": [8], "rows": [
    {"narrower_bits": 4, "wrap": [1], "saturate": [1]},
    {"narrower_bits": 2, "wrap": [1], "saturate": [1]}]})"),
               base::UserError);
}

TEST(GlitchFactors, BoundTheEnergyOfTheirWidths) {
  const Technology technology = shipped("osu018");
  ASSERT_TRUE(technology.mac_energy.glitches);
  const MacSurface surface(technology.mac_energy, MacQuantity::Energy);
  const auto reach = [&](const MacWidths& widths, OverflowPolicy policy) {
    const Estimate found = surface.estimate_at(MacDesign::MacAccRegister, widths, policy);
    return found.high / found.value;
  };
  EXPECT_GT(reach({4, 4, 32}, OverflowPolicy::Wrap), 1.2 * reach({8, 8, 24}, OverflowPolicy::Wrap));
  EXPECT_GE(reach({8, 8, 24}, OverflowPolicy::SaturateEachStep),
            reach({8, 8, 24}, OverflowPolicy::Wrap));
  // A table without them has one factor for all.
  MacTable table = technology.mac_energy;
  table.glitches.reset();
  table.high_factor = 2;
  EXPECT_EQ(table.high(4, 4, 32, OverflowPolicy::Wrap), 2);
}

}  // namespace
}  // namespace bitscale::cost
