#include "rtl/cosim/pim_model.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "tests/rtl/cosim/support.h"

namespace bitscale::cosim {
namespace {

std::int32_t random_code(const numeric::IntegerFormat& format, std::mt19937_64& engine) {
  return static_cast<std::int32_t>(
      std::uniform_int_distribution<std::int64_t>(format.min(), format.max())(engine));
}

class RtlPim : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    BITSCALE_REQUIRE_RTL_MODELS();
    for (const NamedSet& set : named_sets_of("pim_array")) {
      if (set.name == GetParam()) pim = pim_spec(set);
    }
    model = make_pim(GetParam());
    for (int i = 0; i < pim.wordlines * pim.cols; ++i) {
      weights.push_back(random_code(pim.mac.weights.codes(), engine));
    }
  }

  PimVector random_vector(int bits, bool is_signed, bool clear) {
    PimVector vector{{}, {bits, is_signed}, clear};
    for (int w = 0; w < pim.wordlines; ++w) {
      vector.acts.push_back(random_code(vector.format, engine));
    }
    return vector;
  }

  PimSpec pim;
  std::unique_ptr<PimModel> model;
  std::vector<std::int32_t> weights;
  std::mt19937_64 engine{11};
};

TEST_P(RtlPim, VectorsOfEveryActivationWidthEqualTheReference) {
  EXPECT_EQ(model->write(weights), pim.wordlines);
  for (int bits = 1; bits <= pim.mac.acts.bits; ++bits) {
    std::vector<PimVector> vectors;
    vectors.reserve(24);
    for (int i = 0; i < 24; ++i) vectors.push_back(random_vector(bits, i % 2 == 1, i % 3 == 0));
    const PimRun run = model->run(vectors);
    EXPECT_EQ(run.sums, expected_pim_sums(pim, weights, vectors)) << bits << " bits";
    EXPECT_EQ(run.compute_cycles, pim_compute_cycles(pim, vectors));
  }
}

TEST_P(RtlPim, CyclesOfOneVectorAndOfNone) {
  model->write(weights);
  EXPECT_EQ(model->run({}).compute_cycles, 0);
  const PimRun run = model->run({random_vector(1, false, true)});
  EXPECT_EQ(run.compute_cycles, pim.col_mux + 2);
}

// Planes without a one: below, between and above those with one, and in all places.
TEST_P(RtlPim, ZeroPlanesTakeNoCycleWhereTheyAreSkipped) {
  model->write(weights);
  const int bits = pim.mac.acts.bits;
  for (const bool is_signed : {false, true}) {
    std::vector<PimVector> vectors;
    std::int64_t ones = 0;
    for (std::int32_t pattern = 0; pattern < 1 << std::min(bits, 5); ++pattern) {
      PimVector vector{{}, {bits, is_signed}, pattern % 4 != 1};
      vector.acts.assign(static_cast<std::size_t>(pim.wordlines), 0);
      std::int32_t code = pattern << (bits - std::min(bits, 5));  // the top bits
      if (is_signed) {
        code = static_cast<std::int32_t>(numeric::wrap_to_bits(code, bits));
      }
      vector.acts[static_cast<std::size_t>(pattern % pim.wordlines)] = code;
      ones += std::max(1, __builtin_popcount(static_cast<unsigned>(pattern)));
      vectors.push_back(std::move(vector));
    }
    const PimRun run = model->run(vectors);
    EXPECT_EQ(run.sums, expected_pim_sums(pim, weights, vectors)) << is_signed;
    const std::int64_t all = static_cast<std::int64_t>(vectors.size()) * bits;
    EXPECT_EQ(run.compute_cycles, (pim.skip_zero_planes ? ones : all) * pim.col_mux + 2);
    EXPECT_EQ(run.compute_cycles, pim_compute_cycles(pim, vectors));
  }
}

TEST_P(RtlPim, WeightsCanBeRewritten) {
  model->write(weights);
  const std::vector<PimVector> vectors = {random_vector(pim.mac.acts.bits, false, true)};
  model->run(vectors);
  for (std::int32_t& weight : weights) weight = random_code(pim.mac.weights.codes(), engine);
  model->write(weights);
  EXPECT_EQ(model->run(vectors).sums, expected_pim_sums(pim, weights, vectors));
}

std::vector<std::string> pim_names() {
  std::vector<std::string> names;
  for (const NamedSet& set : named_sets_of("pim_array")) names.push_back(set.name);
  return names;
}
INSTANTIATE_TEST_SUITE_P(Sets, RtlPim, testing::ValuesIn(pim_names()),
                         [](const auto& test) { return test.param; });

}  // namespace
}  // namespace bitscale::cosim
