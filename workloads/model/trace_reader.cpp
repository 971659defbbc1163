#include <map>
#include <set>
#include <string_view>
#include <utility>

#include "arch/base/error.h"
#include "arch/base/file.h"
#include "arch/base/json_reader.h"
#include "workloads/model/checksum.h"
#include "workloads/model/finite_checks.h"
#include "workloads/model/fixed_batch.h"
#include "workloads/model/geometry_checks.h"
#include "workloads/model/npy.h"
#include "workloads/model/quantized_checks.h"
#include "workloads/model/shape.h"
#include "workloads/model/trace.h"
#include "workloads/model/trace_json.h"

namespace bitscale::model {
namespace {

using base::JsonReader;

constexpr std::uintmax_t kMaxTraceBytes = 256u << 20;

class TraceReader {
 public:
  TraceReader(const std::filesystem::path& folder, base::Problems& problems)
      : folder_(folder), problems_(problems) {}

  Trace read(JsonReader reader) {
    reader.schema_version(kTraceSchemaVersion);
    Trace trace;
    QuantizedGraph& graph = trace.graph;
    graph.name = reader.string("name");
    graph.network.name = graph.name;
    trace.description = reader.string("description");
    graph.network.description = trace.description;
    trace.licence = reader.string("licence");
    for (JsonReader& item : reader.array("values")) graph.values.push_back(value(item));
    graph.inputs = ports(reader, "inputs");
    graph.outputs = ports(reader, "outputs");
    std::set<std::string> layers;
    for (JsonReader& item : reader.array("layers")) {
      graph.network.layers.push_back(read_layer_geometry(item));
      check_name(item, "layer", graph.network.layers.back().name, layers);
      item.finish();
    }
    std::set<std::string> nodes;
    for (JsonReader& item : reader.array("nodes")) {
      graph.nodes.push_back(node(item));
      check_name(item, "node", graph.nodes.back().name, nodes);
    }
    for (JsonReader& item : reader.array("float_macs", false)) {
      graph.float_macs.push_back({item.string("node"),
                                  item.integer("macs", {0, std::int64_t{1} << 60}),
                                  item.string("reason")});
      item.finish();
    }
    if (reader.has("samples")) trace.samples = samples(reader);
    reader.finish();
    return trace;
  }

 private:
  /// Reports and figures name layers and nodes, so each has a name of its own.
  static void check_name(JsonReader& reader, const char* what, const std::string& name,
                         std::set<std::string>& taken) {
    if (!reader.has("name")) return;
    if (name.empty()) {
      reader.problem(std::string("a ") + what + " needs a name", "name");
    } else if (!taken.insert(name).second) {
      reader.problem(std::string("a ") + what + " named '" + name + "' exists already", "name");
    }
  }

  QuantizedValue value(JsonReader& reader) {
    QuantizedValue value;
    value.name = reader.string("name");
    value.kind = reader.one_of("kind", kValueKindNames);
    value.dims = read_integers(reader, "dims", {0, kMaxElements});
    if (value.kind == ValueKind::Codes) {
      value.format.encoding = read_encoding(reader);
      value.format.scale = reader.number("scale", base::kPositive);
    }
    if (reader.has("constant")) {
      value.constant = tensor(reader, "constant");
      const std::string problem = non_finite_text(*value.constant);
      if (!problem.empty()) reader.problem("'" + value.name + "' " + problem, "constant");
    }
    const int index = static_cast<int>(indices_.size());
    if (!indices_.emplace(value.name, index).second) {
      reader.problem("a value named '" + value.name + "' exists already", "name");
    }
    reader.finish();
    return value;
  }

  /// The tensor member `key`: its file is checked against element type, shape and checksum.
  Tensor tensor(JsonReader& parent, std::string_view key) {
    JsonReader reader = parent.object(key);
    const std::string file = reader.string("file");
    const DType dtype = reader.one_of("dtype", kDTypeNames);
    const Dims dims = read_integers(reader, "dims", {0, kMaxElements});
    const std::string expected = reader.string("sha256");
    reader.finish();
    if (file.empty() || file.find('/') != std::string::npos || file[0] == '.') {
      reader.problem("must name a file of the trace's own folder, given '" + file + "'", "file");
      return Tensor(dtype, {0});
    }
    const std::filesystem::path path = folder_ / file;
    std::error_code code;  // a link may not lead out of the folder either
    if (std::filesystem::weakly_canonical(path, code).parent_path() !=
        std::filesystem::weakly_canonical(folder_, code)) {
      reader.problem("must be a file of the trace's own folder; '" + file + "' is a link out of it",
                     "file");
      return Tensor(dtype, {0});
    }
    const MappedFile mapped = map_file(path);
    const std::string actual = sha256(mapped.text());
    if (actual != expected) {
      problems_.add(path.string(), "was changed: its SHA-256 is " + actual + ", trace.json says " +
                                       expected.substr(0, 80));
      return Tensor(dtype, {0});
    }
    Tensor found = parse_npy(mapped, path.string());
    if (found.dtype() != dtype || found.dims() != dims) {
      problems_.add(path.string(), "holds " + std::string(kDTypeNames.name(found.dtype())) + " " +
                                       dims_text(found.dims()) + ", trace.json says " +
                                       std::string(kDTypeNames.name(dtype)) + " " +
                                       dims_text(dims));
    }
    return found;
  }

  template <class T>
  std::vector<T> elements(JsonReader& parent, std::string_view key) {
    const Tensor found = tensor(parent, key);
    std::vector<T> values;
    if (found.dtype() != dtype_of<T>()) {
      parent.problem("must hold " + std::string(kDTypeNames.name(dtype_of<T>())), key);
      return values;
    }
    const T* data = found.data<T>();
    values.assign(data, data + found.elements());
    return values;
  }

  /// What TraceWriter::numbers wrote.
  template <class T>
  std::vector<T> numbers(JsonReader& reader, std::string_view key) {
    const base::JsonValue* member = reader.value().find(key);
    if (member != nullptr && member->kind == base::JsonValue::Kind::Object) {
      return elements<T>(reader, key);
    }
    if constexpr (std::is_integral_v<T>) {
      return {reader.integer(key, {})};
    } else {
      return {reader.number(key, {})};
    }
  }

  int index_of(JsonReader& reader, const std::string& name) {
    const auto found = indices_.find(name);
    if (found != indices_.end()) return found->second;
    reader.problem("no value is named '" + name + "'");
    return 0;
  }

  std::vector<int> indices(JsonReader& reader, std::string_view key) {
    std::vector<int> list;
    for (JsonReader& item : reader.array(key)) list.push_back(index_of(item, item.as_string()));
    return list;
  }

  std::vector<Port> ports(JsonReader& reader, std::string_view key) {
    std::vector<Port> list;
    for (JsonReader& item : reader.array(key)) {
      Port port;
      port.value = index_of(item, item.string("value"));
      port.dtype = item.one_of("dtype", kDTypeNames);
      port.code_offset = item.integer("code_offset", {0, 65536}, 0);
      item.finish();
      list.push_back(port);
    }
    if (list.empty()) reader.problem("at least one is needed", key);
    return list;
  }

  Samples samples(JsonReader& parent) {
    JsonReader reader = parent.object("samples");
    Samples samples;
    samples.inputs = tensor(reader, "inputs");
    if (reader.has("labels")) samples.labels = tensor(reader, "labels");
    reader.finish();
    return samples;
  }

  QuantizedNode node(JsonReader& reader) {
    QuantizedNode node;
    node.name = reader.string("name");
    node.op = reader.one_of("op", kQuantizedOpNames);
    node.inputs = indices(reader, "inputs");
    node.outputs = indices(reader, "outputs");
    node.layer = static_cast<int>(reader.integer("layer", {0, kMaxLayers}, -1));
    if (node.op == QuantizedOp::Mac) mac(reader, node);
    if (node.op == QuantizedOp::Pool) {
      node.count_include_pad = reader.boolean("count_include_pad", false);
    }
    if (node.op == QuantizedOp::Requantize) {
      node.channel_axis = static_cast<int>(reader.integer("channel_axis", {0, 31}));
    }
    if (node.op == QuantizedOp::Move || node.op == QuantizedOp::Float) {
      JsonReader attributes = reader.object("attributes");
      node.node.op = read_attributes(attributes, node.node.attributes);
      node.node.name = node.name;
      if (attributes.has("quantizer")) {
        node.node.attributes.quantizer = quantizer(attributes, "quantizer");
      }
      attributes.finish();
    }
    node.pad_code = reader.integer("pad_code", {-65536, 65536}, 0);
    rule(reader, node.rule);
    reader.finish();
    return node;
  }

  void mac(JsonReader& reader, QuantizedNode& node) {
    node.layout = reader.one_of("layout", kActLayoutNames);
    if (reader.has("weights")) {
      JsonReader weights = reader.object("weights");
      node.weights.encoding = read_encoding(weights);
      node.weights.codes = tensor(weights, "codes");
      if (weights.has("zero_points")) {
        node.weights.zero_points = elements<std::int64_t>(weights, "zero_points");
      }
      node.weights.scales = numbers<double>(weights, "scales");
      weights.finish();
    }
    if (reader.has("bias")) node.bias = elements<std::int64_t>(reader, "bias");
  }

  Quantizer quantizer(JsonReader& parent, std::string_view key) {
    JsonReader reader = parent.object(key);
    Quantizer quantizer;
    read_quantizer_kind(reader, quantizer);
    quantizer.scales = numbers<double>(reader, "scales");
    quantizer.zero_points = numbers<std::int64_t>(reader, "zero_points");
    const std::string problem = quantizer.problem();
    if (!problem.empty()) reader.problem(problem);
    reader.finish();
    return quantizer;
  }

  void rule(JsonReader& parent, Requantization& rule) {
    if (parent.has("thresholds")) {
      rule.kind = RequantizationKind::Thresholds;
      JsonReader reader = parent.object("thresholds");
      const Tensor values = rows(reader);
      if (values.dims().size() == 2) {
        rule.thresholds.count = values.dims()[1];
        rule.thresholds.values = values.integers();
        rule.thresholds.falling.assign(static_cast<std::size_t>(values.dims()[0]), false);
      }
      if (reader.has("falling")) rule.thresholds.falling = elements<bool>(reader, "falling");
      rule.thresholds.first_code = reader.integer("first_code", {-65536, 65536}, 0);
      reader.finish();
    } else if (parent.has("chain")) {
      rule.kind = RequantizationKind::Chain;
      JsonReader reader = parent.object("chain");
      chain(reader, rule);
      reader.finish();
    }
  }

  /// Member "values": [rows, count] of int64.
  Tensor rows(JsonReader& reader) {
    Tensor values = tensor(reader, "values");
    if (values.dims().size() == 2 && values.elements() > 0 && values.dtype() == DType::Int64) {
      return values;
    }
    reader.problem("must be rows x count int64 values", "values");
    return Tensor(DType::Int64, {0});
  }

  void chain(JsonReader& reader, Requantization& rule) {
    rule.single_precision = reader.boolean("single_precision", false);
    for (JsonReader& item : reader.array("steps")) {
      ScalarStep step;
      step.factors = numbers<double>(item, "factors");
      step.offsets = numbers<double>(item, "offsets");
      step.low = item.number("low", {}, step.low);
      step.high = item.number("high", {}, step.high);
      item.finish();
      rule.steps.push_back(std::move(step));
    }
    if (reader.has("quantizer")) rule.quantizer = quantizer(reader, "quantizer");
    if (reader.has("levels")) {
      JsonReader levels = reader.object("levels");
      const Tensor values = tensor(levels, "values");
      if (values.dims().size() != 2 || values.elements() == 0) {
        levels.problem("must be rows x count values", "values");
      } else {
        rule.levels = Levels{values.dims()[1], values.reals(), 0};
        rule.levels->first_code = levels.integer("first_code", {-65536, 65536}, 0);
      }
      levels.finish();
    }
  }

  std::filesystem::path folder_;
  base::Problems& problems_;
  std::map<std::string, int> indices_;
};

/// trace.json's own checksum, as sha256sum wrote it.
void verify_document(const std::filesystem::path& document, std::string_view text) {
  std::filesystem::path list = document;
  list.replace_extension(".sha256");
  const std::string expected = base::read_text_file(list, 4096);
  const std::string actual = sha256(text) + "  " + document.filename().string() + "\n";
  if (expected == actual) return;
  throw base::UserError(document.string(), "was changed: its SHA-256 is " + actual.substr(0, 64) +
                                               ", " + list.filename().string() + " says " +
                                               expected.substr(0, 64));
}

}  // namespace

bool is_trace(const std::filesystem::path& path) {
  std::error_code ignored;
  return path.filename() == "trace.json" || std::filesystem::exists(path / "trace.json", ignored);
}

Trace read_trace(const std::filesystem::path& path) {
  const bool is_folder = path.filename() != "trace.json";
  const std::filesystem::path document = is_folder ? path / "trace.json" : path;
  const MappedFile mapped = map_file(document);
  if (mapped.size > kMaxTraceBytes) {
    throw base::UserError(document.string(),
                          "larger than the limit of " + std::to_string(kMaxTraceBytes) + " bytes");
  }
  const std::string_view text = mapped.text();
  verify_document(document, text);
  const base::JsonValue root = base::parse_json(text, document.string());
  base::Problems problems;
  Trace trace = TraceReader(document.parent_path(), problems).read(JsonReader(root, problems));
  problems.throw_if_any();
  const base::Problem found = graph_problem(trace.graph);
  const bool sound = found.message.empty();
  check_layer_geometry(trace.graph, document.string(), sound, problems);
  problems.throw_if_any();
  if (!sound) throw base::UserError(document.string() + ":" + found.where, found.message);
  if (trace.samples) check_samples(trace.graph, *trace.samples, document.string());
  return trace;
}

void check_samples(const QuantizedGraph& graph, const Samples& samples, const std::string& where) {
  const Port& port = graph.inputs.front();
  const std::int64_t batch = samples_per_run(graph);
  const Dims sample = sample_shape(graph.value(port.value).dims, batch);
  const Dims& dims = samples.inputs.dims();
  const bool same_shape = !dims.empty() && Dims(dims.begin() + 1, dims.end()) == sample;
  if (!same_shape || samples.inputs.dtype() != port.dtype) {
    throw base::UserError(
        where, "inputs are " + std::string(kDTypeNames.name(samples.inputs.dtype())) + " " +
                   dims_text(dims) + ", the network takes " +
                   std::string(kDTypeNames.name(port.dtype)) + " [samples] + " + dims_text(sample));
  }
  if (dims[0] % batch != 0) {
    throw base::UserError(where, "inputs are " + std::to_string(dims[0]) +
                                     " samples, the network runs batches of " +
                                     std::to_string(batch));
  }
  if (!samples.labels) return;
  const Tensor& labels = *samples.labels;
  if (is_float(labels.dtype()) || labels.dims() != Dims{dims[0]}) {
    throw base::UserError(where, "labels are " + std::string(kDTypeNames.name(labels.dtype())) +
                                     " " + dims_text(labels.dims()) + ", " +
                                     std::to_string(dims[0]) + " samples need integers [" +
                                     std::to_string(dims[0]) + "]");
  }
}

}  // namespace bitscale::model
