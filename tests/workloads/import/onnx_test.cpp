// What legal models become, whatever version and spelling they use.
#include "workloads/import/onnx.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/onnx_fixture.h"

namespace bitscale::import {
namespace {

using model::Dims;
using model::Operator;

std::vector<Operator> operators(const model::Graph& graph) {
  std::vector<Operator> list;
  for (const model::Node& node : graph.nodes) list.push_back(node.op);
  return list;
}

const Dims& output_dims(const model::Graph& graph) { return graph.value(graph.outputs[0]).dims; }

TEST(Onnx, InitializersMayBeListedAsInputs) {
  OnnxFile file = conv_file(8);
  file.proto.set_ir_version(3);
  file.input("w", {3, 2, 3, 3});
  const model::Graph graph = file.import();
  ASSERT_EQ(graph.inputs.size(), 1u);
  EXPECT_EQ(output_dims(graph), (Dims{1, 3, 2, 2}));
  EXPECT_EQ(model::node_macs(graph, graph.nodes[0]), 3 * 2 * 2 * 18);
}

TEST(Onnx, NodesMayComeInAnyOrder) {
  OnnxFile file;
  file.input("x", {1, 4}).output("b");
  file.node("Relu", {"a"}, {"b"});
  file.node("Sqrt", {"x"}, {"a"});
  EXPECT_EQ(operators(file.import()), (std::vector<Operator>{Operator::Sqrt, Operator::Relu}));
}

TEST(Onnx, SamePaddingPutsTheOddPixelWhereItSays) {
  for (const char* mode : {"SAME_UPPER", "SAME_LOWER"}) {
    OnnxFile file;
    file.input("x", {1, 1, 5, 5}).output("y").floats("w", {1, 1, 2, 2}, {1, 2, 3, 4});
    set_text(file.node("Conv", {"x", "w"}, {"y"}), "auto_pad", mode);
    const model::Graph graph = file.import();
    EXPECT_EQ(output_dims(graph), (Dims{1, 1, 5, 5}));
    const model::Window& window = graph.nodes[0].attributes.window;
    EXPECT_EQ(window.pad_bottom, std::string(mode) == "SAME_UPPER" ? 1 : 0);
    EXPECT_EQ(window.pad_top, std::string(mode) == "SAME_UPPER" ? 0 : 1);
  }
}

TEST(Onnx, ShapeArithmeticIsFolded) {
  OnnxFile file(11);
  file.input("x", {-1, 2, 3, 4}).output("y").integers("zero", {}, {0}).integers("rest", {1}, {-1});
  file.node("Shape", {"x"}, {"s"});
  file.node("Gather", {"s", "zero"}, {"n"});
  set_integers(file.node("Unsqueeze", {"n"}, {"n1"}), "axes", {0});
  set_integer(file.node("Concat", {"n1", "rest"}, {"target"}), "axis", 0);
  file.node("Reshape", {"x", "target"}, {"y"});
  const model::Graph graph = file.import();
  EXPECT_EQ(operators(graph), std::vector<Operator>{Operator::Reshape});
  EXPECT_EQ(output_dims(graph), (Dims{1, 24}));
}

/// `depth` times four of what was, from 256 floats, added to an input of one element.
model::Graph grown(int depth) {
  OnnxFile file(11);
  file.input("x", {1}).output("y").floats("c0", {256}, std::vector<float>(256, 1.0F));
  std::string last = "c0";
  for (int step = 1; step <= depth; ++step) {
    const std::string next = "c" + std::to_string(step);
    set_integer(file.node("Concat", {last, last, last, last}, {next}), "axis", 0);
    last = next;
  }
  file.node("Add", {"x", last}, {"y"});
  return file.import();
}

TEST(Onnx, FoldingMakesNoGigabytesOfASmallFile) {
  EXPECT_EQ(operators(grown(5)), std::vector<Operator>{Operator::Add});
  const model::Graph large = grown(8);
  EXPECT_EQ(operators(large),
            (std::vector<Operator>{Operator::Concat, Operator::Concat, Operator::Add}));
  EXPECT_EQ(output_dims(large), (Dims{std::int64_t{1} << 24}));
}

TEST(Onnx, AnEmptyConstantCountsAlongNoHugeExtent) {
  OnnxFile file(11);
  file.input("x", {1}).output("y").integers("huge", {std::int64_t{1} << 28, 0}, {});
  file.node("Add", {"x", "huge"}, {"y"});
  EXPECT_NE(file.problem().find("the shape [268435456, 0] is negative or too large"),
            std::string::npos);
}

TEST(Onnx, AxesAndBoundsComeFromAttributesOrInputsByVersion) {
  OnnxFile old(9);
  old.input("x", {1, 2, 3}).output("y");
  onnx::NodeProto& clip = old.node("Clip", {"x"}, {"c"});
  onnx::AttributeProto& low = *clip.add_attribute();
  low.set_name("min");
  low.set_type(onnx::AttributeProto::FLOAT);
  low.set_f(-2);
  set_integers(old.node("Unsqueeze", {"c"}, {"y"}), "axes", {0, 4});
  OnnxFile recent(13);
  recent.input("x", {1, 2, 3}).output("y").floats("low", {}, {-2}).integers("axes", {2}, {0, -1});
  recent.node("Clip", {"x", "low"}, {"c"});
  recent.node("Unsqueeze", {"c", "axes"}, {"y"});
  for (const OnnxFile* file : {&old, &recent}) {
    const model::Graph graph = file->import();
    EXPECT_EQ(graph.nodes[0].attributes.low, -2);
    EXPECT_EQ(output_dims(graph), (Dims{1, 1, 2, 3, 1}));
  }
}

TEST(Onnx, QuantIsFoundUnderItsFourDomains) {
  for (const char* domain :
       {"", "onnx.brevitas", "finn.custom_op.general", "qonnx.custom_op.general"}) {
    const model::Graph graph = quant_file(0.5F, 0, 4, domain).import();
    ASSERT_EQ(operators(graph), std::vector<Operator>{Operator::Quant}) << domain;
    EXPECT_EQ(graph.nodes[0].attributes.quantizer.low(), -8);
  }
}

TEST(Onnx, OneSignedBitIsBipolar) {
  const model::Graph graph = quant_file(1, 0, 1).import();
  EXPECT_TRUE(graph.nodes[0].attributes.quantizer.bipolar);
  EXPECT_NE(quant_file(1, 1, 1).problem().find("a zero point beside it is not supported"),
            std::string::npos);
  EXPECT_EQ(quant_file(1, 1, 2).problem(), "");
}

TEST(Onnx, OneUnsignedBitCannotBeNarrow) {
  const auto problem = [](float bits, std::int64_t narrow) {
    OnnxFile file = quant_file(1, 0, bits);
    onnx::NodeProto& node = *file.proto.mutable_graph()->mutable_node(0);
    node.mutable_attribute(0)->set_i(0);       // signed
    node.mutable_attribute(1)->set_i(narrow);  // narrow
    return file.problem();
  };
  EXPECT_EQ(problem(1, 0), "");
  EXPECT_EQ(problem(2, 1), "");
  EXPECT_NE(problem(1, 1).find("narrow leaves one unsigned bit the code 0 alone"),
            std::string::npos);
}

TEST(Onnx, QuantizedWeightsKeepTheirGridThroughATranspose) {
  OnnxFile file;
  file.input("x", {1, 3}).output("y").floats("w", {2, 3}, {0.4F, -9, 0.26F, 3, 0.9F, -1});
  file.floats("scale", {2, 1}, {0.25F, 1}).floats("zero", {}, {0}).floats("bits", {}, {3});
  onnx::NodeProto& quant = file.node("Quant", {"w", "scale", "zero", "bits"}, {"q"});
  set_integer(quant, "narrow", 0);
  set_integers(file.node("Transpose", {"q"}, {"t"}), "perm", {1, 0});
  file.node("MatMul", {"x", "t"}, {"y"});
  const model::Graph graph = file.import();
  ASSERT_EQ(operators(graph), std::vector<Operator>{Operator::MatMul});
  const model::Value& weights = graph.value(graph.nodes[0].inputs[1]);
  ASSERT_TRUE(weights.constant && weights.grid);
  EXPECT_EQ(weights.constant->reals(), (std::vector<double>{0.5, 3, -1, 1, 0.25, -1}));
  EXPECT_EQ(weights.grid->axis, 1);
  EXPECT_EQ(weights.grid->scales, (std::vector<double>{0.25, 1}));
}

// Any range of codes: reals are clamped to what the bounds stand for, then quantized.
TEST(Onnx, AClipOfCodesToNoFormatClampsBeforeRounding) {
  for (const bool pooled : {false, true}) {
    OnnxFile file;
    file.input("x", {1, 1, 2, 2}).output("y").floats("s", {}, {0.5F});
    file.bytes("z", {}, onnx::TensorProto::UINT8, {3});
    file.bytes("low", {}, onnx::TensorProto::UINT8, {2});
    file.bytes("high", {}, onnx::TensorProto::UINT8, {20});
    file.node("QuantizeLinear", {"x", "s", "z"}, {"q"});
    if (pooled) {
      set_integers(file.node("MaxPool", {"q"}, {"m"}), "kernel_shape", {1, 1});
    }
    file.node("Clip", {pooled ? "m" : "q", "low", "high"}, {"c"});
    file.node("DequantizeLinear", {"c", "s", "z"}, {"y"});
    const model::Graph graph = file.import();
    const model::Node& last = graph.nodes[graph.nodes.size() - 2];
    const model::Node& clip = graph.nodes[graph.nodes.size() - 3];
    EXPECT_EQ(last.op, model::Operator::QuantizeLinear);
    EXPECT_EQ(last.attributes.quantizer.format.bits, 5);  // 0 to 31
    ASSERT_EQ(clip.op, model::Operator::Clip);
    EXPECT_EQ(clip.attributes.low, (2 - 3) * 0.5);
    EXPECT_EQ(clip.attributes.high, (20 - 3) * 0.5);
  }
}

TEST(Onnx, AClipBetweenQuantizeAndDequantizeNarrowsTheCodes) {
  OnnxFile file;
  file.input("x", {1, 4}).output("y").floats("scale", {}, {0.5F});
  file.bytes("zero", {}, onnx::TensorProto::INT8, {0});
  file.bytes("low", {}, onnx::TensorProto::INT8, {-7});
  file.bytes("high", {}, onnx::TensorProto::INT8, {7});
  file.node("QuantizeLinear", {"x", "scale", "zero"}, {"q"});
  file.node("Clip", {"q", "low", "high"}, {"c"});
  file.node("DequantizeLinear", {"c", "scale", "zero"}, {"y"});
  const model::Graph graph = file.import();
  ASSERT_EQ(operators(graph),
            (std::vector<Operator>{Operator::QuantizeLinear, Operator::DequantizeLinear}));
  for (const model::Node& node : graph.nodes) {
    EXPECT_EQ(node.attributes.quantizer.format.bits, 4);
    EXPECT_TRUE(node.attributes.quantizer.narrow);
  }
}

TEST(Onnx, NearestResizingIsRepetitionOrUnsupported) {
  const auto file_with = [](const char* coordinates, const char* rounding, float factor) {
    OnnxFile file;
    file.input("x", {1, 1, 2, 2}).output("y").floats("scales", {4}, {1, 1, factor, factor});
    onnx::NodeProto& node = file.node("Resize", {"x", "", "scales"}, {"y"});
    set_text(node, "coordinate_transformation_mode", coordinates);
    set_text(node, "nearest_mode", rounding);
    return file;
  };
  EXPECT_EQ(output_dims(file_with("asymmetric", "floor", 3).import()), (Dims{1, 1, 6, 6}));
  EXPECT_EQ(file_with("half_pixel", "round_prefer_floor", 2).problem(), "");
  EXPECT_NE(file_with("asymmetric", "ceil", 2).problem().find("plain repetition"),
            std::string::npos);
  EXPECT_NE(file_with("asymmetric", "floor", 1.5F).problem().find("whole factors"),
            std::string::npos);
}

TEST(Onnx, CeilModePoolsAlsoTheStartedWindow) {
  OnnxFile file;
  file.input("x", {1, 1, 6, 6}).output("y");
  onnx::NodeProto& node = file.node("MaxPool", {"x"}, {"y"});
  set_integers(node, "kernel_shape", {3, 3});
  set_integers(node, "strides", {2, 2});
  EXPECT_EQ(output_dims(file.import()), (Dims{1, 1, 2, 2}));
  set_integer(node, "ceil_mode", 1);
  EXPECT_EQ(output_dims(file.import()), (Dims{1, 1, 3, 3}));
}

TEST(Onnx, UnusedNodesAreDropped) {
  OnnxFile file = conv_file();
  file.node("Relu", {"x"}, {"unused"});
  EXPECT_EQ(file.import().nodes.size(), 1u);
}

TEST(Onnx, BindingsFixInputs) {
  OnnxFile file;
  file.input("x", {1, 2}).input("w", {2, 2}).output("y");
  file.node("MatMul", {"x", "w"}, {"y"});
  const model::Tensor weights({2, 2}, std::vector<float>{1, 2, 3, 4});
  const model::Graph graph = import_onnx_bytes(file.content(), "m.onnx", ".", {{"w", weights}});
  EXPECT_EQ(graph.inputs.size(), 1u);
  EXPECT_THROW(import_onnx_bytes(file.content(), "m.onnx", ".", {{"v", weights}}), base::UserError);
}

}  // namespace
}  // namespace bitscale::import
