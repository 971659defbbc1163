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

}  // namespace
}  // namespace bitscale::spec
