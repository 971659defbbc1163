// The guarantee of accumulator-aware training on hardware: real weights of trained networks under
// the inputs that drive each sum to its ends, through the Verilated MAC with P bits and with one
// fewer.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "rtl/cosim/mac_model.h"
#include "rtl/cosim/named_sets.h"
#include "rtl/cosim/user_mac.h"
#include "tests/support/reference.h"
#include "workloads/model/trace.h"

namespace bitscale::verify {
namespace {

/// One dot product that no other input of the layer can exceed on its side.
struct Extreme {
  std::vector<std::int64_t> weights, acts;
  std::int64_t sum = 0;
};

/// Both ends of every output channel of every layer.
std::vector<Extreme> extremes(const std::string& trace) {
  const model::QuantizedGraph graph =
      model::read_trace(testing::source_path("workloads/traces/" + trace)).graph;
  std::vector<Extreme> all;
  for (const model::QuantizedNode& node : graph.nodes) {
    if (node.op != model::QuantizedOp::Mac) continue;
    const numeric::OperandEncoding& acts = graph.value(node.inputs[0]).format.encoding;
    EXPECT_TRUE(node.bias.empty()) << node.name;  // nothing else enters the accumulator
    EXPECT_EQ(acts.min_value(), 0) << node.name;
    const std::vector<std::int64_t> codes = node.weights.codes.integers();
    const std::int64_t outputs = node.weights.codes.dims()[0];
    const auto inner = static_cast<std::ptrdiff_t>(node.weights.codes.dims()[1]);
    numeric::SumRange seen{0, 0};
    for (std::int64_t o = 0; o < outputs; ++o) {
      const auto row = codes.begin() + o * inner;
      for (const bool top : {true, false}) {
        Extreme extreme;
        extreme.weights.assign(row, row + inner);
        for (const std::int64_t weight : extreme.weights) {
          extreme.acts.push_back((weight > 0) == top ? acts.max_value() : 0);
          extreme.sum += weight * extreme.acts.back();
        }
        seen.min = std::min(seen.min, extreme.sum);
        seen.max = std::max(seen.max, extreme.sum);
        all.push_back(std::move(extreme));
      }
    }
    const numeric::SumRange range = model::sum_range(graph, node);
    EXPECT_EQ(seen.min, range.min) << node.name;  // these inputs are the ends
    EXPECT_EQ(seen.max, range.max) << node.name;
  }
  return all;
}

struct Outcome {
  std::int64_t sum = 0;
  bool overflow = false;
};

Outcome run(cosim::MacModel& model, std::size_t index, int acc_bits, const Extreme& extreme) {
  for (std::size_t i = 0; i < extreme.weights.size(); ++i) {
    cosim::MacOperands operands;
    operands.weight = static_cast<std::uint16_t>(extreme.weights[i]);
    operands.act = static_cast<std::uint16_t>(extreme.acts[i]);
    operands.clear = i == 0;
    model.step(operands);
  }
  for (std::size_t i = 0; i < model.delay(); ++i) model.step({});  // act 0 keeps the sum
  const std::uint64_t bits = model.acc(index);
  const std::uint64_t sign = std::uint64_t{1} << (acc_bits - 1);
  return {static_cast<std::int64_t>((bits ^ sign) - sign), model.overflow(index)};
}

bool fits(std::int64_t sum, int bits) {
  const numeric::IntegerFormat format{bits, true};
  return sum >= format.min() && sum <= format.max();
}

/// Runs all; every flag and every sum without one must be right. Returns how many overflowed.
std::int64_t overflows(cosim::MacModel& model, std::size_t index, int acc_bits,
                       const std::vector<Extreme>& all) {
  std::int64_t count = 0;
  for (const Extreme& extreme : all) {
    const Outcome outcome = run(model, index, acc_bits, extreme);
    EXPECT_EQ(outcome.overflow, !fits(extreme.sum, acc_bits)) << extreme.sum;
    if (outcome.overflow) {
      ++count;
    } else {
      EXPECT_EQ(outcome.sum, extreme.sum);
    }
  }
  return count;
}

/// rtl/mac_unit.sv with 4-bit weights and activations of up to 8 bits.
std::unique_ptr<cosim::MacModel> mac_unit(int acc_bits) {
  cosim::UserMac mac;
  for (const char* file :
       {"mac_pkg", "baugh_wooley", "weight_decoder", "narrow", "mac_core", "mac_unit"}) {
    mac.files.push_back(testing::source_path("rtl/" + std::string(file) + ".sv"));
  }
  mac.top = "mac_unit";
  mac.parameters = {{"WeightBits", 4}, {"ActBits", 8}, {"AccBits", acc_bits}};
  mac.spec.name = "mac_unit";
  mac.spec.weights.bits = 4;
  mac.spec.acts = {8, false};
  mac.spec.acc_bits = acc_bits;
  mac.cache_folder = std::filesystem::path(BITSCALE_BINARY_DIR) / "user_mac_cache";
  return cosim::load_user_mac(mac);
}

// P = 12, A2Q and A2Q+: nothing overflows 12 bits, and 11 are too few for both.
TEST(A2qExtremes, TwelveBitsHoldEveryInputAndElevenDoNot) {
  if (!cosim::has_rtl_models()) GTEST_SKIP() << "built without Verilator";
  const auto enough = mac_unit(12), one_fewer = mac_unit(11);
  for (const char* trace : {"fashion_mlp_a2q_p12", "fashion_mlp_a2q_plus_p12"}) {
    const std::vector<Extreme> all = extremes(trace);
    EXPECT_EQ(all.size(), 2U * (64 + 64 + 10));
    EXPECT_EQ(overflows(*enough, 0, 12, all), 0) << trace;
    EXPECT_GT(overflows(*one_fewer, 0, 11, all), 0) << trace;
  }
}

// P = 16 in the bank of the co-simulation: 4-bit weights, and 8 × 8 bits. 13 bits are too few.
TEST(A2qExtremes, SixteenBitsHoldEveryInputAndThirteenDoNot) {
  if (!cosim::has_rtl_models()) GTEST_SKIP() << "built without Verilator";
  const auto bank = cosim::make_mac_bank();
  const std::vector<cosim::NamedSet> sets = cosim::named_sets_of("mac_unit");
  const auto index_of = [&](const std::string& name) {
    const auto found = std::find_if(sets.begin(), sets.end(),
                                    [&](const cosim::NamedSet& set) { return set.name == name; });
    EXPECT_NE(found, sets.end()) << name;
    return static_cast<std::size_t>(found - sets.begin());
  };
  for (const auto& [trace, mac] : {std::pair{"fashion_mlp_a2q_p16", "mac_w4s_a8u"},
                                   {"fashion_mlp_a2q_plus_p16", "mac_w4s_a8u"},
                                   {"fashion_mlp_a2q_w8a8_p16", "mac_w8s_a8u"}}) {
    const std::vector<Extreme> all = extremes(trace);
    const std::string name = mac;
    EXPECT_EQ(overflows(*bank, index_of(name + "_acc16_wrap"), 16, all), 0) << trace;
    EXPECT_GT(overflows(*bank, index_of(name + "_acc13_wrap"), 13, all), 0) << trace;
  }
}

}  // namespace
}  // namespace bitscale::verify
