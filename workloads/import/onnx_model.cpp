#include "workloads/import/onnx_model.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/stubs/logging.h>
#include <onnx/onnx_pb.h>

#include <set>
#include <utility>

#include "arch/base/error.h"
#include "workloads/import/onnx_tensor.h"
#include "workloads/model/npy.h"

namespace bitscale::import {
namespace {

namespace protobuf = google::protobuf;

/// protobuf's own limit, and that of ONNX files.
constexpr std::size_t kMaxFileBytes = (std::size_t{1} << 31) - 1;

template <class Message>
bool parse(std::string_view bytes, Message& message) {
  if (bytes.size() > kMaxFileBytes) return false;
  const protobuf::LogSilencer quiet;  // its messages name offsets nobody can use
  protobuf::io::ArrayInputStream stream(bytes.data(), static_cast<int>(bytes.size()));
  protobuf::io::CodedInputStream input(&stream);
  return message.ParseFromCodedStream(&input) && input.ConsumedEntireMessage();
}

OnnxValue convert_value(const onnx::ValueInfoProto& proto) {
  OnnxValue value;
  value.name = proto.name();
  if (!proto.type().has_tensor_type()) return value;
  const auto& type = proto.type().tensor_type();
  value.dtype = onnx_dtype(type.elem_type());
  if (!type.has_shape()) return value;
  model::Dims dims;
  for (const auto& dim : type.shape().dim()) {
    dims.push_back(dim.has_dim_value() && dim.dim_value() > 0 ? dim.dim_value() : -1);
  }
  value.dims = dims;
  return value;
}

/// A type that its contents contradict (a damaged file) is an error: reading on would take the
/// attribute for absent. A number or text without contents is 0 or "": proto3 writers omit those.
void check_contents(const onnx::AttributeProto& proto, const std::string& where) {
  using Proto = onnx::AttributeProto;
  const std::pair<Proto::AttributeType, bool> contents[] = {
      {Proto::INT, proto.has_i()},
      {Proto::FLOAT, proto.has_f()},
      {Proto::STRING, proto.has_s()},
      {Proto::TENSOR, proto.has_t()},
      {Proto::INTS, proto.ints_size() > 0},
      {Proto::FLOATS, proto.floats_size() > 0},
      {Proto::GRAPH, proto.has_g()},
      {Proto::STRINGS, proto.strings_size() > 0},
      {Proto::GRAPHS, proto.graphs_size() > 0},
      {Proto::TENSORS, proto.tensors_size() > 0}};
  for (const auto& [type, present] : contents) {
    if (!present || type == proto.type()) continue;
    throw base::UserError(where, "holds " + Proto::AttributeType_Name(type) + ", but its type is " +
                                     Proto::AttributeType_Name(proto.type()));
  }
}

OnnxAttribute convert_attribute(const onnx::AttributeProto& proto, const std::string& where,
                                const std::filesystem::path& folder) {
  check_contents(proto, where);
  OnnxAttribute attribute;
  attribute.type = onnx::AttributeProto::AttributeType_Name(proto.type());
  switch (proto.type()) {
    case onnx::AttributeProto::INT:
      attribute.integer = proto.i();
      break;
    case onnx::AttributeProto::FLOAT:
      attribute.real = static_cast<double>(proto.f());
      break;
    case onnx::AttributeProto::STRING:
      attribute.text = proto.s();
      break;
    case onnx::AttributeProto::TENSOR:
      attribute.tensor = convert_tensor(proto.t(), where, folder);
      break;
    case onnx::AttributeProto::INTS:
      attribute.integers.assign(proto.ints().begin(), proto.ints().end());
      break;
    case onnx::AttributeProto::FLOATS:
      attribute.reals.assign(proto.floats().begin(), proto.floats().end());
      break;
    default:
      break;  // subgraphs and strings: their operators are unsupported anyway
  }
  return attribute;
}

class ModelConverter {
 public:
  ModelConverter(const std::string& file, const std::filesystem::path& folder)
      : file_(file), folder_(folder) {}

  OnnxModel convert(const onnx::ModelProto& proto) {
    model_.file = file_;
    check_versions(proto);
    const onnx::GraphProto& graph = proto.graph();
    if (graph.node_size() == 0) fail("has no nodes: not an ONNX model, or an empty one");
    if (graph.sparse_initializer_size() > 0) fail("sparse initializers are not supported");
    model_.graph_name = graph.name();
    for (const auto& entry : graph.initializer()) {
      const std::string where = file_ + ": initializer '" + entry.name() + "'";
      if (!model_.initializers.emplace(entry.name(), convert_tensor(entry, where, folder_))
               .second) {
        throw base::UserError(where, "exists twice");
      }
    }
    for (const auto& entry : graph.input()) model_.inputs.push_back(convert_value(entry));
    for (const auto& entry : graph.output()) model_.outputs.push_back(convert_value(entry));
    for (const auto& entry : graph.value_info()) {
      model_.value_info[entry.name()] = convert_value(entry);
    }
    for (const auto& entry : graph.quantization_annotation()) annotation(entry);
    for (const auto& entry : graph.node()) node(entry);
    if (model_.outputs.empty()) fail("has no outputs");
    note_domains(proto);
    note_halves(graph);
    return std::move(model_);
  }

 private:
  [[noreturn]] void fail(const std::string& what) const { throw base::UserError(file_, what); }

  void check_versions(const onnx::ModelProto& proto) {
    const auto ir = proto.ir_version();
    if (ir < kMinIrVersion || ir > kMaxIrVersion) {
      fail("IR version " + std::to_string(ir) + " is not supported (3 to 9 are)");
    }
    for (const auto& entry : proto.opset_import()) {
      const bool standard = entry.domain().empty() || entry.domain() == "ai.onnx";
      if (!standard) continue;
      if (entry.version() < kMinOpset || entry.version() > kMaxOpset) {
        fail("opset " + std::to_string(entry.version()) + " is not supported (7 to 18 are)");
      }
      model_.opset = static_cast<int>(entry.version());
    }
    if (model_.opset == 0) fail("imports no version of the standard operators");
  }

  /// ONNX wants every domain imported with a version; what trains QONNX networks often leaves out
  /// its own, of which there is one version only.
  void note_domains(const onnx::ModelProto& proto) {
    std::map<std::string, std::vector<std::string>> nodes;
    for (const OnnxNode& node : model_.nodes) {
      if (!node.domain.empty() && node.domain != "ai.onnx") nodes[node.domain].push_back(node.name);
    }
    for (const auto& entry : proto.opset_import()) nodes.erase(entry.domain());
    for (const auto& [domain, names] : nodes) {
      model_.notes.push_back("opset_import lists no version of domain '" + domain + "' (" +
                             std::to_string(names.size()) + " nodes, the first '" + names.front() +
                             "'): read as version 1");
    }
  }

  /// Halves are widened on reading, whatever they stand beside.
  void note_halves(const onnx::GraphProto& graph) {
    constexpr auto kHalf = onnx::TensorProto::FLOAT16;
    std::vector<std::string> names;
    for (const auto& entry : graph.input()) {
      const bool given = model_.initializers.count(entry.name()) == 0;
      if (given && entry.type().tensor_type().elem_type() == kHalf) names.push_back(entry.name());
    }
    for (const auto& entry : graph.initializer()) {
      if (entry.data_type() == kHalf) names.push_back(entry.name());
    }
    for (const auto& node : graph.node()) {
      for (const auto& entry : node.attribute()) {
        if (entry.t().data_type() == kHalf && node.output_size() > 0) {
          names.push_back(node.output(0));
        }
      }
    }
    if (names.empty()) return;
    model_.notes.push_back(std::to_string(names.size()) + " tensors are float16 (the first '" +
                           names.front() +
                           "'): read as float32, also where ONNX wants one type, and all "
                           "arithmetic on them is float32");
  }

  void annotation(const onnx::TensorAnnotation& proto) {
    for (const auto& entry : proto.quant_parameter_tensor_names()) {
      if (entry.key() == "finn_datatype") model_.datatypes[proto.tensor_name()] = entry.value();
    }
  }

  void node(const onnx::NodeProto& proto) {
    OnnxNode node;
    node.op = proto.op_type();
    node.domain = proto.domain();
    node.name =
        proto.name().empty() ? node.op + "_" + std::to_string(model_.nodes.size()) : proto.name();
    if (!names_.insert(node.name).second) {
      node.name += "_" + std::to_string(model_.nodes.size());
      names_.insert(node.name);
    }
    node.inputs.assign(proto.input().begin(), proto.input().end());
    node.outputs.assign(proto.output().begin(), proto.output().end());
    for (const auto& entry : proto.attribute()) {
      const std::string where =
          file_ + ": node '" + node.name + "', attribute '" + entry.name() + "'";
      if (!node.attributes.emplace(entry.name(), convert_attribute(entry, where, folder_)).second) {
        throw base::UserError(where, "exists twice");
      }
    }
    model_.nodes.push_back(std::move(node));
  }

  std::string file_;
  std::filesystem::path folder_;
  std::set<std::string> names_;
  OnnxModel model_;
};

}  // namespace

OnnxModel parse_onnx_model(std::string_view bytes, const std::string& file,
                           const std::filesystem::path& folder) {
  onnx::ModelProto proto;
  if (!parse(bytes, proto)) {
    throw base::UserError(file, "is no complete ONNX model (truncated, damaged or another format)");
  }
  return ModelConverter(file, folder).convert(proto);
}

OnnxModel read_onnx_model(const std::filesystem::path& path) {
  const model::MappedFile file = model::map_file(path);
  const std::filesystem::path folder = path.has_parent_path() ? path.parent_path() : ".";
  return parse_onnx_model(file.text(), path.string(), folder);
}

model::Tensor read_onnx_tensor(const std::filesystem::path& path) {
  const model::MappedFile file = model::map_file(path);
  onnx::TensorProto proto;
  if (!parse(file.text(), proto)) {
    throw base::UserError(path.string(), "is no complete ONNX tensor");
  }
  const std::filesystem::path folder = path.has_parent_path() ? path.parent_path() : ".";
  return convert_tensor(proto, path.string(), folder);
}

}  // namespace bitscale::import
