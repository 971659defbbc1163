// Every shipped precision and every weight encoding runs, on both engines: a run whose self-checks
// fail does not end in success.
#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <tuple>
#include <vector>

#include "sim/run/catalog.h"
#include "tests/sim/cli/program.h"
#include "tests/support/reference.h"

namespace bitscale::cli {
namespace {

using Words = std::vector<std::string>;

void expect_done_by_both(const Words& words) {
  for (const Words& engine : {Words{}, Words{"--analytic"}}) {
    Words all = words;
    all.insert(all.end(), engine.begin(), engine.end());
    const Outcome outcome = bitscale(all);
    std::string line;
    for (const std::string& word : all) line += " " + word;
    EXPECT_EQ(outcome.status, kDone) << line << '\n' << outcome.err;
    EXPECT_TRUE(holds(outcome.out, engine.empty() ? "(systemc)" : "(analytic)")) << line;
  }
}

// SystemC elaborates once per process, so each test makes one run by it.
const std::vector<std::string> kPrecisions = {
    "mixed_resnet",      "w16a16", "w2a2",       "w2a2_first_last_8", "w4a4",
    "w4a4_first_last_8", "w8a8",   "w8a8_signed"};

class Precisions : public ::testing::TestWithParam<std::string> {};

TEST_P(Precisions, Run) {
  const char* network = GetParam() == "mixed_resnet" ? "resnet18" : "resnet20_cifar10";
  expect_done_by_both({"run", "--network", network, "--precision", GetParam()});
}

INSTANTIATE_TEST_SUITE_P(Shipped, Precisions, ::testing::ValuesIn(kPrecisions),
                         [](const auto& info) { return info.param; });

TEST(ShippedPrecisions, NoneIsLeftOut) {
  EXPECT_EQ(run::Catalog(testing::source_path("")).names(run::Shelf::Precisions), kPrecisions);
}

struct Encoding {
  std::string name;
  Words sets;
};

void PrintTo(const Encoding& encoding, std::ostream* out) { *out << encoding.name; }

class Encodings : public ::testing::TestWithParam<std::tuple<Encoding, const char*>> {};

TEST_P(Encodings, Run) {
  const auto& [encoding, network] = GetParam();
  Words words = {"run", "--network", network, "--precision", "w4a4"};
  for (const std::string& set : encoding.sets) {
    words.push_back("--set");
    words.push_back("/precision/default/" + set);
  }
  expect_done_by_both(words);
}

INSTANTIATE_TEST_SUITE_P(
    All, Encodings,
    ::testing::Combine(
        ::testing::Values(Encoding{"twos_complement", {"weight_encoding=twos_complement"}},
                          Encoding{"odd", {"weight_encoding=odd"}},
                          Encoding{"bipolar", {"weight_encoding=bipolar", "weight_bits=1"}},
                          Encoding{"affine", {"weight_encoding=affine", "weight_signed=false"}},
                          Encoding{"affine_signed_acts",
                                   {"weight_encoding=affine", "weight_signed=false",
                                    "act_signed=true"}}),
        ::testing::Values("resnet20_cifar10", "resnet18", "bert_base_128")),
    [](const auto& info) { return std::get<0>(info.param).name + "_" + std::get<1>(info.param); });

}  // namespace
}  // namespace bitscale::cli
