#include "workloads/model/network.h"

#include <algorithm>
#include <optional>
#include <unordered_map>

#include "arch/base/is_sound.h"
#include "workloads/model/layer_reader.h"
#include "workloads/model/shape.h"

namespace bitscale::model {
namespace {

using base::JsonReader;
using base::JsonWriter;

constexpr const char* kNetworkInput = "input";

Shape network_input(const Network& network) {
  return {network.input_channels, network.input_height, network.input_width};
}

Shape operand_shape(const Network& network, int producer) {
  return producer < 0 ? network_input(network)
                      : output_shape(network.layers[static_cast<std::size_t>(producer)]);
}

/// Reads layers one after another; a layer whose shape is unknown silences those that depend on it.
class LayerListReader {
 public:
  /// `input_known`: the network's input was read without a problem.
  LayerListReader(Network& network, bool input_known, std::vector<JsonReader> readers)
      : network_(network), input_known_(input_known), readers_(std::move(readers)) {
    for (const JsonReader& reader : readers_) {
      const base::JsonValue* name = reader.value().find("name");
      all_names_.push_back(name == nullptr ? "" : name->text);
    }
  }

  void read_all() {
    for (std::size_t i = 0; i < readers_.size(); ++i) read_one(i);
  }

 private:
  void read_one(std::size_t index) {
    JsonReader& reader = readers_[index];
    LayerText text = read_layer(reader);
    const bool sound = base::is_sound(reader, [](JsonReader& alone) { read_layer(alone); });
    const bool inputs_known = resolve_inputs(index, text);
    shaped_.push_back(sound && inputs_known && infer(reader, text));
    add_name(index, text.layer.name);
    network_.layers.push_back(std::move(text.layer));
  }

  void add_name(std::size_t index, const std::string& name) {
    if (name.empty()) return;
    if (name == kNetworkInput) {
      readers_[index].problem("'input' names the network's input", "name");
    } else if (!by_name_.emplace(name, static_cast<int>(index)).second) {
      readers_[index].problem("a second layer is named '" + name + "'", "name");
    }
  }

  /// Finds the producers; true when the shapes of all of them are known.
  bool resolve_inputs(std::size_t index, LayerText& text) {
    Layer& layer = text.layer;
    if (text.has_own_input) {
      layer.inputs = {-1};
    } else if (text.inputs.empty()) {
      layer.inputs = {static_cast<int>(index) - 1};
    }
    for (std::size_t i = 0; i < text.inputs.size(); ++i) {
      const std::optional<int> producer = find(index, text.inputs[i], text.input_readers[i]);
      if (!producer) return false;
      layer.inputs.push_back(*producer);
    }
    if (!right_count(readers_[index], layer)) return false;
    if (text.has_own_input) return true;
    return std::all_of(layer.inputs.begin(), layer.inputs.end(), [this](int producer) {
      return producer < 0 ? input_known_ : shaped_[static_cast<std::size_t>(producer)];
    });
  }

  std::optional<int> find(std::size_t index, const std::string& name, JsonReader& reader) {
    if (name == kNetworkInput) return -1;
    const auto found = by_name_.find(name);
    if (found != by_name_.end()) return found->second;
    if (name == all_names_[index]) {
      reader.problem("layer '" + name + "' cannot read what it makes itself");
      return std::nullopt;
    }
    if (std::find(all_names_.begin(), all_names_.end(), name) != all_names_.end()) {
      reader.problem("layer '" + name + "' stands later; list layers in execution order");
      return std::nullopt;
    }
    std::vector<std::string> earlier(all_names_.begin(),
                                     all_names_.begin() + static_cast<std::ptrdiff_t>(index));
    earlier.emplace_back(kNetworkInput);
    const std::string near = base::nearest(name, earlier);
    reader.problem("unknown layer '" + name + "'" +
                   (near.empty() ? "" : "; did you mean '" + near + "'?") +
                   " (allowed: an earlier layer or \"input\")");
    return std::nullopt;
  }

  static bool right_count(JsonReader& reader, const Layer& layer) {
    const std::size_t count = layer.inputs.size();
    if (layer.kind == LayerKind::Matmul && count != 2) {
      reader.problem("a matmul needs two inputs, given " + std::to_string(count), "inputs");
      return false;
    }
    if (layer.kind == LayerKind::Add && count < 2) {
      reader.problem("an add needs two or more inputs, given " + std::to_string(count), "inputs");
      return false;
    }
    if (layer.kind != LayerKind::Matmul && layer.kind != LayerKind::Add && count != 1) {
      reader.problem("expected one input, given " + std::to_string(count), "inputs");
      return false;
    }
    return true;
  }

  bool infer(JsonReader& reader, LayerText& text) {
    Layer& layer = text.layer;
    std::vector<Shape> operands;
    for (const int producer : layer.inputs) {
      operands.push_back(text.has_own_input ? text.own_input : operand_shape(network_, producer));
    }
    Shape& first = operands[0];
    if (layer.kind == LayerKind::Gemm && first.height * first.width > 1) {
      if (!text.has_flatten) {
        reader.problem("the input is " + first.text() +
                       "; say \"flatten\": true (one vector) or false (each pixel is a token)");
        return false;
      }
      if (text.flatten) first = {first.elements(), 1, 1};
    }
    if (text.depthwise) {
      layer.groups = first.channels;
      if (layer.out_channels == 0) layer.out_channels = first.channels;
    }
    if (text.ceil_mode) {
      layer.in_height = first.height;
      layer.in_width = first.width;
      extend_padding_to_ceil(layer);
    }
    const std::string problem = infer_shape(layer, operands);
    if (!problem.empty()) reader.problem(problem);
    return problem.empty();
  }

  Network& network_;
  bool input_known_;
  std::vector<JsonReader> readers_;
  std::vector<std::string> all_names_;
  std::unordered_map<std::string, int> by_name_;
  std::vector<bool> shaped_;
};

/// A single input that is not the tensor its index names: the layer brings its own.
bool has_own_input(const Network& network, const Layer& layer) {
  const Shape own = input_shape(layer);
  const Shape input = network_input(network);
  const bool flattened = layer.kind == LayerKind::Gemm && own == Shape{input.elements(), 1, 1};
  return layer.inputs == std::vector<int>{-1} && own != input && !flattened;
}

void write_inputs(JsonWriter& json, const Network& network, const Layer& layer) {
  if (has_own_input(network, layer)) {
    json.begin_object("input").member("channels", layer.in_channels);
    json.member("height", layer.in_height).member("width", layer.in_width).end();
    return;
  }
  json.begin_array("inputs");
  for (const int producer : layer.inputs) {
    json.value(producer < 0 ? std::string(kNetworkInput)
                            : network.layers[static_cast<std::size_t>(producer)].name);
  }
  json.end();
}

}  // namespace

std::int64_t Network::macs() const {
  std::int64_t total = 0;
  for (const Layer& layer : layers) total += layer.macs();
  return total;
}

std::int64_t Network::params() const {
  std::int64_t total = 0;
  for (const Layer& layer : layers) total += layer.params();
  return total;
}

std::vector<int> Network::last_uses() const {
  std::vector<int> last(layers.size());
  for (std::size_t i = 0; i < layers.size(); ++i) {
    last[i] = static_cast<int>(i);
    for (const int producer : layers[i].inputs) {
      if (producer >= 0) last[static_cast<std::size_t>(producer)] = static_cast<int>(i);
    }
  }
  return last;
}

int Network::first_mac_layer() const {
  for (std::size_t i = 0; i < layers.size(); ++i) {
    if (layers[i].has_macs()) return static_cast<int>(i);
  }
  return -1;
}

int Network::last_mac_layer() const {
  for (std::size_t i = layers.size(); i > 0; --i) {
    if (layers[i - 1].has_macs()) return static_cast<int>(i) - 1;
  }
  return -1;
}

Network read_network(JsonReader& reader) {
  Network network;
  reader.schema_version(kNetworkSchemaVersion);
  network.name = reader.string("name");
  network.description = reader.string("description", "");
  const auto read_input = [&network](JsonReader& input) {
    const base::IntegerRange extents{1, kMaxExtent};
    network.input_channels = input.integer("channels", extents);
    network.input_height = input.integer("height", extents);
    network.input_width = input.integer("width", extents);
    input.finish();
  };
  JsonReader input = reader.object("input");
  read_input(input);
  std::vector<JsonReader> layers = reader.array("layers");
  const base::JsonValue* given = reader.value().find("layers");
  if (given != nullptr && given->kind == base::JsonValue::Kind::Array &&
      (layers.empty() || layers.size() > static_cast<std::size_t>(kMaxLayers))) {
    reader.problem("expected 1 to " + std::to_string(kMaxLayers) + " layers, given " +
                       std::to_string(layers.size()),
                   "layers");
  } else {
    const bool input_known =
        reader.value().find("input") != nullptr && base::is_sound(input, read_input);
    LayerListReader(network, input_known, std::move(layers)).read_all();
  }
  reader.finish();
  return network;
}

void write_network(JsonWriter& json, const Network& network) {
  json.begin_object().member("schema_version", kNetworkSchemaVersion);
  json.member("name", network.name).member("description", network.description);
  json.begin_object("input").member("channels", network.input_channels);
  json.member("height", network.input_height).member("width", network.input_width).end();
  json.begin_array("layers");
  for (const Layer& layer : network.layers) {
    json.begin_object();
    const Shape operand = operand_shape(network, layer.inputs[0]);
    const bool flattened = layer.kind == LayerKind::Gemm && !has_own_input(network, layer) &&
                           operand != input_shape(layer);
    write_layer(json, layer, flattened);
    write_inputs(json, network, layer);
    json.end();
  }
  json.end().end();
}

}  // namespace bitscale::model
