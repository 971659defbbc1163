// Integer tensors that are moved between a quantizer and its reader, against the operators on
// ONNX's own integers (float_executor.h), for scales and zero points that are not 1 and 0.
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "arch/base/error.h"
#include "workloads/exec/float_executor.h"
#include "workloads/exec/integer_executor.h"
#include "workloads/model/graph_shapes.h"
#include "workloads/model/lowering.h"

namespace bitscale::exec {
namespace {

using model::Attributes;
using model::DType;
using model::Graph;
using model::Operator;
using model::Quantizer;
using model::Tensor;

Quantizer quantizer(bool is_signed, double scale, std::int64_t zero) {
  Quantizer result;
  result.format = {8, is_signed};
  result.scales = {scale};
  result.zero_points = {zero};
  result.single_precision = true;
  return result;
}

/// x [1, 3, 4], reals or codes of int8, and operators behind it.
class Chain {
 public:
  explicit Chain(DType input) {
    graph_.name = "made";
    graph_.values.push_back({"x", input, {1, 3, 4}, {}, {}});
    graph_.inputs = graph_.outputs = {0};
  }
  Chain& then(Operator op, const Attributes& attributes,
              const std::vector<Tensor>& constants = {}) {
    model::Node node;
    node.op = op;
    node.name = "n" + std::to_string(graph_.nodes.size());
    node.attributes = attributes;
    node.inputs = graph_.outputs;
    for (const Tensor& constant : constants) {
      node.inputs.push_back(static_cast<int>(graph_.values.size()));
      graph_.values.push_back({"c", constant.dtype(), constant.dims(), constant, {}});
    }
    std::vector<const model::Value*> values;
    for (const int input : node.inputs) values.push_back(&graph_.value(input));
    std::vector<model::OutputShape> shapes;
    EXPECT_EQ(model::infer_outputs(node, values, shapes), "");
    node.outputs = graph_.outputs = {static_cast<int>(graph_.values.size())};
    graph_.values.push_back({"v" + node.name, shapes[0].dtype, shapes[0].dims, {}, {}});
    graph_.nodes.push_back(node);
    return *this;
  }
  Chain& quantize(const Quantizer& by) {
    Attributes attributes;
    attributes.quantizer = by;
    return then(Operator::QuantizeLinear, attributes);
  }
  Chain& dequantize(const Quantizer& by) {
    Attributes attributes;
    attributes.quantizer = by;
    return then(Operator::DequantizeLinear, attributes);
  }
  Chain& gather() {
    Attributes attributes;
    attributes.axis = 1;
    return then(Operator::Gather, attributes, {Tensor({2}, std::vector<std::int64_t>{2, 0})});
  }
  Chain& pad(double code) {
    Attributes attributes;
    attributes.list = {0, 1, 0, 0, 0, 0};
    attributes.pad_value = code;
    return then(Operator::Pad, attributes);
  }
  Chain& multiply(const Quantizer& act) {
    Attributes attributes;
    attributes.act_quantizer = act;
    attributes.act_quantizer.scales = {1};
    attributes.weight_quantizer = quantizer(true, 1, 0);
    const std::vector<std::int8_t> weights = {1, -2, 3, 4, -5, 6, 7, -8};
    return then(Operator::MatMulInteger, attributes, {Tensor({4, 2}, weights)});
  }

  /// Runs both executors on random inputs.
  void expect_equal() const {
    const model::QuantizedGraph lowered = model::lower(graph_);
    const IntegerExecutor executor(lowered, {});
    std::mt19937 random(7);
    std::uniform_int_distribution<int> codes(-60, 60);
    for (int sample = 0; sample < 20; ++sample) {
      Tensor x(DType::Float32, {1, 3, 4});
      for (int i = 0; i < 12; ++i) {
        const auto code = static_cast<float>(codes(random));
        x.mutable_data<float>()[i] = code;
      }
      const Tensor input = x.cast(graph_.value(0).dtype);
      const Tensor expected = run_graph(graph_, {input})[0];
      const Tensor given = executor.run({input}).at(0);
      ASSERT_EQ(given.dtype(), expected.dtype());
      ASSERT_EQ(given.dims(), expected.dims());
      for (std::int64_t i = 0; i < given.elements(); ++i) {
        ASSERT_FLOAT_EQ(static_cast<float>(given.real(i)), static_cast<float>(expected.real(i)))
            << i;
      }
    }
  }

 private:
  Graph graph_;
};

const Quantizer kSigned = quantizer(true, 0.7, 3), kUnsigned = quantizer(false, 0.7, 131);

TEST(MovedCodes, PaddingIsOfCodes) {
  for (const Quantizer& by : {kSigned, kUnsigned, quantizer(true, 0.7, 0)}) {
    Chain(DType::Float32).quantize(by).pad(9).dequantize(by).expect_equal();
    Chain(DType::Float32).quantize(by).pad(0).expect_equal();  // codes are the output
    Chain(DType::Float32).quantize(by).pad(100).multiply(by).expect_equal();
  }
}

TEST(MovedCodes, WhatCannotMoveCodesSeesTheFilesIntegers) {
  for (const Quantizer& by : {kSigned, kUnsigned}) {
    Chain(DType::Float32).quantize(by).gather().dequantize(by).expect_equal();
    Chain(DType::Float32).quantize(by).gather().expect_equal();
    Chain(DType::Float32).quantize(by).gather().pad(5).dequantize(by).expect_equal();
    Chain(DType::Float32).quantize(by).gather().multiply(by).expect_equal();
  }
}

TEST(MovedCodes, AReaderMayHaveAnotherZeroPoint) {
  const Quantizer other = quantizer(true, 0.7, -2), none = quantizer(true, 0.7, 0);
  for (const Quantizer& reader : {kSigned, other, none}) {
    Chain(DType::Float32).quantize(kSigned).multiply(reader).expect_equal();
    Chain(DType::Float32).quantize(none).multiply(reader).expect_equal();
    Chain(DType::Float32).quantize(kSigned).dequantize(reader).expect_equal();
  }
}

TEST(MovedCodes, IntegerInputsReachTheirReaderOverMoves) {
  Chain(DType::Int8).gather().multiply(kSigned).expect_equal();
  Chain(DType::Int8).pad(4).multiply(kSigned).expect_equal();
  Chain(DType::Int8).pad(4).dequantize(kSigned).expect_equal();
  Chain(DType::Int8).multiply(kSigned).expect_equal();
}

TEST(MovedCodes, ProductsOfIntegersNeedConstantWeights) {
  Graph graph;
  graph.name = "made";
  graph.values = {{"a", DType::Int8, {1, 2}, {}, {}},
                  {"b", DType::Int8, {2, 2}, {}, {}},
                  {"y", DType::Int32, {1, 2}, {}, {}}};
  model::Node node;
  node.op = Operator::MatMulInteger;
  node.name = "product";
  node.inputs = {0, 1};
  node.outputs = {2};
  node.attributes.act_quantizer = node.attributes.weight_quantizer = quantizer(true, 1, 0);
  graph.nodes = {node};
  graph.inputs = {0, 1};
  graph.outputs = {2};
  try {
    model::lower(graph);
    FAIL();
  } catch (const base::UserError& error) {
    EXPECT_NE(std::string(error.what()).find("need constant weights"), std::string::npos)
        << error.what();
  }
}

}  // namespace
}  // namespace bitscale::exec
