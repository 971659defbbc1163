#include "rtl/cosim/array_run.h"

#include <gtest/gtest.h>

#include <random>

#include "arch/base/error.h"
#include "arch/timing/fold.h"
#include "tests/rtl/cosim/support.h"

namespace bitscale::cosim {
namespace {

using spec::Dataflow;

std::int32_t random_code(const numeric::IntegerFormat& format, std::mt19937_64& engine) {
  return static_cast<std::int32_t>(
      std::uniform_int_distribution<std::int64_t>(format.min(), format.max())(engine));
}

Gemm random_gemm(const ArraySpec& array, std::int64_t m, std::int64_t k, std::int64_t n,
                 std::uint64_t seed) {
  std::mt19937_64 engine(seed);
  Gemm gemm{m, k, n, {}, {}, 0};
  for (std::int64_t i = 0; i < m * k; ++i) {
    gemm.acts.push_back(random_code(array.mac.acts, engine));
  }
  for (std::int64_t i = 0; i < k * n; ++i) {
    gemm.weights.push_back(random_code(array.mac.weights.codes(), engine));
  }
  if (array.mac.weights.kind == numeric::WeightEncoding::Affine) {
    gemm.zero_point = random_code(array.mac.weights.codes(), engine);
  }
  return gemm;
}

// arch/timing's account of the same folds.
std::int64_t model_cycles(const ArraySpec& array, const std::vector<ArrayFold>& folds) {
  spec::MacArraySpec spec;
  spec.rows = array.rows;
  spec.cols = array.cols;
  spec.dataflow = array.dataflow;
  spec.shadow_weights = array.shadow;
  std::vector<timing::Fold> same;
  same.reserve(folds.size());
  for (const ArrayFold& fold : folds) same.push_back({fold.steps, fold.rows, fold.cols});
  return timing::sequence_cycles(spec, same);
}

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
    const ArrayRun run = run_on_rtl(*model, array, gemm, folds);
    EXPECT_EQ(run.cycles, model_cycles(array, folds));
    const auto difference =
        first_difference(array, folds, expected_sums(array, gemm, folds), run.sums);
    EXPECT_FALSE(difference) << *difference;
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
