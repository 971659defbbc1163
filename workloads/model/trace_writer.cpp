#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

#include "arch/base/error.h"
#include "arch/base/file.h"
#include "arch/base/json_writer.h"
#include "workloads/model/checksum.h"
#include "workloads/model/npy.h"
#include "workloads/model/trace.h"
#include "workloads/model/trace_json.h"

namespace bitscale::model {
namespace {

using base::JsonWriter;

/// A file name made of the characters of `text` that every file system takes.
std::string file_stem(const std::string& text) {
  std::string stem;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '_' || c == '-';
    stem += plain ? c : '_';
  }
  return stem.substr(0, 100);
}

/// Every "file" a trace.json names.
void collect_files(const base::JsonValue& value, std::set<std::string>& files) {
  for (const base::JsonValue& item : value.items) collect_files(item, files);
  for (const base::JsonMember& member : value.members) {
    if (member.key == "file") files.insert(member.value.text);
    collect_files(member.value, files);
  }
}

/// Tensors of the trace a folder holds: plain names of .npy files. None where it holds no readable
/// one.
std::set<std::string> tensors_of(const std::filesystem::path& folder) {
  const std::filesystem::path document = folder / "trace.json";
  std::error_code ignored;
  if (!std::filesystem::exists(document, ignored)) return {};
  std::set<std::string> named, tensors;
  try {
    collect_files(base::parse_json_file(document), named);
  } catch (const base::UserError&) {
    return {};
  }
  for (const std::string& name : named) {
    const std::filesystem::path path = name;
    if (path.filename() == path && path.extension() == ".npy") tensors.insert(name);
  }
  return tensors;
}

class TraceWriter {
 public:
  TraceWriter(const std::filesystem::path& folder, const Trace& trace)
      : folder_(folder), graph_(trace.graph), trace_(trace) {}

  void write() {
    json_.begin_object().member("schema_version", kTraceSchemaVersion);
    json_.member("name", graph_.name).member("description", trace_.description);
    json_.member("licence", trace_.licence);
    ports("inputs", graph_.inputs);
    ports("outputs", graph_.outputs);
    if (trace_.samples) samples(*trace_.samples);
    json_.begin_array("values");
    for (const QuantizedValue& entry : graph_.values) value(entry);
    json_.end().begin_array("layers");
    for (const Layer& layer : graph_.network.layers) {
      json_.begin_object();
      write_layer_geometry(json_, layer);
      json_.end();
    }
    json_.end().begin_array("nodes");
    for (const QuantizedNode& entry : graph_.nodes) node(entry);
    json_.end().begin_array("float_macs");
    for (const FloatMacs& entry : graph_.float_macs) {
      json_.begin_object().member("node", entry.node).member("macs", entry.macs);
      json_.member("reason", entry.reason).end();
    }
    json_.end().end();
    const std::string text = json_.take();
    base::write_file_atomically(folder_ / "trace.json", text);
    base::write_file_atomically(folder_ / "trace.sha256", sha256(text) + "  trace.json\n");
  }

 private:
  void tensor(std::string_view key, const std::string& owner, const Tensor& tensor) {
    std::string file = file_stem(owner) + "." + std::string(key) + ".npy";
    for (int copy = 2; !files_.insert(file).second; ++copy) {
      file = file_stem(owner) + "-" + std::to_string(copy) + "." + std::string(key) + ".npy";
    }
    const std::string content = npy_content(tensor);
    base::write_file_atomically(folder_ / file, content);
    json_.begin_object(key).member("file", file);
    json_.member("dtype", kDTypeNames.name(tensor.dtype()));
    write_integers(json_, "dims", tensor.dims());
    json_.member("sha256", sha256(content)).end();
  }

  /// A number when there is one value, else a tensor of them.
  template <class T>
  void numbers(std::string_view key, const std::string& owner, const std::vector<T>& values) {
    if (values.size() == 1) {
      json_.member(key, values[0]);
    } else {
      tensor(key, owner, Tensor({static_cast<std::int64_t>(values.size())}, values));
    }
  }

  void ports(std::string_view key, const std::vector<Port>& ports) {
    json_.begin_array(key);
    for (const Port& port : ports) {
      json_.begin_object().member("value", graph_.value(port.value).name);
      json_.member("dtype", kDTypeNames.name(port.dtype));
      if (port.code_offset != 0) json_.member("code_offset", port.code_offset);
      json_.end();
    }
    json_.end();
  }

  void samples(const Samples& samples) {
    json_.begin_object("samples");
    tensor("inputs", "samples", samples.inputs);
    if (samples.labels) tensor("labels", "samples", *samples.labels);
    json_.end();
  }

  void value(const QuantizedValue& value) {
    json_.begin_object()
        .member("name", value.name)
        .member("kind", kValueKindNames.name(value.kind));
    write_integers(json_, "dims", value.dims);
    if (value.kind == ValueKind::Codes) {
      write_encoding(json_, value.format.encoding);
      json_.member("scale", value.format.scale);
    }
    if (value.constant) tensor("constant", value.name, *value.constant);
    json_.end();
  }

  void names(std::string_view key, const std::vector<int>& indices) {
    json_.begin_array(key);
    for (const int index : indices) json_.value(graph_.value(index).name);
    json_.end();
  }

  void node(const QuantizedNode& node) {
    json_.begin_object().member("name", node.name).member("op", kQuantizedOpNames.name(node.op));
    names("inputs", node.inputs);
    names("outputs", node.outputs);
    if (node.layer >= 0) json_.member("layer", node.layer);
    if (node.op == QuantizedOp::Mac) mac(node);
    if (node.op == QuantizedOp::Pool && node.count_include_pad) {
      json_.member("count_include_pad", true);
    }
    if (node.op == QuantizedOp::Requantize) json_.member("channel_axis", node.channel_axis);
    if (node.op == QuantizedOp::Move || node.op == QuantizedOp::Float) {
      json_.begin_object("attributes");
      write_attributes(json_, node.node.op, node.node.attributes);
      if (uses_quantizer(node.node.op))
        quantizer("quantizer", node.name, node.node.attributes.quantizer);
      json_.end();
    }
    if (node.pad_code != 0) json_.member("pad_code", node.pad_code);
    rule(node);
    json_.end();
  }

  void mac(const QuantizedNode& node) {
    json_.member("layout", kActLayoutNames.name(node.layout));
    if (graph_.layer(node).weights_are_activations()) return;
    json_.begin_object("weights");
    write_encoding(json_, node.weights.encoding);
    tensor("codes", node.name, node.weights.codes);
    if (!node.weights.zero_points.empty()) {
      tensor("zero_points", node.name, vector_tensor(node.weights.zero_points));
    }
    numbers("scales", node.name, node.weights.scales);
    json_.end();
    if (!node.bias.empty()) tensor("bias", node.name, vector_tensor(node.bias));
  }

  static Tensor vector_tensor(const std::vector<std::int64_t>& values) {
    return Tensor({static_cast<std::int64_t>(values.size())}, values);
  }

  static bool uses_quantizer(Operator op) {
    return op == Operator::QuantizeLinear || op == Operator::DequantizeLinear ||
           op == Operator::Quant || op == Operator::Trunc;
  }

  void quantizer(std::string_view key, const std::string& owner, const Quantizer& quantizer) {
    json_.begin_object(key);
    write_quantizer_kind(json_, quantizer);
    numbers("scales", owner, quantizer.scales);
    numbers("zero_points", owner, quantizer.zero_points);
    json_.end();
  }

  void rule(const QuantizedNode& node) {
    if (node.rule.kind == RequantizationKind::Thresholds) {
      const Thresholds& given = node.rule.thresholds;
      json_.begin_object("thresholds");
      const auto rows = static_cast<std::int64_t>(given.rows());
      tensor("values", node.name, Tensor({rows, given.count}, given.values));
      if (std::find(given.falling.begin(), given.falling.end(), true) != given.falling.end()) {
        tensor("falling", node.name, Tensor({rows}, given.falling));
      }
      if (given.first_code != 0) json_.member("first_code", given.first_code);
      json_.end();
    } else if (node.rule.kind == RequantizationKind::Chain) {
      chain(node);
    }
  }

  void chain(const QuantizedNode& node) {
    json_.begin_object("chain");
    if (node.rule.single_precision) json_.member("single_precision", true);
    json_.begin_array("steps");
    for (const ScalarStep& step : node.rule.steps) {
      json_.begin_object();
      numbers("factors", node.name, step.factors);
      numbers("offsets", node.name, step.offsets);
      if (step.low > -std::numeric_limits<double>::infinity()) json_.member("low", step.low);
      if (step.high < std::numeric_limits<double>::infinity()) json_.member("high", step.high);
      json_.end();
    }
    json_.end();
    if (node.rule.quantizer) quantizer("quantizer", node.name, *node.rule.quantizer);
    if (node.rule.levels) {
      const Levels& levels = *node.rule.levels;
      const auto rows = static_cast<std::int64_t>(levels.values.size()) / levels.count;
      json_.begin_object("levels");
      tensor("values", node.name, Tensor({rows, levels.count}, levels.values));
      json_.member("first_code", levels.first_code).end();
    }
    json_.end();
  }

  std::filesystem::path folder_;
  const QuantizedGraph& graph_;
  const Trace& trace_;
  std::set<std::string> files_;
  JsonWriter json_;
};

}  // namespace

void write_trace(const std::filesystem::path& folder, const Trace& trace) {
  const std::string problem = check_graph(trace.graph);
  BITSCALE_INVARIANT(problem.empty(), problem);
  std::set<std::string> names;
  for (const QuantizedValue& value : trace.graph.values) {
    BITSCALE_INVARIANT(names.insert(value.name).second, "two values named " + value.name);
  }
  if (trace.samples) check_samples(trace.graph, *trace.samples, folder.string());
  const std::set<std::string> former = tensors_of(folder);
  TraceWriter(folder, trace).write();
  // What the folder's former trace had and this one has not belongs to nobody now.
  const std::set<std::string> current = tensors_of(folder);
  for (const std::string& name : former) {
    std::error_code ignored;
    if (current.count(name) == 0) std::filesystem::remove(folder / name, ignored);
  }
}

}  // namespace bitscale::model
