#include "workloads/import/hawq.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "arch/base/json_reader.h"
#include "tests/support/reference.h"

namespace bitscale::import {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

/// A complete list with its own width for every kind of key.
std::map<std::string, std::string> complete() {
  std::map<std::string, std::string> list = {{"quant_input", "8"},
                                             {"quant_init_block_convbn", "7"},
                                             {"quant_act_int32", "16"},
                                             {"quant_act_output", "6"},
                                             {"quant_output", "5"}};
  for (const char* stage : {"stage1.", "stage2.", "stage3.", "stage4."}) {
    for (const char* unit : {"unit1.", "unit2."}) {
      const std::string key = std::string(stage) + unit;
      list[key + "quant_act"] = "1";
      list[key + "quant_convbn1"] = "2";
      list[key + "quant_act1"] = "3";
      list[key + "quant_convbn2"] = "4";
      list[key + "quant_act_int32"] = "15";
      if (key != "stage1.unit1." && std::string(unit) == "unit1.") {
        list[key + "quant_identity_convbn"] = "9";
      }
    }
  }
  return list;
}

base::JsonValue document(const std::map<std::string, std::string>& list) {
  std::string text;
  for (const auto& [key, bits] : list) {
    text.append(text.empty() ? "\"" : ", \"").append(key).append("\": ").append(bits);
  }
  return base::parse_json("{\"bit_config_resnet18_mine\": {" + text + "}}", "hawq.json");
}

model::Network resnet18() {
  const base::JsonValue file =
      base::parse_json_file(testing::source_path("workloads/networks/resnet18.json"));
  base::Problems problems;
  base::JsonReader reader(file, problems);
  model::Network network = model::read_network(reader);
  problems.throw_if_any();
  return network;
}

std::map<std::string, numeric::Precision> resolved(const model::PrecisionPlan& plan) {
  const model::Network network = resnet18();
  const std::vector<numeric::Precision> precisions = model::resolve_precision(plan, network);
  std::map<std::string, numeric::Precision> by_name;
  for (std::size_t i = 0; i < precisions.size(); ++i) {
    by_name[network.layers[i].name] = precisions[i];
  }
  return by_name;
}

std::vector<int> widths(const numeric::Precision& precision) {
  return {precision.weight_bits, precision.act_bits, precision.output_bits};
}

std::vector<std::string> problems_of(const std::map<std::string, std::string>& list) {
  std::vector<std::string> all;
  try {
    read_hawq(document(list), "mine");
  } catch (const base::UserError& error) {
    for (const base::Problem& problem : error.problems()) {
      all.push_back(problem.where + ": " + problem.message);
    }
  }
  return all;
}

TEST(Hawq, EveryKeyReachesItsLayer) {
  auto layers = resolved(read_hawq(document(complete()), "mine"));
  EXPECT_THAT(widths(layers["conv1"]), ElementsAre(7, 8, 16));
  EXPECT_EQ(layers["maxpool"].output_bits, 16);
  EXPECT_THAT(widths(layers["layer1.0.conv1"]), ElementsAre(2, 1, 3));  // output as conv2 reads it
  EXPECT_THAT(widths(layers["layer1.0.conv2"]), ElementsAre(4, 3, 15));
  EXPECT_EQ(layers["layer1.0.add"].output_bits, 16);  // the skip still carries conv1's 16
  EXPECT_THAT(widths(layers["layer2.0.downsample"]), ElementsAre(9, 1, 15));
  EXPECT_EQ(layers["layer2.0.add"].output_bits, 15);
  EXPECT_THAT(widths(layers["layer4.1.conv2"]), ElementsAre(4, 3, 15));
  EXPECT_THAT(widths(layers["fc"]), ElementsAre(5, 6, 6));
}

TEST(Hawq, MissingUnknownAndWrongKeysAreAllReported) {
  auto list = complete();
  list.erase("stage3.unit1.quant_identity_convbn");
  list["stage1.unit1.quant_identity_convbn"] = "8";
  list["quant_input"] = "17";
  EXPECT_THAT(
      problems_of(list),
      UnorderedElementsAre(HasSubstr("quant_input: expected an integer from 1 to 16, given 17"),
                           HasSubstr("missing key 'stage3.unit1.quant_identity_convbn'"),
                           HasSubstr("unknown key 'stage1.unit1.quant_identity_convbn'")));
}

TEST(Hawq, UnknownListNamesTheOthers) {
  try {
    read_hawq(document(complete()), "bit_config_resnet18_mime");
    FAIL();
  } catch (const base::UserError& error) {
    EXPECT_THAT(error.problems().at(0).message,
                HasSubstr("did you mean 'bit_config_resnet18_mine'"));
  }
}

TEST(HawqReference, AllPublishedListsConvert) {
  const auto path = testing::reference_path("data/hawq/hawq_resnet18_bit_configs.json");
  BITSCALE_REQUIRE_REFERENCE(path);
  const base::JsonValue file = base::parse_json_file(path);
  EXPECT_EQ(hawq_names(file).size(), 11u);
  for (const std::string& name : hawq_names(file)) {
    auto layers = resolved(read_hawq(file, name));
    EXPECT_EQ(layers["conv1"].weight_bits, 8) << name;
    EXPECT_EQ(layers["fc"].act_bits, 8) << name;
    EXPECT_EQ(layers["layer3.1.add"].output_bits, 16) << name;
  }
  auto uniform4 = resolved(read_hawq(file, "uniform4"));
  EXPECT_THAT(widths(uniform4["layer1.0.conv1"]), ElementsAre(4, 4, 4));
  auto small = resolved(read_hawq(file, "modelsize_0.75"));
  EXPECT_THAT(widths(small["layer3.1.conv2"]), ElementsAre(4, 4, 16));
  EXPECT_THAT(widths(small["layer3.1.conv1"]), ElementsAre(8, 8, 4));
}

}  // namespace
}  // namespace bitscale::import
