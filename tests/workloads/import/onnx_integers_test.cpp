// Integers of a model are those of 64 bits: what a file computes beyond them, or at run time, is
// refused by name.
#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "tests/support/onnx_fixture.h"

namespace bitscale::import {
namespace {

constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();

void expect(const std::string& problem, const std::string& part) {
  EXPECT_NE(problem.find(part), std::string::npos) << "'" << problem << "' lacks '" << part << "'";
}

/// x [1, 4] reshaped to what `op` makes of two constants.
std::string shape_problem(const char* op, const std::vector<std::int64_t>& a,
                          const std::vector<std::int64_t>& b) {
  OnnxFile file;
  file.input("x", {1, 4}).output("y");
  file.integers("a", {static_cast<std::int64_t>(a.size())}, a);
  file.integers("b", {static_cast<std::int64_t>(b.size())}, b);
  file.node(op, {"a", "b"}, {"shape"}).set_name("made");
  file.node("Reshape", {"x", "shape"}, {"y"});
  return file.problem();
}

TEST(OnnxIntegers, ShapesAreComputedExactlyOrNotAtAll) {
  EXPECT_EQ(shape_problem("Div", {4, 5}, {2}), "");    // [2, 2]: fractions are dropped
  EXPECT_EQ(shape_problem("Div", {-4, 2}, {-2}), "");  // [2, -1]
  EXPECT_EQ(shape_problem("Pow", {2, 2}, {1}), "");
  EXPECT_EQ(shape_problem("Add", {1, 1}, {1}), "");
}

TEST(OnnxIntegers, ConstantsThatDoNotExistAreNamed) {
  struct Case {
    const char* op;
    std::int64_t a, b;
    const char* said;
  };
  for (const Case& one :
       {Case{"Div", kMin, -1, "Div of -9223372036854775808 and -1"},
        Case{"Div", 4, 0, "Div of 4 and 0"},
        Case{"Add", kMax, 1, "Add of 9223372036854775807 and 1"},
        Case{"Sub", kMin, 1, "Sub of -9223372036854775808 and 1"},
        Case{"Mul", 1LL << 40, 1LL << 40, "Mul of 1099511627776 and"},
        Case{"Pow", 62, 62, "Pow of 62 and 62"}, Case{"Pow", 0, -1, "Pow of 0 and -1"}}) {
    const std::string problem = shape_problem(one.op, {one.a, 4}, {one.b});
    expect(problem, "operator " + std::string(one.op) + ", node 'made'");
    expect(problem, std::string(one.said));
    expect(problem, "is no 64-bit integer");
  }
}

TEST(OnnxIntegers, RunTimeArithmeticIsListed) {
  for (const char* op : {"Add", "Sub", "Mul", "Div", "Pow"}) {
    OnnxFile file;
    file.input("x", {1, 4}).output("y").integers("c", {}, {0});
    set_integer(file.node("ArgMax", {"x"}, {"class"}), "axis", 1);
    file.node(op, {"class", "c"}, {"y"});
    expect(file.problem(), "operator " + std::string(op));
    expect(file.problem(), "computes with integers at run time");
  }
}

TEST(OnnxIntegers, ConstantsJoinRealsOnly) {
  for (const bool real : {true, false}) {
    OnnxFile file;
    file.input("x", {1, 4}).output("y").floats("f", {1, 1}, {1}).integers("i", {1, 1}, {1});
    set_integer(file.node("ArgMax", {"x"}, {"class"}), "axis", 1);
    set_integer(file.node("Concat", {real ? "x" : "class", real ? "f" : "i"}, {"y"}), "axis", 1);
    if (real) {
      EXPECT_EQ(file.problem(), "");
    } else {
      expect(file.problem(), "joins constants with integers of run time");
    }
  }
}

// What stands behind a refused operator is not what the model is refused for.
TEST(OnnxIntegers, TheRefusedOperatorIsNamedAndNotItsReader) {
  OnnxFile file;
  file.input("x", {1, 4}).output("y").floats("s", {}, {0.5F}).integers("pads", {4}, {0, 1, 0, 0});
  file.bytes("low", {}, onnx::TensorProto::UINT8, {21});
  file.node("QuantizeLinear", {"x", "s"}, {"q"});
  file.node("Pad", {"q", "pads"}, {"p"});
  file.node("Clip", {"p", "low"}, {"c"}).set_name("clip");
  file.node("DequantizeLinear", {"c", "s"}, {"y"});
  expect(file.problem(), "operator Clip, node 'clip': clips integers whose quantizer is not known");
}

TEST(OnnxIntegers, IndicesAreSigned) {
  for (const int type : {onnx::TensorProto::UINT64, onnx::TensorProto::UINT8}) {
    OnnxFile file;
    file.input("x", {1, 4}).output("y");
    onnx::TensorProto& index = file.constant("i", {1}, type);
    if (type == onnx::TensorProto::UINT64) {
      index.add_uint64_data(std::uint64_t{1} << 63);
    } else {
      index.add_int32_data(1);
    }
    set_integer(file.node("Gather", {"x", "i"}, {"y"}), "axis", 1);
    expect(file.problem(), "indices must be int32 or int64, given uint");
  }
}

TEST(OnnxIntegers, CastsKeepTheirNumber) {
  for (const std::uint64_t extent : {std::uint64_t{4}, std::uint64_t{1} << 63}) {
    OnnxFile file;
    file.input("x", {1, 4}).output("y");
    file.constant("u", {1}, onnx::TensorProto::UINT64).add_uint64_data(extent);
    set_integer(file.node("Cast", {"u"}, {"shape"}), "to", onnx::TensorProto::INT64);
    file.node("Reshape", {"x", "shape"}, {"y"});
    if (extent == 4) {
      EXPECT_EQ(file.problem(), "");
    } else {
      expect(file.problem(), "element 0 is 9223372036854775808, above 2^63 - 1");
    }
  }
}

TEST(OnnxIntegers, PaddingIsANumberOfItsTensor) {
  const auto problem_of = [](int opset, std::int64_t value) {
    OnnxFile file(opset);
    file.input("x", {1, 4}).output("y").integers("c", {1}, {1});
    file.integers("pads", {2}, {0, 1}).integers("v", {}, {value});
    onnx::NodeProto& node = file.node("Pad", {"c", "pads", "v"}, {"shape"});
    if (opset < 11) {
      node.mutable_input()->DeleteSubrange(1, 2);
      set_integers(node, "pads", {0, 1});
    }
    file.node("Reshape", {"x", "shape"}, {"y"});
    return file.problem();
  };
  EXPECT_EQ(problem_of(13, 4), "");
  expect(problem_of(13, kMax), "a padding value beyond ±2^53 is not supported");
  expect(problem_of(10, 4), "pads integers, which it does from opset 11 on");
}

TEST(OnnxIntegers, EmptyProductsAreRefused) {
  for (const char* op : {"MatMul", "Gemm"}) {
    OnnxFile file;
    file.input("x", {1, 4}).output("y").floats("w", {4, 0}, {});
    file.node(op, {"x", "w"}, {"y"});
    expect(file.problem(), "the product of [1, 4] by [4, 0] is empty");
  }
}

TEST(OnnxIntegers, ScalesAreSinglePrecision) {
  for (const int type : {onnx::TensorProto::FLOAT, onnx::TensorProto::DOUBLE}) {
    OnnxFile file;
    file.input("x", {1, 4}).output("y");
    onnx::TensorProto& scale = file.constant("s", {}, type);
    if (type == onnx::TensorProto::FLOAT) {
      scale.add_float_data(0.5F);
    } else {
      scale.add_double_data(0.5);
    }
    file.node("QuantizeLinear", {"x", "s"}, {"y"});
    if (type == onnx::TensorProto::FLOAT) {
      EXPECT_EQ(file.problem(), "");
    } else {
      expect(file.problem(), "a scale must be float32, given float64");
    }
  }
}

}  // namespace
}  // namespace bitscale::import
