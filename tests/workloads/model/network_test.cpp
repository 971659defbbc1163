#include "workloads/model/network.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/reference.h"

namespace bitscale::model {
namespace {

using base::JsonReader;
using base::Problems;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

Network parse(const std::string& text) {
  const base::JsonValue document = base::parse_json(text, "net.json");
  Problems problems;
  JsonReader reader(document, problems);
  Network network = read_network(reader);
  problems.throw_if_any();
  return network;
}

/// A network of the given layers over an 8-channel 16×12 input.
std::string with_layers(const std::string& layers) {
  return R"({"schema_version": 1, "name": "n", "input": {"channels": 8, "height": 16,
             "width": 12}, "layers": [)" +
         layers + "]}";
}

std::vector<std::string> problems_of(const std::string& text) {
  try {
    parse(text);
  } catch (const base::UserError& error) {
    std::vector<std::string> all;
    for (const base::Problem& problem : error.problems()) {
      all.push_back(problem.where + ": " + problem.message);
    }
    return all;
  }
  return {};
}

std::string only_problem(const std::string& layers) {
  const std::vector<std::string> all = problems_of(with_layers(layers));
  EXPECT_EQ(all.size(), 1u);
  return all.empty() ? "" : all[0];
}

TEST(ReadNetwork, AWrongValueIsNotHeldAgainstTheRest) {
  EXPECT_THAT(problems_of(R"({"schema_version": 1, "name": "n", "input": {"channels": 8,
      "height": 0, "width": 12}, "layers": [
      {"name": "a", "type": "conv", "out_channels": 4, "kernel": 3},
      {"name": "b", "type": "conv", "out_channels": 4, "kernel": 3}]})"),
              ElementsAre(HasSubstr("/input/height: expected an integer from 1")));
  EXPECT_THAT(only_problem(R"({"name": "a", "type": "conv", "out_channels": 0, "kernel": 3},
      {"name": "b", "type": "conv", "out_channels": 4, "kernel": 3, "groups": 2})"),
              HasSubstr("/layers/0/out_channels: expected an integer from 1"));
  EXPECT_THAT(only_problem(R"({"name": "a", "type": "cnov", "chanels": 3})"),
              HasSubstr("did you mean 'conv'?"));
  EXPECT_THAT(only_problem(R"({"name": "a", "type": "pool", "pool": "max", "kernel": 0,
                               "padding": 1})"),
              HasSubstr("/layers/0/kernel: expected an integer from 1"));
  // A layer with an input of its own does not depend on the network's.
  EXPECT_THAT(problems_of(R"({"schema_version": 1, "name": "n", "input": {"channels": 0,
      "height": 9, "width": 9}, "layers": [{"name": "a", "type": "conv", "out_channels": 4,
      "kernel": 3, "input": {"channels": 1, "height": 2, "width": 2}}]})"),
              ElementsAre(HasSubstr("/input/channels"), HasSubstr("is larger than the padded")));
}

TEST(ReadNetwork, ALayerCannotReadItself) {
  EXPECT_THAT(only_problem(R"({"name": "a", "type": "conv", "out_channels": 4, "kernel": 1,
                               "inputs": ["a"]})"),
              HasSubstr("layer 'a' cannot read what it makes itself"));
}

TEST(ReadNetwork, InfersEveryKindOfShape) {
  const Network network = parse(with_layers(R"(
    {"name": "c", "type": "conv", "out_channels": 16, "kernel": [3, 5], "stride": [2, 1],
     "padding": [1, 2], "groups": 4, "bias": true, "function": "relu"},
    {"name": "d", "type": "depthwise", "kernel": 3, "padding": [0, 1, 2, 3], "dilation": 2},
    {"name": "p", "type": "pool", "pool": "max", "kernel": 2},
    {"name": "s", "type": "add", "inputs": ["p", "p"]},
    {"name": "g", "type": "gemm", "out_channels": 10, "flatten": true, "other_params": 3},
    {"name": "a", "type": "activation", "function": "softmax"})"));
  const Layer& conv = network.layers[0];
  EXPECT_EQ(conv.out_height, 8);    // floor((16 + 2 - 3) / 2) + 1
  EXPECT_EQ(conv.out_width, 12);    // 12 + 4 - 5 + 1
  EXPECT_EQ(conv.reduction(), 30);  // 3 · 5 · 8 / 4
  EXPECT_EQ(conv.params(), 16 * 30 + 16);
  const Layer& depthwise = network.layers[1];
  EXPECT_EQ(depthwise.groups, 16);
  EXPECT_EQ(depthwise.out_height, 6);  // 8 + 0 + 2 - 5 + 1
  EXPECT_EQ(depthwise.out_width, 12);  // 12 + 1 + 3 - 5 + 1
  EXPECT_EQ(depthwise.macs(), 6 * 12 * 16 * 9);
  EXPECT_EQ(network.layers[2].out_height, 3);
  EXPECT_THAT(network.layers[3].inputs, ElementsAre(2, 2));
  const Layer& gemm = network.layers[4];
  EXPECT_EQ(gemm.in_channels, 16 * 3 * 6);
  EXPECT_EQ(gemm.macs(), 16 * 3 * 6 * 10);
  EXPECT_EQ(gemm.params(), 16 * 3 * 6 * 10 + 3);
  EXPECT_EQ(network.layers[5].output_elements(), 10);
  EXPECT_EQ(network.params(), conv.params() + depthwise.params() + gemm.params());
  EXPECT_EQ(network.first_mac_layer(), 0);
  EXPECT_EQ(network.last_mac_layer(), 4);
  EXPECT_THAT(network.last_uses(), ElementsAre(1, 2, 3, 4, 5, 5));
}

TEST(ReadNetwork, MatmulReducesChannelsOrPixelsOfTheSecondOperand) {
  const Network network = parse(with_layers(R"(
    {"name": "scores", "type": "matmul", "inputs": ["input", "input"], "heads": 2,
     "transpose_second": true},
    {"name": "mix", "type": "matmul", "inputs": ["scores", "input"], "heads": 2})"));
  const Layer& scores = network.layers[0];
  EXPECT_EQ(scores.out_channels, 2 * 16 * 12);
  EXPECT_EQ(scores.reduction(), 4);
  EXPECT_EQ(scores.macs(), std::int64_t{2} * 192 * 192 * 4);
  EXPECT_EQ(scores.weight_elements(), 8 * 16 * 12);  // the whole second operand
  EXPECT_EQ(scores.params(), 0);
  const Layer& mix = network.layers[1];
  EXPECT_EQ(mix.out_channels, 8);
  EXPECT_EQ(mix.reduction(), 192);
  EXPECT_EQ(mix.weight_elements(), 8 * 16 * 12);
}

TEST(ReadNetwork, CeilModeCountsWindowsThatStartInside) {
  const auto extent = [](const std::string& pool) {
    const Network network = parse(with_layers(
        R"({"name": "p", "type": "pool", "pool": "max", "padding": [0, 0], )" + pool + "}"));
    return network.layers[0].out_height;
  };
  EXPECT_EQ(extent(R"("kernel": 3, "stride": 2)"), 7);  // (16 - 3) / 2 = 6.5
  EXPECT_EQ(extent(R"("kernel": 3, "stride": 2, "ceil_mode": true)"), 8);
  EXPECT_EQ(extent(R"("kernel": 2, "stride": 2, "ceil_mode": true)"), 8);  // exact: no more
  // A third window would start at 18, outside the 16 rows.
  EXPECT_EQ(extent(R"("kernel": 1, "stride": 9, "ceil_mode": true)"), 2);
}

TEST(ReadNetwork, AddTakesFewerChannelsOnlyWhenTold) {
  const std::string narrow = R"({"name": "c", "type": "conv", "out_channels": 4, "kernel": 1},)";
  EXPECT_THAT(only_problem(narrow + R"({"name": "s", "type": "add", "inputs": ["input", "c"]})"),
              HasSubstr("operands differ in shape: 8x16x12 and 4x16x12"));
  const std::string padded = R"({"name": "s", "type": "add", "pad_channels": true, "inputs": )";
  EXPECT_EQ(parse(with_layers(narrow + padded + R"(["input", "c"]})")).layers[1].out_channels, 8);
  EXPECT_THAT(only_problem(narrow + padded + R"(["c", "input"]})"), HasSubstr("differ in shape"));
}

TEST(ReadNetwork, OwnInputStandsAloneFromItsNeighbours) {
  const Network network = parse(with_layers(R"(
    {"name": "a", "type": "conv", "out_channels": 4, "kernel": 1},
    {"name": "b", "type": "gemm", "input": {"channels": 5, "height": 7, "width": 1},
     "out_channels": 2, "flatten": false})"));
  EXPECT_THAT(network.layers[1].inputs, ElementsAre(-1));
  EXPECT_EQ(network.layers[1].macs(), 7 * 5 * 2);
  EXPECT_THAT(network.last_uses(), ElementsAre(0, 1));
}

TEST(ReadNetwork, SaysWhatDoesNotFit) {
  EXPECT_EQ(only_problem(R"({"name": "c", "type": "conv", "out_channels": 4, "kernel": 17})"),
            "net.json:/layers/0: the 17x17 kernel is larger than the padded input of 8x16x12");
  EXPECT_EQ(parse(with_layers(R"({"name": "c", "type": "conv", "out_channels": 4,
                                  "kernel": [16, 12]})"))
                .layers[0]
                .out_pixels(),
            1);
  EXPECT_THAT(only_problem(R"({"name": "c", "type": "conv", "out_channels": 4, "kernel": 1,
                               "groups": 3})"),
              HasSubstr("3 groups must divide 8 input and 4 output channels"));
  EXPECT_THAT(only_problem(R"({"name": "g", "type": "gemm", "out_channels": 4})"),
              HasSubstr("say \"flatten\""));
  EXPECT_THAT(only_problem(R"({"name": "m", "type": "matmul", "inputs": ["input", "input"]})"),
              HasSubstr("has 8 values per head to reduce, the second 8x16x12 has 192"));
  EXPECT_THAT(only_problem(R"({"name": "m", "type": "matmul", "inputs": ["input"]})"),
              HasSubstr("/layers/0/inputs: a matmul needs two inputs, given 1"));
  EXPECT_THAT(only_problem(R"({"name": "p", "type": "pool", "pool": "max", "kernel": 2,
                               "padding": 2})"),
              HasSubstr("smaller than its kernel"));
  EXPECT_THAT(only_problem(R"({"name": "c", "type": "conv", "out_channels": 16777216,
                               "kernel": 1, "padding": 16777216})"),
              HasSubstr("too large"));
}

TEST(ReadNetwork, ReportsAllProblemsOnceAndWithoutEchoes) {
  const std::vector<std::string> all = problems_of(with_layers(R"(
    {"name": "a", "type": "conv", "out_channels": 0, "kernel": 3, "kernal": 3},
    {"name": "b", "type": "convolution", "out_channels": 4, "kernel": 1, "inputs": ["input"]},
    {"name": "c", "type": "conv", "out_channels": 4, "kernel": 1, "inputs": ["d"]},
    {"name": "d", "type": "conv", "out_channels": 4, "kernel": 1, "inputs": ["bb"]},
    {"name": "e", "type": "add", "inputs": ["c", "d"]},
    {"name": "a", "type": "activation", "function": "relu", "inputs": ["input"]})"));
  EXPECT_THAT(
      all, ElementsAre(HasSubstr("/layers/0/out_channels: expected an integer from 1"),
                       HasSubstr("/layers/0/kernal: unknown key 'kernal'; did you mean 'kernel'?"),
                       HasSubstr("/layers/1/type: unknown value 'convolution'"),
                       HasSubstr("/layers/2/inputs/0: layer 'd' stands later"),
                       HasSubstr("/layers/3/inputs/0: unknown layer 'bb'; did you mean 'b'?"),
                       HasSubstr("/layers/5/name: a second layer is named 'a'")));
}

TEST(ReadNetwork, RefusesEmptyAndMistypedDocuments) {
  EXPECT_THAT(problems_of(with_layers("")), ElementsAre(HasSubstr("expected 1 to 65536 layers")));
  EXPECT_EQ(problems_of("[]").size(), 1u);
  EXPECT_THAT(problems_of(with_layers("3")), ElementsAre(HasSubstr("expected an object")));
  EXPECT_FALSE(problems_of(R"({"schema_version": 2})").empty());
}

TEST(WriteNetwork, RoundTripsEveryCommittedNetwork) {
  int files = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator(testing::source_path("workloads/networks"))) {
    if (entry.path().extension() != ".json") continue;
    const base::JsonValue document = base::parse_json_file(entry.path());
    Problems problems;
    JsonReader reader(document, problems);
    const Network network = read_network(reader);
    problems.throw_if_any();
    EXPECT_EQ(network.name, entry.path().stem());
    base::JsonWriter first;
    write_network(first, network);
    const std::string text = first.take();
    const Network again = parse(text);
    base::JsonWriter second;
    write_network(second, again);
    EXPECT_EQ(second.take(), text) << entry.path();
    EXPECT_EQ(again.macs(), network.macs());
    EXPECT_EQ(again.params(), network.params());
    EXPECT_EQ(again.last_uses(), network.last_uses());
    ++files;
  }
  EXPECT_EQ(files, 11);
}

}  // namespace
}  // namespace bitscale::model
