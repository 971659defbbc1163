// What a broken or unsupported model is told.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cmath>
#include <filesystem>
#include <string>

#include "tests/support/onnx_fixture.h"
#include "tests/support/temp_folder.h"

namespace bitscale::import {
namespace {

void expect(const std::string& problem, const std::string& part) {
  EXPECT_NE(problem.find(part), std::string::npos) << "'" << problem << "' lacks '" << part << "'";
}

TEST(OnnxErrors, EveryTruncationIsAUserError) {
  const std::string whole = conv_file().content();
  for (std::size_t length = 0; length < whole.size(); ++length) {
    EXPECT_THROW(import_onnx_bytes(whole.substr(0, length), "cut.onnx", "."), base::UserError)
        << length;
  }
}

TEST(OnnxErrors, AFlippedBitIsAUserErrorOrAnotherLegalModel) {
  const std::string whole = conv_file().content();
  int refused = 0;
  for (std::size_t bit = 0; bit < 8 * whole.size(); ++bit) {
    std::string flipped = whole;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
    try {
      import_onnx_bytes(flipped, "flipped.onnx", ".");
    } catch (const base::UserError&) {
      ++refused;
    }
  }
  EXPECT_GT(refused, 100);  // the rest are weights and names, where any bit is legal
}

TEST(OnnxErrors, VersionsOutsideTheRangeAreNamed) {
  OnnxFile file = conv_file();
  EXPECT_EQ(file.problem(), "");
  for (const int opset : {7, 18}) EXPECT_EQ(conv_file(opset).problem(), "") << opset;
  expect(conv_file(6).problem(), "opset 6 is not supported (7 to 18 are)");
  expect(conv_file(19).problem(), "opset 19 is not supported");
  file.proto.set_ir_version(2);
  expect(file.problem(), "IR version 2 is not supported (3 to 9 are)");
  file.proto.set_ir_version(10);
  expect(file.problem(), "IR version 10");
}

TEST(OnnxErrors, ACycleNamesANodeInIt) {
  OnnxFile file;
  file.input("x", {1, 4}).output("b");
  file.node("Add", {"x", "b"}, {"a"}).set_name("first");
  file.node("Relu", {"a"}, {"b"}).set_name("second");
  expect(file.problem(), "node 'first': is part of a cycle");
}

TEST(OnnxErrors, AMissingInitializerIsNamed) {
  OnnxFile file = conv_file();
  file.proto.mutable_graph()->clear_initializer();
  expect(file.problem(),
         "Conv node 'Conv_0': reads 'w', which no node, input or initializer makes");
}

TEST(OnnxErrors, AMissingOutputAndADoubleValueAreNamed) {
  OnnxFile file = conv_file();
  file.output("z");
  expect(file.problem(), "output 'z' is made by no node");
  OnnxFile twice = conv_file();
  twice.node("Relu", {"x"}, {"y"});
  expect(twice.problem(), "'y' is made twice");
}

TEST(OnnxErrors, TensorsMustHoldTheirElements) {
  OnnxFile file = conv_file();
  file.proto.mutable_graph()->mutable_initializer(0)->mutable_float_data()->RemoveLast();
  expect(file.problem(), "needs 54 elements, the file holds 53");
  file.proto.mutable_graph()->mutable_initializer(0)->set_dims(0, -3);
  expect(file.problem(), "the shape [-3, 2, 3, 3] is negative or too large");
  file.proto.mutable_graph()->mutable_initializer(0)->set_dims(0, std::int64_t{1} << 62);
  expect(file.problem(), "too large");
}

TEST(OnnxErrors, QuantizersMustBeLegal) {
  EXPECT_EQ(quant_file(0.5F, 0, 4).problem(), "");
  expect(quant_file(0, 0, 4).problem(), "node 'q': scale 0.000000 must be positive and finite");
  expect(quant_file(-1, 0, 4).problem(), "must be positive and finite");
  expect(quant_file(INFINITY, 0, 4).problem(), "must be positive and finite");
  expect(quant_file(NAN, 0, 4).problem(), "must be positive and finite");
  for (const float bits : {0.0F, 33.0F, 2.5F, -1.0F, NAN}) {
    expect(quant_file(1, 0, bits).problem(), "is no whole number from 1 to 32");
  }
  expect(quant_file(1, 0.5F, 4).problem(), "the zero point 0.500000 is no whole number");
  // Legal in QONNX: listed as what is not supported, with its share.
  for (const float zero : {-9.0F, 8.0F}) {
    expect(quant_file(1, zero, 4).problem(), "operator Quant, node 'q': zero point ");
    expect(quant_file(1, zero, 4).problem(), "is outside the codes -8 … 7, which is not supported");
    expect(quant_file(1, zero, 4).problem(), "; no MACs");
  }
  for (const float zero : {-8.0F, 7.0F}) EXPECT_EQ(quant_file(1, zero, 4).problem(), "");
}

TEST(OnnxErrors, IntegerOperatorsNeedIntegers) {
  OnnxFile file;
  file.input("x", {1, 2}).output("y").floats("s", {}, {1});
  file.bytes("w", {2, 2}, onnx::TensorProto::INT8, {1, 2, 3, 4});
  file.node("QLinearMatMul", {"x", "s", "", "w", "s", "", "s", ""}, {"y"});
  expect(file.problem(), "operands must be int8 or uint8");
  OnnxFile reals;
  reals.input("x", {1, 2}).output("y").floats("s", {}, {1});
  reals.node("DequantizeLinear", {"x", "s"}, {"y"});
  expect(reals.problem(), "needs integers of at most 32 bits");
}

TEST(OnnxErrors, AWeightOutsideItsDeclaredTypeIsNamed) {
  OnnxFile file;
  file.input("x", {1, 2}).output("y").floats("w", {2, 2}, {1, -1, 7, 8});
  file.node("MatMul", {"x", "w"}, {"y"});
  onnx::TensorAnnotation& annotation = *file.proto.mutable_graph()->add_quantization_annotation();
  annotation.set_tensor_name("w");
  auto& entry = *annotation.add_quant_parameter_tensor_names();
  entry.set_key("finn_datatype");
  entry.set_value("INT4");
  expect(file.problem(), "initializer 'w': element 3 is 8.000000, outside its declared type INT4");
  entry.set_value("INT5");
  EXPECT_EQ(file.problem(), "");
}

TEST(OnnxErrors, ATypeFinnDoesNotHaveIsNamed) {
  const auto problem_of = [](const char* datatype) {
    OnnxFile file;
    file.input("x", {1, 2}).output("y").floats("w", {2, 2}, {1, -1, 0.5F, 0});
    file.node("MatMul", {"x", "w"}, {"y"});
    onnx::TensorAnnotation& annotation = *file.proto.mutable_graph()->add_quantization_annotation();
    annotation.set_tensor_name("w");
    auto& entry = *annotation.add_quant_parameter_tensor_names();
    entry.set_key("finn_datatype");
    entry.set_value(datatype);
    return file.problem();
  };
  for (const char* known : {"FLOAT32", "FLOAT16", "FLOAT<4,3>", "SCALEDINT<8>", "FIXED<4,3>"}) {
    EXPECT_EQ(problem_of(known), "") << known;
  }
  for (const char* unknown : {"INT0", "INT33", "int4", "BIPLOAR", "", "FIXED<4,5>", "FIXED<4>",
                              "FIXED<4,3,2>", "FIXED<4,", "SCALEDINT<0>", "FLOAT64"}) {
    expect(problem_of(unknown), "finn_datatype of 'w': '" + std::string(unknown) +
                                    "' is no type of FINN; allowed: BIPOLAR");
  }
  expect(problem_of("FIXED<2,1>"), "element 0 is 1.0");  // steps of 0.5 from -1 to 0.5
  expect(problem_of("INT2"), "element 2 is 0.5");        // whole numbers
}

TEST(OnnxErrors, PadsAndKernelsAreBounded) {
  for (const std::int64_t pad : {std::int64_t{-1}, std::int64_t{1} << 40}) {
    OnnxFile file = conv_file();
    set_integers(*file.proto.mutable_graph()->mutable_node(0), "pads", {0, 0, pad, 0});
    expect(file.problem(), "padding " + std::to_string(pad) + "; allowed: 0 to 16777216");
  }
}

TEST(OnnxErrors, APoolNeedsAnInputInEveryWindow) {
  const auto problem_of = [](const char* op, std::int64_t pad) {
    OnnxFile file;
    file.input("x", {1, 1, 4, 4}).output("y");
    onnx::NodeProto& node = file.node(op, {"x"}, {"y"});
    set_integers(node, "kernel_shape", {2, 2});
    set_integers(node, "strides", {1, 1});
    set_integers(node, "pads", {pad, 0, 0, 0});
    return file.problem();
  };
  for (const char* op : {"MaxPool", "AveragePool"}) {
    EXPECT_EQ(problem_of(op, 1), "");
    expect(problem_of(op, 2), "some window of the pool holds nothing but padding");
  }
}

TEST(OnnxErrors, ListsEveryUnsupportedOperatorWithItsShareOfMacs) {
  OnnxFile file;
  file.input("x", {1, 2, 4, 4}).output("y");
  file.floats("w", {2, 2, 1, 1}, {1, 2, 3, 4}).floats("t", {2, 2, 2, 2}, std::vector<float>(16, 1));
  file.node("Conv", {"x", "w"}, {"a"});
  file.node("Erf", {"a"}, {"b"}).set_name("erf");
  file.node("ConvTranspose", {"b", "t"}, {"y"}).set_name("up");
  const std::string problem = file.problem();
  expect(problem, "operator Erf, node 'erf': is not supported; no MACs");
  // 4 · 16 of the convolution against 16 · 16 of the transposed one.
  expect(problem, "operator ConvTranspose, node 'up': is not supported; about 80.0 %");
}

TEST(OnnxErrors, AnUnsupportedUseSaysWhich) {
  OnnxFile file = conv_file();
  file.proto.mutable_graph()->mutable_output(0)->set_name("z");
  set_text(file.node("Pad", {"y"}, {"z"}), "mode", "reflect");
  expect(file.problem(), "operator Pad, node 'Pad_1': only constant padding is supported");
}

TEST(OnnxErrors, ADomainThatIsNotQonnxIsUnsupported) {
  expect(quant_file(1, 0, 4, "com.example").problem(), "is not supported (domain com.example)");
}

TEST(OnnxErrors, ShapesThatDoNotFitAreNamed) {
  OnnxFile file = conv_file();
  file.proto.mutable_graph()->mutable_node(0)->set_input(0, "v");
  file.input("v", {1, 5, 4, 4});
  expect(file.problem(), "input [1, 5, 4, 4] and weights [3, 2, 3, 3] do not fit 1 groups");
  OnnxFile small = conv_file();
  set_integers(*small.proto.mutable_graph()->mutable_node(0), "dilations", {4, 4});
  expect(small.problem(), "the kernel is larger than the padded input [1, 2, 4, 4]");
}

TEST(OnnxErrors, UnknownExtentsAreNamedButForTheBatch) {
  OnnxFile file = conv_file();
  auto& shape = *file.proto.mutable_graph()
                     ->mutable_input(0)
                     ->mutable_type()
                     ->mutable_tensor_type()
                     ->mutable_shape();
  shape.mutable_dim(0)->set_dim_param("batch");
  EXPECT_EQ(file.problem(), "");
  shape.mutable_dim(2)->set_dim_param("height");
  expect(file.problem(), "input 'x': extent 2 of its shape is not fixed");
}

TEST(OnnxErrors, OperandsOfAnotherTypeAreNamed) {
  for (const char* op : {"MatMul", "Gemm", "Mul"}) {
    OnnxFile file;
    file.input("x", {1, 4}).output("y");
    file.bytes("w", {4, 4}, onnx::TensorProto::INT8, std::vector<int>(16, 1));
    file.node(op, {"x", "w"}, {"y"});
    expect(file.problem(), op == std::string("Mul") ? "operands differ in type"
                                                    : "needs float32 as input 1 ('w'), given int8");
  }
  OnnxFile file = conv_file();
  file.bytes("b", {3}, onnx::TensorProto::INT32, {1, 2, 3});
  file.proto.mutable_graph()->mutable_node(0)->add_input("b");
  expect(file.problem(), "needs float32 as input 2 ('b'), given int32");
}

TEST(OnnxErrors, LimitsHaveTheTypeOfTheirInput) {
  OnnxFile file;
  file.input("x", {1, 4}).output("y");
  file.bytes("low", {}, onnx::TensorProto::INT8, {0});
  file.node("Clip", {"x", "low"}, {"y"});
  expect(file.problem(), "the lower bound must be float32 like its input, given int8");
}

TEST(OnnxErrors, AVarianceBelowZeroNamesItsChannel) {
  for (const float variance : {0.5F, 0.0F, -0.5F, std::nanf("")}) {
    OnnxFile file;
    file.input("x", {1, 2, 3, 3}).output("y");
    for (const char* name : {"scale", "shift", "mean"}) file.floats(name, {2}, {1, 1});
    file.floats("variance", {2}, {1, variance});
    file.node("BatchNormalization", {"x", "scale", "shift", "mean", "variance"}, {"y"});
    if (variance >= 0) {
      EXPECT_EQ(file.problem(), "");
    } else {
      expect(file.problem(), "the variance of channel 1 plus epsilon is ");
      expect(file.problem(), std::isnan(variance) ? "nan; it must be above 0" : "-0.49999");
    }
  }
}

/// A model whose weights lie in `location`.
std::string external_problem(const testing::TempFolder& folder, const std::string& location,
                             const std::string& offset = "0") {
  OnnxFile file = conv_file();
  onnx::TensorProto& weights = *file.proto.mutable_graph()->mutable_initializer(0);
  weights.clear_float_data();
  weights.set_data_location(onnx::TensorProto::EXTERNAL);
  const auto set = [&](const char* key, const std::string& value) {
    auto& entry = *weights.add_external_data();
    entry.set_key(key);
    entry.set_value(value);
  };
  set("location", location);
  set("offset", offset);
  const auto path = folder.write("model/net.onnx", file.content());
  try {
    import_onnx(path);
  } catch (const base::UserError& error) {
    return error.what();
  }
  return "";
}

// A fixed batch in front of convolutions runs as a free one, where nothing forbids it.
TEST(OnnxErrors, AConvolutionOverAFixedBatchRunsSampleBySample) {
  const auto file_of = [](const std::vector<std::int64_t>& rows, std::int64_t batch = 4) {
    OnnxFile file;
    file.input("x", {batch, 2, 4, 4}).output("y");
    file.floats("w", {3, 2, 3, 3}, std::vector<float>(54, 0.5F));
    file.integers("rows", {static_cast<std::int64_t>(rows.size())}, rows);
    file.node("Conv", {"x", "w"}, {"c"}).set_name("c");
    file.node("Reshape", {"c", "rows"}, {"y"});
    return file;
  };
  for (const std::vector<std::int64_t>& rows :
       {std::vector<std::int64_t>{4, 12}, {-1, 12}, {4, -1}, {0, -1}}) {
    const model::Graph graph = file_of(rows).import();
    EXPECT_EQ(graph.value(graph.inputs[0]).dims, (model::Dims{1, 2, 4, 4}));
    EXPECT_EQ(graph.value(graph.outputs[0]).dims, (model::Dims{1, 12}));
    ASSERT_EQ(graph.notes.size(), 1u);
    expect(graph.notes[0], "fixes its batch to 4");
    EXPECT_TRUE(file_of({-1, 12}, 1).import().notes.empty());
  }
  expect(file_of({12, 4}).problem(), "output 'y': holds 3 rows of every sample");
  expect(file_of({2, -1}).problem(), "gives the free batch the extent 2");
  expect(file_of({2, -1}).problem(), "runs sample by sample, which this forbids");
  OnnxFile mixed = file_of({4, 12});
  mixed.output("z");
  set_integer(mixed.node("Softmax", {"c"}, {"z"}), "axis", 0);
  expect(mixed.problem(), "works along the free batch");
}

TEST(OnnxErrors, InputsNobodyReadsAreRefused) {
  const auto problem_of = [](const char* op, const std::vector<std::string>& inputs,
                             int opset = 13) {
    OnnxFile file(opset);
    file.input("x", {1, 4}).output("y").floats("a", {}, {0}).floats("b", {}, {1});
    file.node(op, inputs, {"y"});
    return file.problem();
  };
  EXPECT_EQ(problem_of("Relu", {"x"}), "");
  expect(problem_of("Relu", {"x", "a"}), "has 2 inputs, of which Relu in opset 13 reads 1");
  expect(problem_of("Identity", {"x", "a", "b"}), "reads 1");
  EXPECT_EQ(problem_of("Clip", {"x", "a", "b", "", ""}), "");  // omitted
  expect(problem_of("Clip", {"x", "a", "b", "b"}), "reads 3");
  expect(problem_of("Clip", {"x", "a"}, 10), "in opset 10 reads 1");
}

TEST(OnnxErrors, OperatorsThatKeepShapesHideNone) {
  OnnxFile file;
  file.input("x", {1, 4}).output("y");
  file.node("Erf", {"x"}, {"a"});
  file.node("Relu", {"a"}, {"y"});
  EXPECT_EQ(file.problem().find("some shapes are unknown"), std::string::npos) << file.problem();
  OnnxFile unknown;
  unknown.input("x", {1, 4}).output("y");
  unknown.node("NonZero", {"x"}, {"y"});
  expect(unknown.problem(), "some shapes are unknown");
}

TEST(OnnxErrors, ExternalDataMustLieBesideTheModel) {
  const testing::TempFolder folder;
  const std::string weights(54 * 4, '\0');
  folder.write("secret.bin", weights);
  folder.write("model/weights.bin", weights);
  folder.write("model/data/weights.bin", weights);
  std::filesystem::create_symlink(folder / "secret.bin", folder / "model/link.bin");
  EXPECT_EQ(external_problem(folder, "weights.bin"), "");
  EXPECT_EQ(external_problem(folder, "data/../weights.bin"), "");
  EXPECT_EQ(external_problem(folder, "data/weights.bin"), "");
  for (const std::string& escape :
       {std::string("../secret.bin"), (folder / "secret.bin").string(), std::string("link.bin"),
        std::string("data/../../secret.bin"), std::string(".")}) {
    expect(external_problem(folder, escape), "must be a file inside the model's folder");
  }
  expect(external_problem(folder, "absent.bin"), "no such file");
  ASSERT_EQ(::mkfifo((folder / "model/pipe").c_str(), 0600), 0);  // must not be waited for
  expect(external_problem(folder, "pipe"), "is not a regular file");
  expect(external_problem(folder, "weights.bin", "8"), "needs 216 bytes, the file holds 208");
  expect(external_problem(folder, "weights.bin", "999"), "too few for offset 999");
  expect(external_problem(folder, "weights.bin", "-1"), "is no byte count");
}

}  // namespace
}  // namespace bitscale::import
