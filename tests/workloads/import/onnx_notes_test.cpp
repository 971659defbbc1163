// What an imported file is told: domains without a version, layers that stay real and why.
#include <gtest/gtest.h>

#include "tests/support/onnx_fixture.h"
#include "workloads/model/lowering.h"

namespace bitscale::import {
namespace {

TEST(OnnxNotes, ADomainThatNoOpsetImportListsIsNoted) {
  OnnxFile file = quant_file(0.5F, 0, 4, "onnx.brevitas");
  ASSERT_EQ(file.import().notes.size(), 1U);
  EXPECT_EQ(file.import().notes[0],
            "opset_import lists no version of domain 'onnx.brevitas' (1 nodes, the first 'q'): "
            "read as version 1");
  auto& other = *file.proto.add_opset_import();
  other.set_domain("qonnx.custom_op.general");
  other.set_version(1);
  EXPECT_EQ(file.import().notes.size(), 1U);
  other.set_domain("onnx.brevitas");
  EXPECT_TRUE(file.import().notes.empty());
  EXPECT_TRUE(conv_file().import().notes.empty());
}

/// x [1, 4] → Quant of `bits` → Reshape → MatMul with whole weights: why the last one stays real.
std::string reason_of(float bits, const std::vector<float>& scales) {
  OnnxFile file;
  file.input("x", {1, 4}).output("y");
  const auto count = static_cast<std::int64_t>(scales.size());
  file.floats("scale", count == 1 ? std::vector<std::int64_t>{} : std::vector<std::int64_t>{count},
              scales);
  file.floats("zero", {}, {0}).floats("bits", {}, {bits}).floats("w", {4, 1}, {1, 2, 3, 4});
  onnx::NodeProto& quant =
      file.node("Quant", {"x", "scale", "zero", "bits"}, {"q"}, "qonnx.custom_op.general");
  quant.set_name("wide");
  set_integer(quant, "signed", 1);
  set_integer(quant, "narrow", 0);
  file.integers("shape", {2}, {1, 4}).node("Reshape", {"q", "shape"}, {"r"});
  file.node("MatMul", {"r", "w"}, {"y"});
  const model::QuantizedGraph graph = model::lower(file.import());
  return graph.float_macs.empty() ? "" : graph.float_macs.front().reason;
}

TEST(OnnxNotes, ALayerThatStaysRealSaysWhatItsActivationsLack) {
  EXPECT_EQ(reason_of(16, {0.5F}), "");
  EXPECT_EQ(reason_of(17, {0.5F}),
            "its activations have 17 bits (node 'wide'); integer layers take at most 16");
  EXPECT_EQ(reason_of(32, {0.5F}),
            "its activations have 32 bits (node 'wide'); integer layers take at most 16");
  EXPECT_EQ(reason_of(4, {0.5F, 0.25F, 0.5F, 0.5F}),
            "its activations are quantized by channel (node 'wide'); integer layers take one scale "
            "and one zero point for all of them");
}

TEST(OnnxNotes, HalvesAreReadAsSinglePrecision) {
  for (const int type : {onnx::TensorProto::FLOAT, onnx::TensorProto::FLOAT16}) {
    OnnxFile file;
    file.input("x", {1, 1}, type).output("y");
    onnx::TensorProto& weight = file.constant("w", {1, 1}, type);
    if (type == onnx::TensorProto::FLOAT) {
      weight.add_float_data(1);
    } else {
      weight.add_int32_data(0x3c00);
    }
    file.node("MatMul", {"x", "w"}, {"y"});
    const std::vector<std::string> notes = file.import().notes;
    ASSERT_EQ(notes.size(), type == onnx::TensorProto::FLOAT ? 0U : 1U);
    if (notes.empty()) continue;
    EXPECT_EQ(notes[0],
              "2 tensors are float16 (the first 'x'): read as float32, also where ONNX wants one "
              "type, and all arithmetic on them is float32");
  }
}

TEST(OnnxNotes, ALayerWithoutAQuantizerSaysSo) {
  OnnxFile file;
  file.input("x", {1, 4}).output("y").floats("w", {4, 1}, {1, 2, 3, 4});
  file.node("Relu", {"x"}, {"r"}).set_name("r");
  file.node("MatMul", {"r", "w"}, {"y"});
  EXPECT_EQ(model::lower(file.import()).float_macs.at(0).reason,
            "its activations have no quantizer");
}

}  // namespace
}  // namespace bitscale::import
