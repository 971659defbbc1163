#include "arch/cost/pe_cost.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "tests/arch/cost/samples.h"

namespace bitscale::cost {
namespace {

using numeric::OverflowPolicy;
using spec::PeKind;

constexpr PeKind kKinds[] = {PeKind::Fixed, PeKind::Decomposable, PeKind::BitSerial,
                             PeKind::Configurable};

spec::MacArraySpec array_of(PeKind kind, int bits, int acc_bits) {
  spec::MacArraySpec array;
  array.pe.kind = kind;
  array.pe.weight_bits = bits;
  array.pe.act_bits = bits;
  array.pe.acc_bits = acc_bits;
  return array;
}

class PeCostTest : public ::testing::Test {
 protected:
  PeCost cost(const spec::MacArraySpec& array) const { return PeCost(array, technology); }
  Technology technology = shipped("generic_45nm");
};

TEST_F(PeCostTest, FixedPesAreTheSynthesizedOnes) {
  spec::MacArraySpec array = array_of(PeKind::Fixed, 8, 24);
  EXPECT_DOUBLE_EQ(cost(array).area_um2().value, 667.9);
  array.dataflow = spec::Dataflow::InputStationary;
  EXPECT_DOUBLE_EQ(cost(array).area_um2().value, 667.9);
  array.dataflow = spec::Dataflow::OutputStationary;
  EXPECT_DOUBLE_EQ(cost(array).area_um2().value, 681.8);
}

// Data energy of the table, clock pins of accumulator and operand registers, activations handed on.
TEST_F(PeCostTest, EnergyIsDataPlusClockPlusHandingOn) {
  const double clock = technology.register_clock_pj_per_bit.estimate.value;
  const double data = technology.register_data_pj_per_bit.estimate.value;
  const PeCost pe = cost(array_of(PeKind::Fixed, 8, 24));
  EXPECT_DOUBLE_EQ(pe.idle_pj_per_cycle().value, clock * (24 + 8 + 8));
  EXPECT_NEAR(pe.mac_pj(8, 8, 1).value, 0.859 - 0.209 + clock * 40 + data * 8, 1e-12);
  EXPECT_NEAR(pe.mac_pj(8, 8, 0).value, clock * 40 + data * 8, 1e-12);
  spec::MacArraySpec outputs_stay = array_of(PeKind::Fixed, 8, 24);
  outputs_stay.dataflow = spec::Dataflow::OutputStationary;
  EXPECT_NEAR(cost(outputs_stay).mac_pj(8, 8, 0).value, clock * 40 + data * 16, 1e-12);
}

TEST_F(PeCostTest, FewerOperandBitsNeverCostMoreEnergyOnTheSamePe) {
  for (const PeKind kind : kKinds) {
    for (const int widest : {5, 8, 16}) {
      const PeCost pe = cost(array_of(kind, widest, 32));
      for (int w = 1; w <= widest; ++w) {
        for (int a = 1; a <= widest; ++a) {
          const double here = pe.mac_pj(w, a, 1).value;
          EXPECT_LE(pe.mac_pj(std::max(1, w - 1), a, 1).value, here) << w << " " << a;
          EXPECT_LE(pe.mac_pj(w, std::max(1, a - 1), 1).value, here) << w << " " << a;
          EXPECT_LE(pe.mac_pj(w, a, 0.5).value, here);
          const Estimate interval = pe.mac_pj(w, a, 1);
          EXPECT_LE(interval.low, here);
          EXPECT_GE(interval.high, here);
        }
      }
    }
  }
}

TEST_F(PeCostTest, NarrowerPesAreNeverLarger) {
  for (const PeKind kind : kKinds) {
    for (int bits = 2; bits <= 16; ++bits) {
      for (const int acc : {12, 24, 40}) {
        const double here = cost(array_of(kind, bits, acc)).area_um2().value;
        EXPECT_LE(cost(array_of(kind, bits - 1, acc)).area_um2().value, here);
        EXPECT_LE(cost(array_of(kind, bits, acc - 1)).area_um2().value, here);
        EXPECT_LT(cost(array_of(kind, bits, acc - 4)).area_um2().value, here);
      }
    }
  }
}

// Synthesis in five libraries: saturation costs 3 to 14 % of a MAC.
TEST_F(PeCostTest, SaturationCostsAFewPercent) {
  for (const int bits : {2, 4, 8, 16}) {
    spec::MacArraySpec array = array_of(PeKind::Fixed, bits, 2 * bits + 8);
    const double wrap = cost(array).area_um2().value;
    const double wrap_pj = cost(array).mac_pj(bits, bits, 1).value;
    array.pe.overflow = OverflowPolicy::SaturateEachStep;
    EXPECT_GT(cost(array).area_um2().value, 1.03 * wrap);
    EXPECT_LT(cost(array).area_um2().value, 1.25 * wrap);
    EXPECT_GT(cost(array).mac_pj(bits, bits, 1).value, wrap_pj);
    array.pe.overflow = OverflowPolicy::SaturateAtEnd;
    EXPECT_EQ(cost(array).area_um2().value, wrap);
  }
}

// The interval holds each way in which a factor might grow with the levels of fusion.
TEST_F(PeCostTest, FactorsOfOtherLevelsAreLessSure) {
  const auto factor = [&](int bits) {
    const Estimate fused = cost(array_of(PeKind::Decomposable, bits, 24)).area_um2();
    const Estimate fixed = cost(array_of(PeKind::Fixed, bits, 24)).area_um2();
    return Estimate{fused.value / fixed.value, fused.low / fixed.low, fused.high / fixed.high};
  };
  const Figure& given = technology.decomposable_area_factor;  // 3.4 [2.52, 4.3]
  EXPECT_NEAR(factor(8).low, given.estimate.low, 1e-12);
  EXPECT_NEAR(factor(8).high, given.estimate.high, 1e-12);
  EXPECT_NEAR(factor(16).value, 4.6, 1e-12);
  EXPECT_NEAR(factor(16).low, 2.52, 1e-12);
  EXPECT_NEAR(factor(16).high, std::pow(4.3, 1.5), 1e-12);
  EXPECT_NEAR(factor(4).value, 2.2, 1e-12);
  EXPECT_NEAR(factor(4).low, std::sqrt(2.52), 1e-12);
  EXPECT_NEAR(factor(4).high, 4.3, 1e-12);
  EXPECT_NEAR(factor(2).high, 1, 1e-12);  // nothing is fused
  const auto told = [&](int bits) {
    std::string text;
    const PeCost pe = cost(array_of(PeKind::Decomposable, bits, 24));
    for (const ProvenanceNote& note : pe.notes()) {
      if (note.what.rfind("decomposable", 0) == 0) text += note.source;
    }
    return text.find("the interval assumed") != std::string::npos;
  };
  EXPECT_TRUE(told(16));
  EXPECT_TRUE(told(4));
  EXPECT_FALSE(told(8));
  EXPECT_FALSE(told(2));
}

TEST_F(PeCostTest, OtherKindsAreRatiosToTheFixedPe) {
  const PeCost fixed = cost(array_of(PeKind::Fixed, 8, 24));
  const PeCost fused = cost(array_of(PeKind::Decomposable, 8, 24));
  EXPECT_NEAR(fused.area_um2().value / fixed.area_um2().value, 3.4, 1e-12);
  EXPECT_NEAR(fused.area_um2().high / fixed.area_um2().high, 4.3, 1e-12);
  // A fused unit at 2 bits does sixteen MACs in a cycle of the same energy.
  EXPECT_NEAR(fused.mac_pj(2, 2, 1).value * 16, fused.mac_pj(8, 8, 1).value, 1e-12);
  EXPECT_EQ(cost(array_of(PeKind::Decomposable, 2, 12)).area_um2().value,
            cost(array_of(PeKind::Fixed, 2, 12)).area_um2().value);
  const PeCost serial = cost(array_of(PeKind::BitSerial, 8, 24));
  EXPECT_NEAR(serial.area_um2().value * 8 / fixed.area_um2().value, 1.775, 1e-12);
  const PeCost configurable = cost(array_of(PeKind::Configurable, 16, 40));
  EXPECT_NEAR(configurable.mac_pj(4, 4, 1).value * 4, configurable.mac_pj(16, 16, 1).value, 1e-9);
}

TEST_F(PeCostTest, OwnRowsReplaceRatios) {
  technology.mac_area.rows.push_back({MacDesign::ConfigurablePe, 16, 16, 40, 3333});
  const PeCost pe = cost(array_of(PeKind::Configurable, 16, 40));
  EXPECT_EQ(pe.area_um2().value, 3333);
  EXPECT_NEAR(cost(array_of(PeKind::Configurable, 8, 24)).area_um2().value, 1.5 * 667.9, 1e-9);
}

TEST_F(PeCostTest, WithoutPeRowsThePeIsMacAndRegisters) {
  auto& rows = technology.mac_area.rows;
  rows.erase(
      std::remove_if(rows.begin(), rows.end(),
                     [](const MacRow& row) { return row.design != MacDesign::MacAccRegister; }),
      rows.end());
  const double registers = technology.register_area_um2_per_bit.estimate.value * 16;
  EXPECT_DOUBLE_EQ(cost(array_of(PeKind::Fixed, 8, 24)).area_um2().value, 609.4 + registers);
  rows.clear();
  EXPECT_THROW(cost(array_of(PeKind::Fixed, 8, 24)), base::UserError);
}

TEST_F(PeCostTest, SwitchedCorrectionsApplyOnlyWhenOn) {
  const spec::MacArraySpec array = array_of(PeKind::Fixed, 8, 24);
  const double idle = cost(array).idle_pj_per_cycle().value;
  const double mac = cost(array).mac_pj(8, 8, 1).value;
  technology.clock_tree_factor.enabled = true;
  EXPECT_NEAR(cost(array).idle_pj_per_cycle().value, 2 * idle, 1e-12);
  technology.wire_load_factor.enabled = true;
  EXPECT_NEAR(cost(array).mac_pj(8, 8, 1).value, mac + idle + 0.2 * 0.65, 1e-12);
}

TEST_F(PeCostTest, DelayIsTheTablesOwnWhereItHasOne) {
  technology = shipped("osu018");
  const auto row = std::find_if(
      technology.mac_area.rows.begin(), technology.mac_area.rows.end(), [](const MacRow& each) {
        return each.design == MacDesign::PeWeightStationary && each.weight_bits == 8 &&
               each.act_bits == 8 && each.acc_bits == 24;
      });
  ASSERT_NE(row, technology.mac_area.rows.end());
  ASSERT_GT(row->path_ns, 0);
  spec::MacArraySpec array = array_of(PeKind::Fixed, 8, 24);
  EXPECT_TRUE(cost(array).delay_from_table());
  EXPECT_DOUBLE_EQ(cost(array).delay_ns(), row->path_ns);
  // One more bit, a saturating sum or another kind: the fit, within a quarter of the table here.
  array.pe.overflow = numeric::OverflowPolicy::SaturateEachStep;
  EXPECT_FALSE(cost(array).delay_from_table());
  const PeCost wider = cost(array_of(PeKind::Fixed, 8, 25));
  EXPECT_FALSE(wider.delay_from_table());
  EXPECT_NEAR(wider.delay_ns(), row->path_ns, 0.25 * row->path_ns);
  EXPECT_FALSE(cost(array_of(PeKind::BitSerial, 8, 24)).delay_from_table());
  technology = shipped("generic_45nm");
  EXPECT_FALSE(cost(array_of(PeKind::Fixed, 8, 24)).delay_from_table());
}

TEST_F(PeCostTest, FlexiblePesTakeTheirDelayFactors) {
  const auto delay = [this](PeKind kind, int bits) {
    return cost(array_of(kind, bits, 25)).delay_ns();
  };
  EXPECT_DOUBLE_EQ(delay(PeKind::Configurable, 8), delay(PeKind::Fixed, 8));  // none given
  technology.configurable_delay_factor.estimate = Estimate::exact(1.5);
  technology.decomposable_delay_factor.estimate = Estimate::exact(3);
  EXPECT_NEAR(delay(PeKind::Configurable, 8), 1.5 * delay(PeKind::Fixed, 8), 1e-12);
  EXPECT_NEAR(delay(PeKind::Decomposable, 8), 3 * delay(PeKind::Fixed, 8), 1e-12);
  EXPECT_NEAR(delay(PeKind::Decomposable, 4), 2 * delay(PeKind::Fixed, 4), 1e-12);  // one level
  technology = shipped("osu018");
  const double measured = technology.decomposable_delay_factor.estimate.value;
  EXPECT_GT(measured, 1.5);
  EXPECT_NEAR(delay(PeKind::Decomposable, 8) / delay(PeKind::Fixed, 8), measured, 0.01);
}

TEST_F(PeCostTest, WiderPesAreSlower) {
  EXPECT_LT(cost(array_of(PeKind::Fixed, 2, 12)).delay_ns(),
            cost(array_of(PeKind::Fixed, 8, 24)).delay_ns());
  EXPECT_LT(cost(array_of(PeKind::BitSerial, 8, 24)).delay_ns(),
            cost(array_of(PeKind::Fixed, 8, 24)).delay_ns());
}

TEST_F(PeCostTest, NotesSayWhatIsInterpolatedAndAssumed) {
  const auto status_of = [](const PeCost& pe, const std::string& what) {
    for (const ProvenanceNote& note : pe.notes()) {
      if (note.what.rfind(what, 0) == 0) return note.status;
    }
    return std::string();
  };
  EXPECT_EQ(status_of(cost(array_of(PeKind::Fixed, 8, 24)), "pe area"), "measured");
  EXPECT_EQ(status_of(cost(array_of(PeKind::Fixed, 5, 24)), "pe area"), "interpolated");
  EXPECT_EQ(status_of(cost(array_of(PeKind::Fixed, 8, 48)), "pe area"), "extrapolated");
  const ProvenanceNote unequal = cost(array_of(PeKind::Fixed, 8, 24)).mac_note(5, 8);
  EXPECT_EQ(unequal.status, "extrapolated");  // the rows have equal operands
  const ProvenanceNote fitted = cost(array_of(PeKind::Fixed, 8, 20)).mac_note(6, 6);
  EXPECT_EQ(fitted.status, "interpolated");
  EXPECT_NE(fitted.source.find("error on left-out widths: mean 0.9 %"), std::string::npos)
      << fitted.source;
  EXPECT_EQ(status_of(cost(array_of(PeKind::Configurable, 8, 24)), "configurable area"), "assumed");
}

}  // namespace
}  // namespace bitscale::cost
