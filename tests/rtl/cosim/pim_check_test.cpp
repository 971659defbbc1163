#include "rtl/cosim/pim_check.h"

#include <gtest/gtest.h>

#include "rtl/cosim/random_codes.h"
#include "tests/rtl/cosim/support.h"
#include "tests/support/broken_models.h"

namespace bitscale::cosim {
namespace {

PimSpec small_pim() {
  for (const NamedSet& set : named_sets_of("pim_array")) {
    if (set.name == "pim_9x6_w5_slice4_mux3") return pim_spec(set);
  }
  return {};
}

PimCase random_case(const PimSpec& pim, std::int64_t lines, std::int64_t vectors, int act_bits) {
  RandomCodes random(5);
  PimCase test{"vectors", random.take(lines * pim.cols, pim.mac.weights.codes()), {}, 5};
  for (std::int64_t v = 0; v < vectors; ++v) {
    PimVector vector{{}, {act_bits, false}, v % 2 == 0};
    vector.acts = random.take(lines, vector.format);
    vector.acts.resize(static_cast<std::size_t>(pim.wordlines), 0);
    test.vectors.push_back(std::move(vector));
  }
  return test;
}

TEST(PimCheck, ARightArrayPassesAlsoWithUnusedWordlines) {
  BITSCALE_REQUIRE_RTL_MODELS();
  const PimSpec pim = small_pim();
  const auto model = make_pim(pim.name);
  for (const std::int64_t lines : {1, 4, 9}) {
    const PimCheck check = check_pim(*model, pim, random_case(pim, lines, 20, 7));
    EXPECT_EQ(check.mismatches, 0) << check.failure->text;
    EXPECT_EQ(check.rtl_cycles, lines + 20 * 7 * 3 + 2);
    EXPECT_EQ(check.macs, lines * 6 * 20);
  }
}

TEST(PimCheck, ABrokenArrayIsCaughtWithin1000Vectors) {
  BITSCALE_REQUIRE_RTL_MODELS();
  const PimSpec pim = small_pim();
  const auto model = make_broken_pim();
  const PimCheck check = check_pim(*model, pim, random_case(pim, 9, 18, 12));  // 972 MACs
  EXPECT_GT(check.mismatches, 0);
  EXPECT_GT(check.coverage.overflow_up, 0);
  ASSERT_TRUE(check.failure);
  for (const char* part : {"pim_9x6", "9 wordlines x 6 columns", "seed 5", "cycle ", "vector ",
                           "column ", "weights ", "acts ", "expected 2047 overflow, RTL 2046"}) {
    EXPECT_NE(check.failure->text.find(part), std::string::npos)
        << part << " in " << check.failure->text;
  }
  for (const char* part : {"$scope module pim_array", "act_i_8 $end", "result_o_5 $end"}) {
    EXPECT_NE(check.failure->vcd.find(part), std::string::npos) << part;
  }
}

}  // namespace
}  // namespace bitscale::cosim
