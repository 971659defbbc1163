#include "rtl/cosim/mac_check.h"

#include <gtest/gtest.h>

#include "rtl/cosim/mac_stimulus.h"
#include "tests/rtl/cosim/support.h"

namespace bitscale::cosim {
namespace {

std::vector<MacSpec> bank_specs() {
  std::vector<MacSpec> specs;
  for (const NamedSet& set : named_sets_of("mac_unit")) specs.push_back(mac_spec(set));
  return specs;
}

TEST(MacBank, EveryNamedSetEqualsTheReference) {
  BITSCALE_REQUIRE_RTL_MODELS();
  const std::vector<MacSpec> specs = bank_specs();
  const auto bank = make_mac_bank();
  ASSERT_EQ(bank->size(), specs.size());
  const std::vector<MacUnderTest> macs = all_macs(specs);
  const auto vectors = mac_vectors(macs, 20000, 7);
  const MacCheckReport report = check_macs(*bank, macs, vectors, 7);
  for (const MacResult& result : report.results) {
    EXPECT_EQ(result.mismatches, 0) << result.failure->text;
  }
  EXPECT_EQ(report.vectors, static_cast<std::int64_t>(vectors.size()));
  EXPECT_EQ(report.mac_vectors(), report.vectors * static_cast<std::int64_t>(specs.size()));
}

TEST(MacBank, CornersAndBothEndsAreMet) {
  BITSCALE_REQUIRE_RTL_MODELS();
  const std::vector<MacSpec> specs = bank_specs();
  const auto bank = make_mac_bank();
  const std::vector<MacUnderTest> macs = all_macs(specs);
  const MacCheckReport report = check_macs(*bank, macs, mac_vectors(macs, 5000, 1, true), 1);
  EXPECT_EQ(report.mismatches(), 0);
  Coverage met;
  for (std::size_t i = 0; i < macs.size(); ++i) {
    const MacSpec& spec = macs[i].spec;
    const Coverage& one = report.results[i].coverage;
    const CornerCount corners =
        count_corners(one, spec.weights.codes().is_signed, spec.acts.is_signed);
    EXPECT_EQ(corners.met, corners.possible) << spec.describe();
    met.add(one);
    EXPECT_TRUE(ends_not_reached(one, {spec.can_rise(), spec.can_fall()}).empty())
        << spec.describe();
  }
  for (const std::int64_t count :
       {met.weight.min, met.weight.max, met.weight.minus_one, met.weight.zero, met.act.min,
        met.act.max, met.act.minus_one, met.act.zero, met.overflow_up, met.overflow_down,
        met.overflow_up_by_one, met.overflow_down_by_one}) {
    EXPECT_GT(count, 100);
  }
}

// A MAC in C++ that can be told to err, to see that the check sees it.
class FakeMac : public MacModel {
 public:
  explicit FakeMac(const MacSpec& spec) : spec_(spec) {}
  std::size_t size() const override { return 1; }
  std::size_t delay() const override { return 0; }
  std::uint64_t acc(std::size_t /*index*/) const override {
    return static_cast<std::uint64_t>(acc_) & ((std::uint64_t{1} << spec_.acc_bits) - 1);
  }
  bool overflow(std::size_t /*index*/) const override { return overflow_ != wrong_flag; }

  void step(const MacOperands& operands) override {
    const std::int64_t weight = numeric::wrap_to_bits(operands.weight, spec_.weights.bits);
    const std::int64_t act = operands.act & ((1 << spec_.acts.bits) - 1);
    const auto step = numeric::accumulate(operands.clear ? 0 : acc_, weight * act + wrong_product,
                                          spec_.acc_bits, spec_.policy);
    acc_ = step.value;
    overflow_ = step.overflow || (overflow_ && !operands.clear);
  }

  std::int64_t wrong_product = 0;
  bool wrong_flag = false;

 private:
  MacSpec spec_;
  std::int64_t acc_ = 0;
  bool overflow_ = false;
};

MacSpec small_spec() {
  MacSpec spec;
  spec.name = "small";
  spec.weights.bits = 4;
  spec.acts = {4, false};
  spec.acc_bits = 10;
  return spec;
}

std::vector<MacUnderTest> small_mac() { return all_macs({small_spec()}); }

TEST(MacCheck, ARightMacPasses) {
  FakeMac mac(small_spec());
  EXPECT_EQ(check_macs(mac, small_mac(), mac_vectors(small_mac(), 1000, 3), 3).mismatches(), 0);
}

TEST(MacCheck, AWrongProductIsReportedWithEverythingToRepeatIt) {
  FakeMac mac(small_spec());
  mac.wrong_product = 1;
  const auto vectors = mac_vectors(small_mac(), 1000, 3);
  const MacCheckReport report = check_macs(mac, small_mac(), vectors, 3);
  EXPECT_GT(report.mismatches(), 900);
  const std::optional<Failure>& failure = report.results.front().failure;
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->cycle, 0);
  const std::string& text = failure->text;
  for (const char* part : {"small", "weight_bits 4", "acc_bits 10 wrap", "seed 3", "cycle 0",
                           "weight code", "act code", "expected 0", "RTL 1"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << " in " << text;
  }
  EXPECT_NE(failure->vcd.find("$var wire 10 % acc_o $end"), std::string::npos) << failure->vcd;
}

TEST(MacCheck, AReportHasTheCodesThatReachThePorts) {
  FakeMac mac(small_spec());
  mac.wrong_product = 1;
  MacOperands operands;
  operands.weight = 0xa7a9;
  operands.act = 0xae6d;
  operands.zero_point = 0xbd5f;
  operands.clear = true;
  const MacCheckReport report = check_macs(mac, small_mac(), {operands}, 3);
  const std::optional<Failure>& failure = report.results.front().failure;
  ASSERT_TRUE(failure);
  EXPECT_NE(failure->text.find("weight code 9 (-7), act code 13 (13), clear\n"), std::string::npos)
      << failure->text;
}

TEST(MacCheck, AWrongFlagAloneIsSeen) {
  FakeMac mac(small_spec());
  mac.wrong_flag = true;
  EXPECT_GT(check_macs(mac, small_mac(), mac_vectors(small_mac(), 500, 3), 3).mismatches(), 0);
}

/// Exact sums of the vectors; `spec`'s ends and one beyond are counted.
Coverage walked(MacSpec spec, const std::vector<MacOperands>& vectors) {
  Coverage met;
  std::int64_t sum = 0;
  for (const MacOperands& operands : vectors) {
    if (operands.clear) sum = 0;
    const auto code = [](std::uint16_t word, const numeric::IntegerFormat& format) {
      const std::int64_t low = word & ((1 << format.bits) - 1);
      return format.is_signed ? numeric::wrap_to_bits(low, format.bits) : low;
    };
    if (spec.weights.kind == numeric::WeightEncoding::Affine) {
      spec.weights.zero_point = operands.zero_point;
    }
    sum += spec.weights.value(code(operands.weight, spec.weights.codes())) *
           code(operands.act, spec.acts);
    if (numeric::fits_signed(sum, spec.acc_bits)) {
      met.count_end(sum, spec.acc_bits);
    } else {
      met.count_overflow(sum, spec.acc_bits);
    }
  }
  return met;
}

TEST(MacStimulus, EdgesReachBothEndsExactlyAndOneBeyond) {
  for (const MacSpec& spec : bank_specs()) {
    if (spec.acc_bits > 16) continue;
    const Coverage met = walked(spec, edge_operands(spec, 40000));
    EXPECT_TRUE(ends_not_reached(met, {spec.can_rise(), spec.can_fall()}).empty())
        << spec.describe();
    EXPECT_EQ(met.overflow_up_by_one > 0, spec.can_rise()) << spec.describe();
    EXPECT_EQ(met.overflow_down_by_one > 0, spec.can_fall()) << spec.describe();
  }
}

TEST(MacStimulus, APreloadIsOneStepFromTheEndAndAClearComesBefore) {
  MacSpec spec = small_spec();
  spec.acc_bits = 48;
  const std::vector<MacOperands> vectors = preloaded_operands(spec);
  std::vector<std::int64_t> starts;
  for (std::size_t i = 0; i < vectors.size(); ++i) {
    if (!vectors[i].preload) continue;
    ASSERT_GT(i, 0U);
    EXPECT_TRUE(vectors[i - 1].clear);
    starts.push_back(vectors[i].start);
  }
  const std::int64_t end = (std::int64_t{1} << 47) - 1;
  EXPECT_EQ(starts, (std::vector<std::int64_t>{end - 1, end, -end, -end - 1}));
}

TEST(MacStimulus, ShortSumsHaveNoMoreTermsThanAsked) {
  const MacSpec spec = small_spec();  // products up to 7 * 15 = 105 and down to -8 * 15 = -120
  EXPECT_EQ(short_sum(spec, 105, 1).size(), 1U);
  EXPECT_TRUE(short_sum(spec, 106, 1).empty());
  EXPECT_EQ(short_sum(spec, 106, 2).size(), 2U);
  EXPECT_TRUE(short_sum(spec, 525 + 1, 5).empty());
  EXPECT_EQ(short_sum(spec, -600, 5).size(), 5U);
}

TEST(MacStimulus, AWalkIsAsLongAsTheGreatestProductsNeedAndNoLonger) {
  MacSpec spec = small_spec();
  spec.acc_bits = 16;  // 32767 = 312 · 105 + 7, -32768 = -(273 · 120 + 8): 313 and 274 steps
  EXPECT_EQ(edge_operands(spec, 273).size(), 0U);
  const Coverage lower = walked(spec, edge_operands(spec, 274));
  EXPECT_EQ(ends_not_reached(lower, {true, true}),
            (std::vector<std::string>{"upper_end", "overflow_up_by_one"}));
  EXPECT_TRUE(ends_not_reached(walked(spec, edge_operands(spec, 313)), {true, true}).empty());
  spec.weights.bits = 8;
  spec.acts.bits = 8;
  spec.acc_bits = 32;
  EXPECT_TRUE(ends_not_reached(walked(spec, edge_operands(spec, 70000)), {true, true}).empty());
  spec.acc_bits = 48;
  EXPECT_TRUE(edge_operands(spec, 70000).empty());
}

}  // namespace
}  // namespace bitscale::cosim
