// Builds small ONNX models in memory for the importer's tests.
#ifndef BITSCALE_TESTS_SUPPORT_ONNX_FIXTURE_H_
#define BITSCALE_TESTS_SUPPORT_ONNX_FIXTURE_H_

#include <onnx/onnx_pb.h>

#include <cstdint>
#include <string>
#include <vector>

#include "arch/base/error.h"
#include "workloads/import/onnx.h"

namespace bitscale::import {

class OnnxFile {
 public:
  explicit OnnxFile(int opset = 13) {
    proto.set_ir_version(7);
    proto.add_opset_import()->set_version(opset);
    proto.mutable_graph()->set_name("made");
  }

  OnnxFile& input(const std::string& name, const std::vector<std::int64_t>& dims,
                  int type = onnx::TensorProto::FLOAT) {
    describe(*proto.mutable_graph()->add_input(), name, dims, type);
    return *this;
  }
  OnnxFile& output(const std::string& name) {
    describe(*proto.mutable_graph()->add_output(), name, {}, onnx::TensorProto::FLOAT);
    return *this;
  }
  OnnxFile& floats(const std::string& name, const std::vector<std::int64_t>& dims,
                   const std::vector<float>& values) {
    onnx::TensorProto& tensor = constant(name, dims, onnx::TensorProto::FLOAT);
    for (const float value : values) tensor.add_float_data(value);
    return *this;
  }
  OnnxFile& integers(const std::string& name, const std::vector<std::int64_t>& dims,
                     const std::vector<std::int64_t>& values) {
    onnx::TensorProto& tensor = constant(name, dims, onnx::TensorProto::INT64);
    for (const std::int64_t value : values) tensor.add_int64_data(value);
    return *this;
  }
  OnnxFile& bytes(const std::string& name, const std::vector<std::int64_t>& dims, int type,
                  const std::vector<int>& values) {
    onnx::TensorProto& tensor = constant(name, dims, type);
    for (const int value : values) tensor.add_int32_data(value);
    return *this;
  }
  onnx::TensorProto& constant(const std::string& name, const std::vector<std::int64_t>& dims,
                              int type) {
    onnx::TensorProto& tensor = *proto.mutable_graph()->add_initializer();
    tensor.set_name(name);
    tensor.set_data_type(type);
    for (const std::int64_t extent : dims) tensor.add_dims(extent);
    return tensor;
  }
  onnx::NodeProto& node(const std::string& op, const std::vector<std::string>& inputs,
                        const std::vector<std::string>& outputs, const std::string& domain = "") {
    onnx::NodeProto& made = *proto.mutable_graph()->add_node();
    made.set_op_type(op);
    made.set_domain(domain);
    for (const std::string& name : inputs) made.add_input(name);
    for (const std::string& name : outputs) made.add_output(name);
    return made;
  }

  std::string content() const { return proto.SerializeAsString(); }
  model::Graph import() const { return import_onnx_bytes(content(), "made.onnx", "."); }
  /// What the importer says against the model, "" when it takes it.
  std::string problem() const {
    try {
      import();
    } catch (const base::UserError& error) {
      return error.what();
    }
    return "";
  }

  onnx::ModelProto proto;

 private:
  static void describe(onnx::ValueInfoProto& value, const std::string& name,
                       const std::vector<std::int64_t>& dims, int type) {
    value.set_name(name);
    auto& tensor = *value.mutable_type()->mutable_tensor_type();
    tensor.set_elem_type(type);
    for (const std::int64_t extent : dims) {
      auto& dim = *tensor.mutable_shape()->add_dim();
      if (extent >= 0) dim.set_dim_value(extent);
    }
  }
};

inline void set_integer(onnx::NodeProto& node, const char* name, std::int64_t value) {
  onnx::AttributeProto& attribute = *node.add_attribute();
  attribute.set_name(name);
  attribute.set_type(onnx::AttributeProto::INT);
  attribute.set_i(value);
}

inline void set_integers(onnx::NodeProto& node, const char* name,
                         const std::vector<std::int64_t>& values) {
  onnx::AttributeProto& attribute = *node.add_attribute();
  attribute.set_name(name);
  attribute.set_type(onnx::AttributeProto::INTS);
  for (const std::int64_t value : values) attribute.add_ints(value);
}

inline void set_text(onnx::NodeProto& node, const char* name, const std::string& value) {
  onnx::AttributeProto& attribute = *node.add_attribute();
  attribute.set_name(name);
  attribute.set_type(onnx::AttributeProto::STRING);
  attribute.set_s(value);
}

/// x [1, 2, 4, 4] → Conv with 3 filters of 3 × 3 → y.
inline OnnxFile conv_file(int opset = 13) {
  OnnxFile file(opset);
  file.input("x", {1, 2, 4, 4}).output("y");
  file.floats("w", {3, 2, 3, 3}, std::vector<float>(54, 0.5F));
  file.node("Conv", {"x", "w"}, {"y"});
  return file;
}

/// x [1, 4] → Quant with the given parameters → y.
inline OnnxFile quant_file(float scale, float zero, float bits,
                           const std::string& domain = "qonnx.custom_op.general") {
  OnnxFile file;
  file.input("x", {1, 4}).output("y");
  file.floats("scale", {}, {scale}).floats("zero", {}, {zero}).floats("bits", {}, {bits});
  onnx::NodeProto& node = file.node("Quant", {"x", "scale", "zero", "bits"}, {"y"}, domain);
  node.set_name("q");
  set_integer(node, "signed", 1);
  set_integer(node, "narrow", 0);
  return file;
}

}  // namespace bitscale::import

#endif  // BITSCALE_TESTS_SUPPORT_ONNX_FIXTURE_H_
