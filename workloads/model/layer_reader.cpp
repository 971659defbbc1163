#include "workloads/model/layer_reader.h"

#include <array>

#include "arch/base/is_sound.h"

namespace bitscale::model {
namespace {

using base::JsonReader;
using base::JsonValue;
using base::JsonWriter;

/// Spellings of "type". Depthwise is a convolution with one group per channel.
enum class Type { Conv, Depthwise, Gemm, Matmul, Pool, Add, Activation };
const base::NameTable<Type> kTypeNames = {{Type::Conv, "conv"},
                                          {Type::Depthwise, "depthwise"},
                                          {Type::Gemm, "gemm"},
                                          {Type::Matmul, "matmul"},
                                          {Type::Pool, "pool"},
                                          {Type::Add, "add"},
                                          {Type::Activation, "activation"}};

enum class PoolKind { Max, Average, GlobalAverage };
const base::NameTable<PoolKind> kPoolKindNames = {{PoolKind::Max, "max"},
                                                  {PoolKind::Average, "average"},
                                                  {PoolKind::GlobalAverage, "global_average"}};

const base::IntegerRange kExtents{1, kMaxExtent};
const base::IntegerRange kPaddings{0, kMaxExtent};

LayerKind kind_of(Type type) {
  switch (type) {
    case Type::Gemm:
      return LayerKind::Gemm;
    case Type::Matmul:
      return LayerKind::Matmul;
    case Type::Pool:
      return LayerKind::Pool;
    case Type::Add:
      return LayerKind::Add;
    case Type::Activation:
      return LayerKind::Activation;
    case Type::Conv:
    case Type::Depthwise:
      break;
  }
  return LayerKind::Conv;
}

/// A scalar for both axes or [height, width].
std::array<std::int64_t, 2> read_pair(JsonReader& reader, std::string_view key,
                                      base::IntegerRange range) {
  if (!reader.has(key) || reader.value().find(key)->kind != JsonValue::Kind::Array) {
    const std::int64_t both = reader.integer(key, range);
    return {both, both};
  }
  std::vector<JsonReader> items = reader.array(key);
  if (items.size() != 2) {
    reader.problem("expected one integer or [height, width]", key);
    return {range.low, range.low};
  }
  return {items[0].as_integer(range), items[1].as_integer(range)};
}

std::array<std::int64_t, 2> read_pair(JsonReader& reader, std::string_view key,
                                      base::IntegerRange range,
                                      std::array<std::int64_t, 2> fallback) {
  if (reader.has(key)) return read_pair(reader, key, range);
  reader.integer(key, range, fallback[0]);  // makes the key known
  return fallback;
}

/// A scalar, [height, width] or [top, left, bottom, right].
void read_padding(JsonReader& reader, Layer& layer) {
  const JsonValue* given = reader.value().find("padding");
  if (given == nullptr || given->kind != JsonValue::Kind::Array || given->items.size() != 4) {
    const auto [vertical, horizontal] = read_pair(reader, "padding", kPaddings, {0, 0});
    layer.pad_top = layer.pad_bottom = vertical;
    layer.pad_left = layer.pad_right = horizontal;
    return;
  }
  std::vector<JsonReader> items = reader.array("padding");
  layer.pad_top = items[0].as_integer(kPaddings);
  layer.pad_left = items[1].as_integer(kPaddings);
  layer.pad_bottom = items[2].as_integer(kPaddings);
  layer.pad_right = items[3].as_integer(kPaddings);
}

void read_conv(JsonReader& reader, LayerText& text) {
  Layer& layer = text.layer;
  if (text.depthwise) {
    layer.out_channels = reader.integer("out_channels", kExtents, 0);
  } else {
    layer.out_channels = reader.integer("out_channels", kExtents);
    layer.groups = reader.integer("groups", kExtents, 1);
  }
  const auto kernel = read_pair(reader, "kernel", kExtents);
  layer.kernel_height = kernel[0];
  layer.kernel_width = kernel[1];
  const auto stride = read_pair(reader, "stride", kExtents, {1, 1});
  layer.stride_height = stride[0];
  layer.stride_width = stride[1];
  const auto dilation = read_pair(reader, "dilation", kExtents, {1, 1});
  layer.dilation_height = dilation[0];
  layer.dilation_width = dilation[1];
  read_padding(reader, layer);
}

void read_gemm(JsonReader& reader, LayerText& text) {
  text.layer.out_channels = reader.integer("out_channels", kExtents);
  text.has_flatten = reader.has("flatten");
  text.flatten = reader.boolean("flatten", false);
}

void read_pool(JsonReader& reader, LayerText& text) {
  Layer& layer = text.layer;
  const PoolKind kind = reader.one_of("pool", kPoolKindNames);
  layer.function = kPoolKindNames.name(kind);
  if (kind == PoolKind::GlobalAverage) return;
  const auto kernel = read_pair(reader, "kernel", kExtents);
  layer.kernel_height = kernel[0];
  layer.kernel_width = kernel[1];
  const auto stride = read_pair(reader, "stride", kExtents, kernel);
  layer.stride_height = stride[0];
  layer.stride_width = stride[1];
  read_padding(reader, layer);
  const auto read_kernel = [](JsonReader& alone) { read_pair(alone, "kernel", kExtents); };
  if ((layer.pad_top >= kernel[0] || layer.pad_bottom >= kernel[0] || layer.pad_left >= kernel[1] ||
       layer.pad_right >= kernel[1]) &&
      base::is_sound(reader, read_kernel)) {
    reader.problem("padding of a pool must be smaller than its kernel", "padding");
  }
  text.ceil_mode = reader.boolean("ceil_mode", false);
}

void read_attributes(JsonReader& reader, Type type, LayerText& text) {
  Layer& layer = text.layer;
  const base::IntegerRange parameters{0, static_cast<std::int64_t>(kMaxLayerMacs)};
  if (type == Type::Conv || type == Type::Depthwise) read_conv(reader, text);
  if (type == Type::Gemm) read_gemm(reader, text);
  if (type == Type::Matmul) {
    layer.groups = reader.integer("heads", kExtents, 1);
    layer.transpose_second = reader.boolean("transpose_second", false);
  }
  if (type == Type::Add) layer.pad_channels = reader.boolean("pad_channels", false);
  if (type == Type::Pool) {
    read_pool(reader, text);
    return;
  }
  if (layer.kind == LayerKind::Conv || layer.kind == LayerKind::Gemm) {
    layer.has_bias = reader.boolean("bias", false);
  }
  if (type != Type::Matmul && type != Type::Add) {
    layer.other_params = reader.integer("other_params", parameters, 0);
  }
  layer.function =
      type == Type::Activation ? reader.string("function") : reader.string("function", "");
  if (layer.function.empty() && reader.has("function")) {
    reader.problem("expected the name of a function, e.g. \"relu\"", "function");
  }
}

void read_inputs(JsonReader& reader, LayerText& text) {
  text.input_readers = reader.array("inputs", false);
  for (JsonReader& item : text.input_readers) text.inputs.push_back(item.as_string());
  if (reader.has("inputs") && text.inputs.empty()) {
    reader.problem("expected names of layers, or \"input\" for the network's input", "inputs");
  }
  text.has_own_input = reader.has("input");
  JsonReader own = reader.object("input", false);
  if (!text.has_own_input) return;
  text.own_input.channels = own.integer("channels", kExtents);
  text.own_input.height = own.integer("height", kExtents);
  text.own_input.width = own.integer("width", kExtents);
  own.finish();
  if (reader.has("inputs")) reader.problem("give either 'input' or 'inputs'", "input");
}

void write_pair(JsonWriter& json, std::string_view key, std::int64_t height, std::int64_t width) {
  if (height == width) {
    json.member(key, height);
  } else {
    json.begin_array(key).value(height).value(width).end();
  }
}

void write_window(JsonWriter& json, const Layer& layer) {
  write_pair(json, "kernel", layer.kernel_height, layer.kernel_width);
  write_pair(json, "stride", layer.stride_height, layer.stride_width);
  if (layer.pad_top != layer.pad_bottom || layer.pad_left != layer.pad_right) {
    json.begin_array("padding").value(layer.pad_top).value(layer.pad_left);
    json.value(layer.pad_bottom).value(layer.pad_right).end();
  } else if (layer.pad_top != 0 || layer.pad_left != 0) {
    write_pair(json, "padding", layer.pad_top, layer.pad_left);
  }
}

}  // namespace

LayerText read_layer(JsonReader& reader) {
  LayerText text;
  text.layer.name = reader.string("name");
  const JsonValue* name = reader.value().find("name");
  if (name != nullptr && name->kind == JsonValue::Kind::String && name->text.empty()) {
    reader.problem("a layer needs a name", "name");
  }
  const Type type = reader.one_of("type", kTypeNames);
  if (!base::is_sound(reader, [](JsonReader& alone) { alone.one_of("type", kTypeNames); })) {
    read_inputs(reader, text);
    return text;  // which keys it has depends on its type
  }
  text.layer.kind = kind_of(type);
  text.depthwise = type == Type::Depthwise;
  read_inputs(reader, text);
  read_attributes(reader, type, text);
  reader.finish();
  return text;
}

void write_layer(JsonWriter& json, const Layer& layer, bool flattened) {
  json.member("name", layer.name).member("type", kLayerKindNames.name(layer.kind));
  if (layer.kind == LayerKind::Pool) {
    json.member("pool", layer.function);
    if (layer.function != "global_average") write_window(json, layer);
    return;
  }
  if (layer.kind == LayerKind::Conv || layer.kind == LayerKind::Gemm) {
    json.member("out_channels", layer.out_channels);
  }
  if (layer.kind == LayerKind::Conv) {
    if (layer.groups != 1) json.member("groups", layer.groups);
    write_window(json, layer);
    if (layer.dilation_height != 1 || layer.dilation_width != 1) {
      write_pair(json, "dilation", layer.dilation_height, layer.dilation_width);
    }
  }
  if (layer.kind == LayerKind::Gemm) json.member("flatten", flattened);
  if (layer.kind == LayerKind::Matmul) {
    json.member("heads", layer.groups).member("transpose_second", layer.transpose_second);
  }
  if (layer.pad_channels) json.member("pad_channels", true);
  if (layer.has_bias) json.member("bias", true);
  if (layer.other_params != 0) json.member("other_params", layer.other_params);
  if (!layer.function.empty()) json.member("function", layer.function);
}

}  // namespace bitscale::model
