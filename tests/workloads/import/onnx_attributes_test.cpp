// Attributes that say something else than the operator's definition allows.
#include "workloads/import/onnx_attributes.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/onnx_fixture.h"

namespace bitscale::import {
namespace {

void expect(const std::string& problem, const std::string& part) {
  EXPECT_NE(problem.find(part), std::string::npos) << "'" << problem << "' lacks '" << part << "'";
}

onnx::NodeProto& only_node(OnnxFile& file) { return *file.proto.mutable_graph()->mutable_node(0); }

onnx::AttributeProto& add(onnx::NodeProto& node, const char* name,
                          onnx::AttributeProto::AttributeType type) {
  onnx::AttributeProto& attribute = *node.add_attribute();
  attribute.set_name(name);
  attribute.set_type(type);
  return attribute;
}

TEST(OnnxAttributes, AnotherTypeThanTheDefinitionsIsRefused) {
  OnnxFile integers = conv_file();
  set_integers(only_node(integers), "strides", {2, 2});
  EXPECT_EQ(integers.problem(), "");
  OnnxFile one = conv_file();
  set_integer(only_node(one), "strides", 2);
  expect(one.problem(), "attribute 'strides' is of type INT; allowed: INTS");
  OnnxFile reals = conv_file();
  add(only_node(reals), "pads", onnx::AttributeProto::FLOAT).set_f(1);
  expect(reals.problem(), "attribute 'pads' is of type FLOAT; allowed: INTS");
  OnnxFile group = conv_file();
  set_integers(only_node(group), "group", {1});
  expect(group.problem(), "attribute 'group' is of type INTS; allowed: INT");
}

TEST(OnnxAttributes, ContentsOfAnotherTypeAreRefused) {
  OnnxFile file = conv_file();
  set_integers(only_node(file), "strides", {2, 2});
  only_node(file).mutable_attribute(0)->set_type(onnx::AttributeProto::FLOATS);
  expect(file.problem(), "attribute 'strides': holds INTS, but its type is FLOATS");
  only_node(file).mutable_attribute(0)->clear_type();
  expect(file.problem(), "holds INTS, but its type is UNDEFINED");
  OnnxFile empty = conv_file();
  set_integers(only_node(empty), "strides", {});
  expect(empty.problem(), "strides must have two entries");
}

// Whatever bit of the attribute flips: an error, or the attribute still says what it said.
TEST(OnnxAttributes, NoFlippedBitMakesTheStridesDisappear) {
  OnnxFile file = conv_file();
  set_integers(only_node(file), "strides", {2, 2});
  const std::string whole = file.content();
  const std::size_t begin = whole.find("strides");
  for (std::size_t bit = 8 * begin; bit < 8 * (begin + 16); ++bit) {
    std::string flipped = whole;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
    try {
      const model::Graph graph = import_onnx_bytes(flipped, "flipped.onnx", ".");
      EXPECT_GT(
          graph.nodes[0].attributes.window.strides[0] + graph.nodes[0].attributes.window.strides[1],
          2)
          << "bit " << bit - 8 * begin;
    } catch (const base::UserError&) {
    }
  }
}

TEST(OnnxAttributes, OnesTheOperatorDoesNotHaveAreRefusedWithTheNearest) {
  OnnxFile fused = conv_file();
  set_text(only_node(fused), "activation", "Relu");
  expect(fused.problem(), "attribute 'activation' is none of Conv");
  OnnxFile misspelt = conv_file();
  set_integers(only_node(misspelt), "stride", {2, 2});
  expect(misspelt.problem(), "attribute 'stride' is none of Conv; did you mean 'strides'?");
  OnnxFile twice = conv_file();
  set_integer(only_node(twice), "group", 1);
  set_integer(only_node(twice), "group", 1);
  expect(twice.problem(), "attribute 'group': exists twice");
}

TEST(OnnxAttributes, ThoseThatBecameInputsAreRefusedInLaterOpsets) {
  for (const int opset : {10, 11}) {
    OnnxFile file(opset);
    file.input("x", {1, 4}).output("y");
    add(file.node("Clip", {"x"}, {"y"}), "min", onnx::AttributeProto::FLOAT).set_f(-1);
    if (opset == 10) {
      EXPECT_EQ(file.problem(), "");
    } else {
      expect(file.problem(), "'min' is none of Clip in opset 11, which takes it as an input");
    }
  }
}

TEST(OnnxAttributes, QuantSwitchesAreZeroOrOne) {
  OnnxFile file = quant_file(1, 0, 4);
  EXPECT_EQ(file.problem(), "");
  only_node(file).mutable_attribute(0)->set_i(2);
  expect(file.problem(), "attribute signed is 2; allowed: 0 and 1");
}

TEST(OnnxAttributes, WhatIsNotModelledIsRefused) {
  OnnxFile resize(18);
  resize.input("x", {1, 1, 2, 2})
      .output("y")
      .floats("none", {0}, {})
      .integers("sizes", {4}, {1, 1, 4, 4});
  onnx::NodeProto& node = resize.node("Resize", {"x", "", "", "sizes"}, {"y"});
  set_text(node, "coordinate_transformation_mode", "asymmetric");
  set_text(node, "nearest_mode", "floor");
  set_text(node, "keep_aspect_ratio_policy", "stretch");
  EXPECT_EQ(resize.problem(), "");
  node.mutable_attribute(2)->set_s("not_larger");
  expect(resize.problem(), "keep_aspect_ratio_policy 'not_larger' is not supported");

  OnnxFile depth;
  depth.input("x", {1, 4, 2, 2}).output("y");
  onnx::NodeProto& to_space = depth.node("DepthToSpace", {"x"}, {"y"});
  expect(depth.problem(), "needs blocksize");
  set_integer(to_space, "blocksize", 2);
  EXPECT_EQ(depth.problem(), "");

  for (const int training : {0, 1}) {
    OnnxFile dropout;
    dropout.input("x", {1, 4}).output("y").floats("ratio", {}, {0.5F});
    dropout.bytes("training", {}, onnx::TensorProto::BOOL, {training});
    dropout.node("Dropout", {"x", "ratio", "training"}, {"y"});
    if (training == 0) {
      EXPECT_EQ(dropout.problem(), "");
    } else {
      expect(dropout.problem(), "dropout in training mode is not supported");
    }
  }
}

TEST(OnnxAttributes, TruncHasNoOutputZeroPoint) {
  for (const float zero : {0.0F, 1.0F}) {
    OnnxFile file;
    file.input("x", {1, 4}).output("y").floats("s", {}, {1}).floats("z", {}, {0});
    file.floats("in", {}, {8}).floats("t", {}, {4}).floats("zo", {}, {zero}).floats("out", {}, {4});
    file.node("Trunc", {"x", "s", "z", "in", "t", "zo", "out"}, {"y"}, "qonnx.custom_op.general");
    if (zero == 0) {
      EXPECT_EQ(file.problem(), "");
    } else {
      expect(file.problem(), "an output zero point is not supported");
    }
  }
}

}  // namespace
}  // namespace bitscale::import
