#include "workloads/export/qonnx_writer.h"

#include <onnx/onnx_pb.h>

#include <algorithm>
#include <set>
#include <vector>

#include "arch/base/error.h"
#include "arch/base/file.h"

namespace bitscale::exporting {
namespace {

using model::Dims;
using model::Graph;
using model::Node;
using model::Operator;
using model::Quantizer;
using model::Tensor;

constexpr const char* kQuantDomain = "qonnx.custom_op.general";
constexpr int kIrVersion = 8, kOpset = 13;

/// QONNX knows the roundings under these names.
std::string rounding_name(model::Rounding rounding) {
  std::string name(model::kRoundingNames.name(rounding));
  std::transform(name.begin(), name.end(), name.begin(),
                 [](char c) { return static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c); });
  return name;
}

bool is_known(Operator op) {
  switch (op) {
    case Operator::Conv:
    case Operator::Gemm:
    case Operator::MatMul:
    case Operator::BatchNormalization:
    case Operator::Relu:
    case Operator::Clip:
    case Operator::Add:
    case Operator::Sub:
    case Operator::Mul:
    case Operator::MaxPool:
    case Operator::AveragePool:
    case Operator::Reshape:
    case Operator::Transpose:
    case Operator::Concat:
    case Operator::Softmax:
    case Operator::Quant:
      return true;
    default:
      return false;
  }
}

class QonnxWriter {
 public:
  explicit QonnxWriter(const Graph& graph) : graph_(graph) {
    for (const model::Value& value : graph.values) taken_.insert(value.name);
    std::set<std::string> given;
    for (std::size_t i = 0; i < graph.values.size(); ++i) {
      const std::string& name = graph.values[i].name;
      const bool first = !name.empty() && given.insert(name).second;
      names_.push_back(first ? name : fresh(name + "_" + std::to_string(i)));
    }
  }

  std::string bytes() {
    refuse_unknown();
    model_.set_ir_version(kIrVersion);
    model_.set_producer_name("bitscale");
    add_opset("", kOpset);
    add_opset(kQuantDomain, 1);
    proto_ = model_.mutable_graph();
    proto_->set_name(graph_.name.empty() ? "network" : graph_.name);
    for (const int input : graph_.inputs) declare(proto_->add_input(), input);
    for (const int output : graph_.outputs) declare(proto_->add_output(), output);
    for (const Node& node : graph_.nodes) add_node(node);
    return model_.SerializeAsString();
  }

 private:
  void refuse_unknown() const {
    base::Problems problems;
    for (const Node& node : graph_.nodes) {
      if (is_known(node.op)) continue;
      problems.add(graph_.name, "operator " + std::string(model::kOperatorNames.name(node.op)) +
                                    " of node '" + node.name + "' cannot be written as QONNX");
    }
    problems.throw_if_any();
  }

  void add_opset(const std::string& domain, int version) {
    onnx::OperatorSetIdProto* opset = model_.add_opset_import();
    opset->set_domain(domain);
    opset->set_version(version);
  }

  /// A name that no tensor of the file has yet: what a user called theirs can be any of ours.
  std::string fresh(const std::string& wanted) {
    std::string name = wanted;
    for (int copy = 2; !taken_.insert(name).second; ++copy) {
      name = wanted + "_" + std::to_string(copy);
    }
    return name;
  }

  const std::string& name(int value) const { return names_[static_cast<std::size_t>(value)]; }

  void declare(onnx::ValueInfoProto* info, int value) {
    info->set_name(name(value));
    auto* tensor = info->mutable_type()->mutable_tensor_type();
    tensor->set_elem_type(onnx::TensorProto::FLOAT);
    for (const std::int64_t extent : graph_.value(value).dims) {
      tensor->mutable_shape()->add_dim()->set_dim_value(extent);
    }
  }

  void add_floats(const std::string& name, const Dims& dims, const std::vector<double>& values) {
    onnx::TensorProto* tensor = proto_->add_initializer();
    tensor->set_name(name);
    tensor->set_data_type(onnx::TensorProto::FLOAT);
    for (const std::int64_t extent : dims) tensor->add_dims(extent);
    for (const double value : values) tensor->add_float_data(static_cast<float>(value));
  }

  void add_integers(const std::string& name, const std::vector<std::int64_t>& values) {
    onnx::TensorProto* tensor = proto_->add_initializer();
    tensor->set_name(name);
    tensor->set_data_type(onnx::TensorProto::INT64);
    tensor->add_dims(static_cast<std::int64_t>(values.size()));
    for (const std::int64_t value : values) tensor->add_int64_data(value);
  }

  void attribute(onnx::NodeProto* node, const char* key, std::int64_t value) {
    onnx::AttributeProto* made = node->add_attribute();
    made->set_name(key);
    made->set_type(onnx::AttributeProto::INT);
    made->set_i(value);
  }
  void attribute(onnx::NodeProto* node, const char* key, float value) {
    onnx::AttributeProto* made = node->add_attribute();
    made->set_name(key);
    made->set_type(onnx::AttributeProto::FLOAT);
    made->set_f(value);
  }
  void attribute(onnx::NodeProto* node, const char* key, const std::string& value) {
    onnx::AttributeProto* made = node->add_attribute();
    made->set_name(key);
    made->set_type(onnx::AttributeProto::STRING);
    made->set_s(value);
  }
  void attribute(onnx::NodeProto* node, const char* key, const std::vector<std::int64_t>& values) {
    onnx::AttributeProto* made = node->add_attribute();
    made->set_name(key);
    made->set_type(onnx::AttributeProto::INTS);
    for (const std::int64_t value : values) made->add_ints(value);
  }

  /// A constant becomes an initializer when it is first read; on a grid, a Quant behind it.
  std::string read(int value) {
    if (value == model::kNoValue) return "";
    const model::Value& entry = graph_.value(value);
    if (!entry.constant) return name(value);
    if (written_.insert(value).second) {
      const std::string given = entry.grid ? fresh(name(value) + ".values") : name(value);
      add_floats(given, entry.dims, entry.constant->reals());
      if (entry.grid) add_quant(given, name(value), entry.dims, *entry.grid);
    }
    return name(value);
  }

  void add_quant(const std::string& input, const std::string& output, const Dims& dims,
                 const Quantizer& quantizer) {
    const auto parameter_dims = [&](std::size_t count) {
      if (count == 1) return Dims{};
      Dims shape(dims.size(), 1);
      shape[static_cast<std::size_t>(quantizer.axis)] = static_cast<std::int64_t>(count);
      return shape;
    };
    const std::string scale = fresh(output + ".scale");
    add_floats(scale, parameter_dims(quantizer.scales.size()), quantizer.scales);
    onnx::NodeProto* node = proto_->add_node();
    node->set_name(output + ".quant");
    node->set_domain(kQuantDomain);
    node->set_op_type(quantizer.bipolar ? "BipolarQuant" : "Quant");
    node->add_input(input);
    node->add_input(scale);
    node->add_output(output);
    if (quantizer.bipolar) return;
    const std::vector<double> zeros(quantizer.zero_points.begin(), quantizer.zero_points.end());
    const std::string zero_point = fresh(output + ".zero_point"), bits = fresh(output + ".bits");
    add_floats(zero_point, parameter_dims(zeros.size()), zeros);
    add_floats(bits, {}, {static_cast<double>(quantizer.format.bits)});
    node->add_input(zero_point);
    node->add_input(bits);
    attribute(node, "signed", std::int64_t{quantizer.format.is_signed ? 1 : 0});
    attribute(node, "narrow", std::int64_t{quantizer.narrow ? 1 : 0});
    attribute(node, "rounding_mode", rounding_name(quantizer.rounding));
  }

  void add_window(onnx::NodeProto* proto, const Node& node) {
    const model::Window& window = node.attributes.window;
    attribute(proto, "kernel_shape",
              std::vector<std::int64_t>(window.kernel.begin(), window.kernel.end()));
    attribute(proto, "strides",
              std::vector<std::int64_t>(window.strides.begin(), window.strides.end()));
    attribute(proto, "pads",
              std::vector<std::int64_t>{window.pad_top, window.pad_left, window.pad_bottom,
                                        window.pad_right});
    if (node.op != Operator::AveragePool) {
      attribute(proto, "dilations",
                std::vector<std::int64_t>(window.dilations.begin(), window.dilations.end()));
    } else {
      attribute(proto, "count_include_pad", std::int64_t{window.count_include_pad ? 1 : 0});
    }
    if (node.op == Operator::Conv) attribute(proto, "group", window.groups);
  }

  void add_attributes(onnx::NodeProto* proto, const Node& node) {
    const model::Attributes& given = node.attributes;
    switch (node.op) {
      case Operator::Conv:
      case Operator::MaxPool:
      case Operator::AveragePool:
        add_window(proto, node);
        break;
      case Operator::Gemm:
        attribute(proto, "alpha", static_cast<float>(given.alpha));
        attribute(proto, "beta", static_cast<float>(given.beta));
        attribute(proto, "transA", std::int64_t{given.transpose_a ? 1 : 0});
        attribute(proto, "transB", std::int64_t{given.transpose_b ? 1 : 0});
        break;
      case Operator::BatchNormalization:
        attribute(proto, "epsilon", static_cast<float>(given.epsilon));
        break;
      case Operator::Transpose:
        attribute(proto, "perm", given.list);
        break;
      case Operator::Concat:
      case Operator::Softmax:
        attribute(proto, "axis", given.axis);
        break;
      default:
        break;
    }
  }

  void add_node(const Node& node) {
    const std::string output = name(node.outputs[0]);
    if (node.op == Operator::Quant) {
      const model::Value& source = graph_.value(node.inputs[0]);
      add_quant(read(node.inputs[0]), output, source.dims, node.attributes.quantizer);
      return;
    }
    std::vector<std::string> inputs;
    for (const int input : node.inputs) inputs.push_back(read(input));
    if (node.op == Operator::Reshape) {
      inputs.resize(1);
      inputs.push_back(fresh(output + ".shape"));
      add_integers(inputs.back(), node.attributes.list);
    }
    if (node.op == Operator::Clip) {
      inputs = {inputs[0], fresh(output + ".low"), fresh(output + ".high")};
      add_floats(inputs[1], {}, {node.attributes.low});
      add_floats(inputs[2], {}, {node.attributes.high});
    }
    onnx::NodeProto* proto = proto_->add_node();
    proto->set_name(node.name);
    proto->set_op_type(std::string(model::kOperatorNames.name(node.op)));
    for (const std::string& input : inputs) proto->add_input(input);
    proto->add_output(output);
    add_attributes(proto, node);
  }

  const Graph& graph_;
  std::vector<std::string> names_;
  std::set<std::string> taken_;
  std::set<int> written_;
  onnx::ModelProto model_;
  onnx::GraphProto* proto_ = nullptr;
};

}  // namespace

std::string qonnx_bytes(const Graph& graph) { return QonnxWriter(graph).bytes(); }

void write_qonnx(const std::filesystem::path& path, const Graph& graph) {
  base::write_file_atomically(path, qonnx_bytes(graph));
}

}  // namespace bitscale::exporting
