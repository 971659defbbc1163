#include "rtl/cosim/end_cases.h"

#include <gtest/gtest.h>

#include "tests/rtl/cosim/support.h"

namespace bitscale::cosim {
namespace {

ArraySpec array_named(const std::string& name) {
  for (const NamedSet& set : named_sets_of("mac_array")) {
    if (set.name == name) return array_spec(set);
  }
  ADD_FAILURE() << name;
  return {};
}

TEST(EndCases, StationaryArraysOverflowOnlyWhereTheirRowsReach) {
  ArraySpec array = array_named("array_ws_5x3");  // 5 rows, 4 x 4 bits: 525 and -600 into 10 bits
  EXPECT_TRUE(possible_ends(array).rise);
  EXPECT_TRUE(possible_ends(array).fall);
  // 512 lacks 13 of five greatest products, 525, and products below 105 lack 7, 14, 15, 21 …
  EXPECT_FALSE(possible_ends(array).rise_by_one);
  EXPECT_TRUE(possible_ends(array).fall_by_one);
  array.rows = 4;  // 420 and -480
  EXPECT_FALSE(possible_ends(array).rise);
  EXPECT_FALSE(possible_ends(array).fall);
  EXPECT_TRUE(end_cases(array).empty());
  EXPECT_FALSE(possible_ends(array_named("array_ws_16x16_shadow")).rise);
  EXPECT_TRUE(possible_ends(array_named("array_os_16x16_shadow")).rise);
}

TEST(EndCases, EveryArrayMeetsTheEndsItCanAndOneBeyond) {
  for (const NamedSet& set : named_sets_of("mac_array")) {
    const ArraySpec array = array_spec(set);
    Coverage met;
    for (const ArrayCase& test : end_cases(array)) {
      EXPECT_TRUE(array.dataflow == spec::Dataflow::OutputStationary || test.gemm.k <= array.rows)
          << set.name;
      expected_sums(array, test.gemm, test.folds, &met);
    }
    PossibleEnds possible = possible_ends(array);
    possible.rise = possible.rise && possible.rise_by_one;  // the cases are exact
    const auto missing = ends_not_reached(met, possible);
    EXPECT_TRUE(missing.empty()) << set.name << " " << missing.front();
  }
}

TEST(EndCases, TheRtlArraysMeetThemToo) {
  BITSCALE_REQUIRE_RTL_MODELS();
  for (const char* name : {"array_ws_5x3", "array_is_5x3_shadow", "array_os_3x4_shadow"}) {
    const ArraySpec array = array_named(name);
    const auto model = make_array(name);
    for (const ArrayCase& test : end_cases(array)) {
      const ArrayCheck check = check_array(*model, array, test);
      EXPECT_EQ(check.mismatches, 0) << check.failure->text;
    }
  }
}

TEST(EndCases, EveryPimArrayMeetsBothEndsAndOneBeyond) {
  BITSCALE_REQUIRE_RTL_MODELS();
  for (const NamedSet& set : named_sets_of("pim_array")) {
    const PimSpec pim = pim_spec(set);
    const auto model = make_pim(set.name);
    Coverage met;
    for (const PimCase& test : end_cases(pim)) {
      const PimCheck check = check_pim(*model, pim, test);
      EXPECT_EQ(check.mismatches, 0) << check.failure->text;
      met.add(check.coverage);
    }
    EXPECT_TRUE(ends_not_reached(met, {true, true}).empty()) << set.name;
  }
}

}  // namespace
}  // namespace bitscale::cosim
