#include "rtl/cosim/array_run.h"

#include <gtest/gtest.h>

#include <random>

#include "arch/base/error.h"
#include "rtl/cosim/array_check.h"
#include "tests/rtl/cosim/support.h"

namespace bitscale::cosim {
namespace {

struct Shape {
  std::int64_t m, k, n;
};

class RtlArray : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    BITSCALE_REQUIRE_RTL_MODELS();
    for (const NamedSet& set : named_sets_of("mac_array")) {
      if (set.name == GetParam()) array = array_spec(set);
    }
    model = make_array(GetParam());
  }

  void check(const Gemm& gemm, const std::vector<ArrayFold>& folds) {
    const ArrayCheck check =
        check_array(*model, array, {"product", gemm, folds, folds_cycles(array, folds), 0});
    EXPECT_EQ(check.mismatches, 0) << check.failure->text;
    EXPECT_EQ(check.run.cycles, folds_cycles(array, folds));
  }

  ArraySpec array;
  std::unique_ptr<ArrayModel> model;
};

TEST_P(RtlArray, ProductsEqualTheReferenceAndCyclesTheModel) {
  std::uint64_t seed = 1;
  for (const Shape& shape :
       {Shape{1, 1, 1}, Shape{2, 3, 1}, Shape{array.rows, array.rows, array.cols},
        Shape{array.cols, array.cols, array.rows}, Shape{7, 11, 5}, Shape{1, 30, 9},
        Shape{25, 2, 13}, Shape{3, 40, 1}, Shape{33, 17, 18}}) {
    SCOPED_TRACE(testing::Message() << shape.m << " x " << shape.k << " x " << shape.n);
    const Gemm gemm = random_gemm(array, shape.m, shape.k, shape.n, ++seed);
    check(gemm, folds_of(array, shape.m, shape.k, shape.n));
  }
}

TEST_P(RtlArray, FoldsOfAnyLengthsFollowEachOther) {
  std::mt19937_64 engine(5);
  const auto between = [&](std::int64_t low, std::int64_t high) {
    return std::uniform_int_distribution<std::int64_t>(low, high)(engine);
  };
  const Gemm gemm = random_gemm(array, 40, 40, 40, 99);
  for (int round = 0; round < 20; ++round) {
    std::vector<ArrayFold> folds(8);
    for (ArrayFold& fold : folds) {
      fold.rows = between(1, array.rows);
      fold.cols = between(1, array.cols);
      fold.steps = between(1, round % 2 == 0 ? 3 : 20);
    }
    check(gemm, folds);
  }
}

std::vector<std::string> array_names() {
  std::vector<std::string> names;
  for (const NamedSet& set : named_sets_of("mac_array")) names.push_back(set.name);
  return names;
}
INSTANTIATE_TEST_SUITE_P(Sets, RtlArray, testing::ValuesIn(array_names()),
                         [](const auto& test) { return test.param; });

TEST(RtlArrayFactory, ModelsOutliveEachOtherInAnyOrder) {
  BITSCALE_REQUIRE_RTL_MODELS();
  const auto bank = make_mac_bank();
  auto first = make_array("array_ws_5x3");
  auto second = make_array("array_os_5x3_shadow");
  bank->step({1, 0, 1, true});
  first.reset();
  second->settle();
  second->tick();
  bank->step({1, 0, 1, false});
  EXPECT_FALSE(second->settle().busy);
}

TEST(RtlArrayFactory, AnUnknownNameListsTheKnownOnes) {
  BITSCALE_REQUIRE_RTL_MODELS();
  try {
    make_array("array_ws_5x4");
    FAIL();
  } catch (const base::UserError& error) {
    EXPECT_NE(std::string(error.what()).find("array_ws_5x3"), std::string::npos) << error.what();
  }
}

TEST(Packing, FieldsOfAnyWidthComeBack) {
  for (const int bits : {1, 3, 5, 8, 13, 16}) {
    std::vector<std::int32_t> codes;
    codes.reserve(37);
    for (int i = 0; i < 37; ++i) codes.push_back(i * 7919);
    std::vector<std::uint32_t> words;
    pack_codes(codes.data(), codes.size(), bits, words);
    for (std::size_t i = 0; i < codes.size(); ++i) {
      EXPECT_EQ(unpack_field(words, i, bits),
                static_cast<std::uint64_t>(codes[i]) & ((1U << bits) - 1));
    }
  }
}

}  // namespace
}  // namespace bitscale::cosim
