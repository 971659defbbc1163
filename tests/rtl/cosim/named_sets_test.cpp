#include "rtl/cosim/named_sets.h"

#include <gtest/gtest.h>

#include <set>

namespace bitscale::cosim {
namespace {

TEST(NamedSets, NamesAreUniqueAndEveryModuleOccurs) {
  std::set<std::string> names, modules;
  for (const NamedSet& set : named_sets()) {
    EXPECT_TRUE(names.insert(set.name).second) << set.name;
    modules.insert(set.module);
  }
  EXPECT_EQ(modules, (std::set<std::string>{"mac_unit", "narrow_accumulator", "bit_serial_mac",
                                            "decomposable_mac", "configurable_mac", "mac_array",
                                            "pim_array"}));
}

TEST(NamedSets, MacsCoverWidthPairsAccumulatorsAndPolicies) {
  std::set<std::pair<int, int>> pairs;
  std::set<int> accumulators;
  std::set<numeric::WeightEncoding> encodings;
  std::set<std::string> points;
  for (const NamedSet& set : named_sets_of("mac_unit")) {
    const MacSpec spec = mac_spec(set);
    EXPECT_EQ(spec.weights.problem(), "") << set.name;
    pairs.insert({spec.weights.bits, spec.acts.bits});
    accumulators.insert(spec.acc_bits);
    encodings.insert(spec.weights.kind);
    points.insert(spec.describe().substr(set.name.size()));
  }
  EXPECT_GE(pairs.size(), 12U);
  EXPECT_EQ(accumulators.size(), 7U);
  EXPECT_EQ(encodings.size(), 4U);
  EXPECT_EQ(points.size(), named_sets_of("mac_unit").size()) << "two sets are the same MAC";
}

TEST(NamedSets, ParametersBecomeAMacSpec) {
  NamedSet set{"x",
               "mac_unit",
               {{"WeightBits", 3},
                {"ActBits", 5},
                {"AccBits", 11},
                {"WeightSigned", 0},
                {"ActSigned", 1},
                {"Encoding", 3},
                {"Overflow", 1}}};
  const MacSpec spec = mac_spec(set);
  EXPECT_EQ(spec.weights.kind, numeric::WeightEncoding::Affine);
  EXPECT_EQ(spec.weights.bits, 3);
  EXPECT_FALSE(spec.weights.is_signed);
  EXPECT_EQ(spec.acts.bits, 5);
  EXPECT_TRUE(spec.acts.is_signed);
  EXPECT_EQ(spec.acc_bits, 11);
  EXPECT_EQ(spec.policy, numeric::OverflowPolicy::SaturateEachStep);
  EXPECT_EQ(set.get("Rows", 7), 7);
}

}  // namespace
}  // namespace bitscale::cosim
