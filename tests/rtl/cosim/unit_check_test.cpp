#include "rtl/cosim/unit_check.h"

#include <gtest/gtest.h>

#include "rtl/cosim/unit_reference.h"
#include "tests/rtl/cosim/support.h"

namespace bitscale::cosim {
namespace {

std::vector<UnitUnderTest> all_units() {
  std::vector<UnitUnderTest> units;
  for (const NamedSet& set : unit_sets()) units.push_back({units.size(), set});
  return units;
}

TEST(UnitCheck, EveryNamedSetEqualsTheReferenceAndMeetsItsCorners) {
  BITSCALE_REQUIRE_RTL_MODELS();
  const auto model = make_unit_bank();
  const std::vector<UnitUnderTest> units = all_units();
  const auto inputs = unit_inputs(40000, 2);
  const UnitCheckReport report = check_units(*model, units, inputs, 2);
  EXPECT_EQ(report.cycles, static_cast<std::int64_t>(inputs.size()));
  for (std::size_t u = 0; u < units.size(); ++u) {
    const UnitResult& result = report.results[u];
    EXPECT_EQ(result.mismatches, 0) << result.failure->text;
    EXPECT_GT(result.coverage.weight.zero, 0) << units[u].set.name;
    EXPECT_GT(result.coverage.weight.max, 0) << units[u].set.name;
    EXPECT_TRUE(ends_not_reached(result.coverage, {true, true}).empty()) << units[u].set.name;
  }
}

// A bank in C++ whose unit `broken` forgets the overflow flag.
class ForgetfulBank : public UnitModel {
 public:
  explicit ForgetfulBank(std::size_t broken) : broken_(broken) {
    for (const NamedSet& set : unit_sets()) units_.emplace_back(set);
  }
  void step(const UnitInputs& inputs) override {
    for (UnitReference& unit : units_) unit.step(inputs, unused_);
  }
  std::uint64_t acc(std::size_t unit, std::size_t index) const override {
    const std::uint64_t mask = (std::uint64_t{1} << units_[unit].spec().acc_bits) - 1;
    return static_cast<std::uint64_t>(units_[unit].acc(index)) & mask;
  }
  bool overflow(std::size_t unit, std::size_t index) const override {
    return unit != broken_ && units_[unit].overflow(index);
  }

 private:
  std::size_t broken_;
  std::vector<UnitReference> units_;
  Coverage unused_;
};

TEST(UnitCheck, AWrongUnitIsReportedWithItsInputsAndAWindow) {
  ForgetfulBank bank(1);  // accumulator_d8_acc12_sat
  const std::vector<UnitUnderTest> units = all_units();
  const UnitCheckReport report = check_units(bank, units, unit_inputs(20000, 4), 4);
  for (std::size_t u = 0; u < units.size(); ++u) {
    EXPECT_EQ(report.results[u].mismatches > 0, u == 1) << units[u].set.name;
  }
  const std::optional<Failure>& failure = report.results[1].failure;
  ASSERT_TRUE(failure);
  for (const char* part : {"accumulator_d8_acc12_sat", "AccBits=12", "seed 4", "cycle ",
                           "weight_i ", "expected ", "overflow, RTL "}) {
    EXPECT_NE(failure->text.find(part), std::string::npos) << part << " in " << failure->text;
  }
  EXPECT_NE(failure->vcd.find("expected_overflow_0 $end"), std::string::npos);
}

TEST(UnitStimulus, SerialBitsComeMostSignificantFirst) {
  std::vector<UnitInputs> all;
  append_serial({}, {5, 2}, 3, all);
  ASSERT_EQ(all.size(), 3U);
  EXPECT_TRUE(all[0].first && !all[0].last && all[2].last && !all[2].first);
  EXPECT_EQ(all[0].act, 1U);  // 5 = 101, 2 = 010
  EXPECT_EQ(all[1].act, 2U);
  EXPECT_EQ(all[2].act, 1U);
}

}  // namespace
}  // namespace bitscale::cosim
