#include "workloads/model/precision_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "arch/base/file.h"
#include "tests/support/reference.h"

namespace bitscale::model {
namespace {

using base::JsonReader;
using base::Problems;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

PrecisionPlan parse(const std::string& text) {
  const base::JsonValue document = base::parse_json(text, "p.json");
  Problems problems;
  JsonReader reader(document, problems);
  PrecisionPlan plan = read_precision_plan(reader);
  problems.throw_if_any();
  return plan;
}

PrecisionPlan rules(const std::string& rest) {
  return parse(R"({"schema_version": 1, "name": "p", )" + rest + "}");
}

std::vector<std::string> failures(const std::function<void()>& action) {
  std::vector<std::string> all;
  try {
    action();
  } catch (const base::UserError& error) {
    for (const base::Problem& problem : error.problems()) {
      all.push_back(problem.where + ": " + problem.message);
    }
  }
  return all;
}

/// stem → pool → [a → b, add] → [c, add] → fc, as in a residual network.
Network residual() {
  const base::JsonValue document = base::parse_json(R"({
    "schema_version": 1, "name": "residual", "input": {"channels": 4, "height": 4, "width": 4},
    "layers": [
      {"name": "stem", "type": "conv", "out_channels": 4, "kernel": 1},
      {"name": "pool", "type": "pool", "pool": "max", "kernel": 2},
      {"name": "one.a", "type": "conv", "out_channels": 4, "kernel": 1},
      {"name": "one.b", "type": "conv", "out_channels": 4, "kernel": 1},
      {"name": "one.add", "type": "add", "inputs": ["one.b", "pool"]},
      {"name": "two.c", "type": "conv", "out_channels": 4, "kernel": 1},
      {"name": "two.add", "type": "add", "inputs": ["two.c", "one.add"]},
      {"name": "fc", "type": "gemm", "out_channels": 2, "flatten": true}]})",
                                                    "net");
  Problems problems;
  JsonReader reader(document, problems);
  Network network = read_network(reader);
  problems.throw_if_any();
  return network;
}

template <class Member>
std::vector<int> column(const std::vector<numeric::Precision>& precisions, Member member) {
  std::vector<int> values;
  values.reserve(precisions.size());
  for (const numeric::Precision& precision : precisions) values.push_back(precision.*member);
  return values;
}

TEST(ResolvePrecision, LaterRulesWinAndOutputsFollowTheirReaders) {
  const auto precisions = resolve_precision(rules(R"("default": {"weight_bits": 4, "act_bits": 4},
               "first_layer": {"weight_bits": 8, "act_bits": 8},
               "last_layer": {"weight_bits": 8, "act_bits": 6},
               "overrides": [{"layers": "one.*", "weight_bits": 2},
                             {"layers": "one.b", "act_bits": 3, "acc_bits": 16}])"),
                                            residual());
  EXPECT_THAT(column(precisions, &numeric::Precision::weight_bits),
              ElementsAre(8, 4, 2, 2, 4, 4, 4, 8));
  EXPECT_THAT(column(precisions, &numeric::Precision::act_bits),
              ElementsAre(8, 4, 4, 3, 4, 4, 6, 6));
  // stem: read by one.a through the pool. one.a: by one.b at 3. one.b: by an add alone, which
  // two.c reads at 4. two.c: by an add alone, which fc reads at 6. The pool and the adds carry.
  EXPECT_THAT(column(precisions, &numeric::Precision::output_bits),
              ElementsAre(4, 4, 3, 4, 4, 6, 6, 6));
  EXPECT_THAT(column(precisions, &numeric::Precision::acc_bits),
              ElementsAre(32, 32, 32, 16, 32, 32, 32, 32));
  EXPECT_EQ(precisions[3].psum_bits, 16);  // follows acc_bits
}

TEST(ResolvePrecision, GivenOutputBitsAreCarriedThrough) {
  const auto precisions = resolve_precision(rules(R"("default": {"weight_bits": 4, "act_bits": 4},
               "overrides": [{"layers": "*.b", "output_bits": 16, "psum_bits": 20}])"),
                                            residual());
  EXPECT_THAT(column(precisions, &numeric::Precision::output_bits),
              ElementsAre(4, 4, 4, 16, 16, 4, 16, 4));
  EXPECT_EQ(precisions[3].psum_bits, 20);
  EXPECT_EQ(precisions[3].acc_bits, 32);
}

TEST(ResolvePrecision, SecondOperandOfAMatmulIsReadAtWeightBits) {
  const base::JsonValue document = base::parse_json(R"({
    "schema_version": 1, "name": "m", "input": {"channels": 4, "height": 4, "width": 1},
    "layers": [
      {"name": "q", "type": "gemm", "out_channels": 4, "flatten": false},
      {"name": "k", "type": "gemm", "out_channels": 4, "flatten": false, "inputs": ["input"]},
      {"name": "qk", "type": "matmul", "inputs": ["q", "k"], "transpose_second": true}]})",
                                                    "net");
  Problems problems;
  JsonReader reader(document, problems);
  const Network network = read_network(reader);
  const auto precisions = resolve_precision(uniform_precision(3, 7), network);
  EXPECT_THAT(column(precisions, &numeric::Precision::output_bits), ElementsAre(7, 3, 7));
}

TEST(ResolvePrecision, UnmatchedPatternsAndIllegalEncodingsAreTheUsersFault) {
  const PrecisionPlan plan = rules(
      R"("default": {"weight_bits": 2},
         "overrides": [{"layers": "one.?", "weight_encoding": "bipolar"},
                       {"layers": "one.add", "act_bits": 4}, {"layers": "two.d", "act_bits": 4},
                       {"layers": "fc", "weight_encoding": "odd", "weight_signed": false}])");
  EXPECT_THAT(
      failures([&plan] { resolve_precision(plan, residual()); }),
      ElementsAre(
          HasSubstr("/overrides/1: 'one.add' matches no layer with MACs"),
          HasSubstr("/overrides/2: 'two.d' matches no layer with MACs of network "
                    "'residual'; did you mean 'two.c'?"),
          HasSubstr("/overrides/0/weight_encoding: layer 'one.a': bipolar weights have 1 bit, "
                    "given 2"),
          HasSubstr("layer 'one.b': bipolar"),
          HasSubstr("layer 'fc': odd weights are signed codes")));
}

TEST(ResolvePrecision, AListWithAnEmptyDefaultNamesEveryLayer) {
  const PrecisionPlan plan = rules(
      R"("default": {}, "overrides": [{"layers": "one.*", "weight_bits": 4, "act_bits": 4}])");
  EXPECT_THAT(failures([&plan] { resolve_precision(plan, residual()); }),
              ElementsAre(AllOf(HasSubstr("/default: is empty"), HasSubstr("two.c"),
                                HasSubstr("fc"), Not(HasSubstr("one.a")))));
  PrecisionPlan whole = plan;
  whole.overrides.front().layers = "*";
  EXPECT_EQ(resolve_precision(whole, residual()).front().weight_bits, 4);
}

// A plan read with problems: what they leave open is as narrow as it can be and no problem itself.
TEST(ResolvePrecision, OfAPlanWithProblemsHoldsBackWhatTheyLeaveOpen) {
  const auto resolve = [](const std::string& members, std::vector<numeric::Precision>& into) {
    const base::JsonValue document =
        base::parse_json(R"({"schema_version": 1, "name": "p", )" + members + "}", "p");
    Problems reading;
    JsonReader reader(document, reading);
    const PrecisionPlan plan = read_precision_plan(reader);
    EXPECT_FALSE(reading.empty());
    Problems problems;
    into = resolve_precision(plan, residual(), 32, problems);
    return problems.empty() ? "" : failures([&] { problems.throw_if_any(); }).front();
  };
  std::vector<numeric::Precision> read;
  EXPECT_EQ(resolve(R"("default": {"weight_bits": 17, "weight_encoding": "bipolar"})", read), "");
  EXPECT_EQ(read[0].weight_bits, 1);
  EXPECT_THAT(resolve(R"("default": {"weight_bits": 4, "act_bits": 99},
                         "last_layer": {"weight_encoding": "bipolar"})",
                      read),
              HasSubstr("/last_layer/weight_encoding: layer 'fc': bipolar"));
  EXPECT_THAT(column(read, &numeric::Precision::act_bits), ::testing::Each(1));
  EXPECT_EQ(read[1].weight_bits, 4);
  // A rule of unknown layers may be any layer's, an unknown key any member.
  EXPECT_EQ(resolve(R"("default": {"weight_encoding": "odd", "weight_signed": false},
                       "overrides": [{"weight_signed": true}])",
                    read),
            "");
  EXPECT_EQ(resolve(R"("default": {"weight_encoding": "odd", "weight_singed": true,
                                   "weight_signed": false})",
                    read),
            "");
  EXPECT_EQ(resolve(R"("default": {}, "overides": [], "overrides": [{"layers": "fc",
                       "weight_bits": 4}])",
                    read),
            "");
  EXPECT_EQ(resolve(R"("default": 7, "overrides": [{"layers": "fc", "weight_bits": 4}])", read),
            "");
}

TEST(ResolvePrecision, AffineWeightsAreUnsignedUnlessSaid) {
  const auto precisions = resolve_precision(
      rules(R"("default": {"weight_encoding": "affine", "act_signed": true})"), residual());
  EXPECT_FALSE(precisions[0].weight_signed);
  EXPECT_TRUE(precisions[0].act_signed);
  EXPECT_EQ(precisions[0].weight_bits, 8);
}

TEST(ResolvePrecision, PatternsMatchAsWholeNames) {
  const auto touched = [](const std::string& pattern) {
    PrecisionPlan plan = uniform_precision(8, 8);
    PrecisionRule rule;
    rule.layers = pattern;
    rule.weight_bits = 1;
    plan.overrides = {rule};
    std::string names;
    const Network network = residual();
    const auto precisions = resolve_precision(plan, network);
    for (std::size_t i = 0; i < precisions.size(); ++i) {
      if (precisions[i].weight_bits == 1) names += network.layers[i].name + " ";
    }
    return names;
  };
  EXPECT_EQ(touched("*"), "stem one.a one.b two.c fc ");
  EXPECT_EQ(touched("*.?"), "one.a one.b two.c ");
  EXPECT_EQ(touched("*o*c*"), "two.c ");
  EXPECT_EQ(touched("st*m"), "stem ");
  EXPECT_FALSE(failures([&touched] { touched("one"); }).empty());
  EXPECT_FALSE(failures([&touched] { touched("one.??"); }).empty());
}

TEST(ReadPrecisionPlan, ChecksRangesAndKeys) {
  EXPECT_THAT(failures([] {
                rules(R"("default": {"weight_bits": 17, "acc_bits": 1},
                         "first_layer": {"bits": 8}, "overrides": [{"act_bits": 4}])");
              }),
              ElementsAre(HasSubstr("/default/weight_bits: expected an integer from 1 to 16"),
                          HasSubstr("/default/acc_bits: expected an integer from 2 to 48"),
                          HasSubstr("/first_layer/bits: unknown key"),
                          HasSubstr("/overrides/0: missing key 'layers'")));
  const PrecisionPlan edges = rules(R"("default": {"weight_bits": 1, "act_bits": 16,
                                       "acc_bits": 2, "psum_bits": 48})");
  EXPECT_EQ(edges.default_rule.act_bits, 16);
}

Network committed_network(const std::string& name) {
  const base::JsonValue document =
      base::parse_json_file(testing::source_path("workloads/networks/" + name + ".json"));
  Problems problems;
  JsonReader reader(document, problems);
  Network network = read_network(reader);
  problems.throw_if_any();
  return network;
}

TEST(CommittedPlans, AllResolveOnResnet18UnderTheirFileName) {
  const Network network = committed_network("resnet18");
  int plans = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator(testing::source_path("configs/precision"))) {
    if (entry.path().extension() != ".json") continue;
    const PrecisionPlan plan = parse(base::read_text_file(entry.path(), base::kJsonMaxBytes));
    EXPECT_EQ(plan.name, entry.path().stem());
    EXPECT_EQ(resolve_precision(plan, network).size(), network.layers.size());
    ++plans;
  }
  EXPECT_EQ(plans, 8);
}

TEST(CommittedPlans, FirstAndLastLayerAt8BitsOnResnet50) {
  const Network network = committed_network("resnet50");
  const PrecisionPlan plan = parse(base::read_text_file(
      testing::source_path("configs/precision/w2a2_first_last_8.json"), base::kJsonMaxBytes));
  const auto precisions = resolve_precision(plan, network);
  int wide = 0;
  for (std::size_t i = 0; i < precisions.size(); ++i) {
    if (!network.layers[i].has_macs()) continue;
    const bool ends = network.layers[i].name == "conv1" || network.layers[i].name == "fc";
    EXPECT_EQ(precisions[i].weight_bits, ends ? 8 : 2) << network.layers[i].name;
    EXPECT_EQ(precisions[i].act_bits, ends ? 8 : 2) << network.layers[i].name;
    wide += precisions[i].output_bits == 8 ? 1 : 0;
  }
  // What conv1 writes is read at 2 bits; only fc and the last convolution, whose sum fc reads,
  // write 8.
  EXPECT_EQ(wide, 2);
}

TEST(WritePrecisionPlan, RoundTrips) {
  const PrecisionPlan plan = rules(
      R"("default": {"weight_bits": 4, "act_bits": 4, "output_bits": 5, "acc_bits": 16,
                     "psum_bits": 24, "weight_signed": true, "act_signed": false,
                     "weight_encoding": "odd"},
         "first_layer": {"weight_bits": 8}, "last_layer": {"act_bits": 8},
         "overrides": [{"layers": "one.*", "weight_bits": 2}])");
  base::JsonWriter first;
  write_precision_plan(first, plan);
  const std::string text = first.take();
  base::JsonWriter second;
  write_precision_plan(second, parse(text));
  EXPECT_EQ(second.take(), text);
  EXPECT_THAT(text, HasSubstr("\"weight_encoding\": \"odd\""));
}

}  // namespace
}  // namespace bitscale::model
