#include "sim/run/accumulators.h"

#include <gtest/gtest.h>

#include "sim/run/run_config.h"
#include "tests/support/reference.h"
#include "tests/support/temp_folder.h"

namespace bitscale::run {
namespace {

const Catalog& catalog() {
  static const Catalog shipped(testing::source_path(""));
  return shipped;
}

class AccumulatorsTest : public ::testing::Test {
 protected:
  RunConfig load(int pe_acc_bits, const std::string& rules) const {
    RunRequest request;
    request.network = "resnet20_cifar10";
    request.precision =
        folder_.write("p.json", R"({"schema_version": 1, "name": "p", )" + rules + "}").string();
    request.sets = {"/arch/mac_array/pe/acc_bits=" + std::to_string(pe_acc_bits)};
    return load_config(request, catalog());
  }
  static const numeric::Precision& first(const RunConfig& config) {
    return config.precisions.front();
  }
  testing::TempFolder folder_;
};

TEST_F(AccumulatorsTest, WithoutARuleTheyAreThePesWhereThoseAreNarrower) {
  const RunConfig wide = load(48, R"("default": {"weight_bits": 4})");
  EXPECT_EQ(first(wide).acc_bits, 32);
  EXPECT_EQ(first(wide).psum_bits, 32);
  EXPECT_TRUE(wide.notes.empty());
  EXPECT_TRUE(load(32, R"("default": {"weight_bits": 4})").notes.empty());
  const RunConfig narrow = load(31, R"("default": {"weight_bits": 4})");
  EXPECT_EQ(first(narrow).acc_bits, 31);
  EXPECT_EQ(first(narrow).psum_bits, 31);  // follows
  ASSERT_EQ(narrow.notes.size(), 1u);
  EXPECT_NE(narrow.notes[0].find("have the PE's 31 bits"), std::string::npos) << narrow.notes[0];
}

TEST_F(AccumulatorsTest, ARuleMayAskForThePesBitsAndNotForOneMore) {
  const RunConfig config = load(24, R"("default": {"acc_bits": 24, "psum_bits": 40})");
  EXPECT_EQ(first(config).acc_bits, 24);
  EXPECT_EQ(first(config).psum_bits, 40);
  EXPECT_TRUE(config.notes.empty());
  try {
    load(24, R"("default": {"acc_bits": 25}, "last_layer": {"acc_bits": 24},
        "overrides": [{"layers": "conv1", "acc_bits": 20}, {"layers": "linear", "acc_bits": 48}])");
    FAIL();
  } catch (const base::UserError& error) {
    ASSERT_EQ(error.problems().size(), 2u) << error.what();
    EXPECT_EQ(error.problems()[0].where, (folder_ / "p.json").string() + ":/default/acc_bits");
    EXPECT_EQ(error.problems()[1].where, (folder_ / "p.json").string() + ":/overrides/1/acc_bits");
    EXPECT_NE(error.problems()[1].message.find("acc_bits 48 is above"), std::string::npos);
  }
}

// Its register is wider than acc_bits, by how much shapes cannot say.
TEST_F(AccumulatorsTest, SaturatingAtTheEndIsNoted) {
  const auto notes = [](const std::string& policy) {
    RunRequest request;
    request.network = "resnet20_cifar10";
    request.precision = "w8a8";
    request.sets = {"/arch/mac_array/pe/overflow=\"" + policy + "\""};
    return load_config(request, catalog()).notes;
  };
  EXPECT_TRUE(notes("wrap").empty());
  EXPECT_TRUE(notes("saturate_each_step").empty());
  ASSERT_EQ(notes("saturate_at_end").size(), 1u);
  EXPECT_NE(notes("saturate_at_end")[0].find("priced at acc_bits as given"), std::string::npos);
}

}  // namespace
}  // namespace bitscale::run
