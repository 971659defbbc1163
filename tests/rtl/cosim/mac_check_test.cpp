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
  const auto vectors = mac_vectors(macs, 60000, 7);
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
  const MacCheckReport report = check_macs(*bank, macs, mac_vectors(macs, 0, 1), 1);
  Coverage met;
  for (std::size_t i = 0; i < macs.size(); ++i) {
    const MacSpec& spec = macs[i].spec;
    const Coverage& one = report.results[i].coverage;
    const CornerCount corners =
        count_corners(one, spec.weights.codes().is_signed, spec.acts.is_signed);
    EXPECT_EQ(corners.met, corners.possible) << spec.describe();
    met.add(one);
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

TEST(MacCheck, AWrongFlagAloneIsSeen) {
  FakeMac mac(small_spec());
  mac.wrong_flag = true;
  EXPECT_GT(check_macs(mac, small_mac(), mac_vectors(small_mac(), 500, 3), 3).mismatches(), 0);
}

TEST(MacStimulus, EdgesReachBothEndsExactly) {
  for (const MacSpec& spec : bank_specs()) {
    const auto vectors = edge_operands(spec);
    std::int64_t sum = 0, least = 0, greatest = 0;
    for (const MacOperands& operands : vectors) {
      if (operands.clear) sum = 0;
      const std::int64_t code = spec.weights.codes().is_signed
                                    ? numeric::wrap_to_bits(operands.weight, spec.weights.bits)
                                    : operands.weight & ((1 << spec.weights.bits) - 1);
      const std::int64_t act = spec.acts.is_signed
                                   ? numeric::wrap_to_bits(operands.act, spec.acts.bits)
                                   : operands.act & ((1 << spec.acts.bits) - 1);
      sum += spec.weights.value(code) * act;
      least = std::min(least, sum);
      greatest = std::max(greatest, sum);
    }
    if (spec.acc_bits == 8 && spec.weights.bits > 1) {
      EXPECT_GT(greatest, numeric::signed_max(8)) << spec.describe();
    }
    if (vectors.empty()) {
      EXPECT_GT(spec.acc_bits, 8) << spec.describe();
    }
  }
}

}  // namespace
}  // namespace bitscale::cosim
