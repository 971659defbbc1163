#include "arch/spec/mac_array.h"

#include <gtest/gtest.h>

namespace bitscale::spec {
namespace {

TEST(MacsPerPeCycle, FixedIsOneAtAnyNarrowerWidth) {
  PeSpec pe;
  EXPECT_EQ(macs_per_pe_cycle(pe, 8, 8), 1);
  EXPECT_EQ(macs_per_pe_cycle(pe, 2, 3), 1);
  EXPECT_FALSE(supports(pe, 9, 8));
  EXPECT_FALSE(supports(pe, 8, 9));
  EXPECT_THROW(macs_per_pe_cycle(pe, 9, 8), base::InternalError);
}

TEST(MacsPerPeCycle, DecomposableMultipliesTheSharesOfBothOperands) {
  PeSpec pe;
  pe.kind = PeKind::Decomposable;
  EXPECT_EQ(macs_per_pe_cycle(pe, 8, 8), 1);
  EXPECT_EQ(macs_per_pe_cycle(pe, 4, 8), 2);
  EXPECT_EQ(macs_per_pe_cycle(pe, 4, 4), 4);
  EXPECT_EQ(macs_per_pe_cycle(pe, 3, 4), 4);  // 3 bits take 2 bricks of 2
  EXPECT_EQ(macs_per_pe_cycle(pe, 5, 8), 1);
  EXPECT_EQ(macs_per_pe_cycle(pe, 2, 2), 16);
  EXPECT_EQ(macs_per_pe_cycle(pe, 1, 2), 16);
}

TEST(MacsPerPeCycle, BitSerialTakesOneCyclePerActivationBit) {
  PeSpec pe;
  pe.kind = PeKind::BitSerial;
  for (int bits = 1; bits <= 8; ++bits) {
    EXPECT_DOUBLE_EQ(macs_per_pe_cycle(pe, 8, bits), 1.0 / bits);
  }
}

TEST(MacsPerPeCycle, ConfigurableGoesByTheWiderOperand) {
  PeSpec pe;
  pe.kind = PeKind::Configurable;
  pe.weight_bits = pe.act_bits = 16;
  EXPECT_EQ(macs_per_pe_cycle(pe, 16, 16), 1);
  EXPECT_EQ(macs_per_pe_cycle(pe, 8, 8), 2);
  EXPECT_EQ(macs_per_pe_cycle(pe, 9, 4), 1);
  EXPECT_EQ(macs_per_pe_cycle(pe, 4, 2), 4);
  EXPECT_EQ(macs_per_pe_cycle(pe, 2, 2), 8);
}

MacArraySpec read(const std::string& pe) {
  const base::JsonValue document =
      base::parse_json(R"({"rows": 4, "cols": 4, "pe": )" + pe + "}", "a.json");
  base::Problems problems;
  base::JsonReader reader(document, problems);
  MacArraySpec array = read_mac_array(reader);
  problems.throw_if_any();
  return array;
}

TEST(MacArray, RatesBelongToConfigurablePes) {
  const std::string rates = R"("macs_per_cycle_at_16_8_4_2_bits": [1, 3, 3, 9]})";
  EXPECT_EQ(read(R"({"kind": "configurable", )" + rates).pe.peak_ratio[1], 3);
  EXPECT_THROW(read("{" + rates), base::UserError);
  EXPECT_THROW(read(R"({"kind": "bit_serial", )" + rates), base::UserError);
  // The default rates say nothing that such a PE would not do.
  EXPECT_EQ(read(R"({"macs_per_cycle_at_16_8_4_2_bits": [1, 2, 4, 8]})").pe.kind, PeKind::Fixed);
  base::JsonWriter fixed, configurable;
  write_mac_array(fixed.begin_object(), read("{}"));
  write_mac_array(configurable.begin_object(), read(R"({"kind": "configurable"})"));
  EXPECT_EQ(fixed.end().take().find("macs_per_cycle"), std::string::npos);
  EXPECT_NE(configurable.end().take().find("macs_per_cycle"), std::string::npos);
}

}  // namespace
}  // namespace bitscale::spec
