#include "workloads/model/trace_json.h"

#include <cmath>

#include "workloads/model/shape.h"

namespace bitscale::model {
namespace {

using base::IntegerRange;
using base::JsonReader;
using base::JsonWriter;

constexpr IntegerRange kExtents{1, kMaxExtent};
constexpr IntegerRange kPads{0, kMaxExtent};

std::vector<std::int64_t> as_list(const Window& window) {
  return {window.pad_top, window.pad_left, window.pad_bottom, window.pad_right};
}

void write_pair(JsonWriter& json, std::string_view key, std::int64_t height, std::int64_t width,
                std::int64_t usual) {
  if (height != usual || width != usual) write_integers(json, key, {height, width});
}

/// Array member of exactly `count` integers, `fallback` when it is missing.
std::vector<std::int64_t> read_exactly(JsonReader& reader, std::string_view key, IntegerRange range,
                                       std::size_t count, std::int64_t fallback) {
  std::vector<std::int64_t> values = read_integers(reader, key, range);
  if (values.size() != count) {
    if (reader.has(key)) reader.problem("needs " + std::to_string(count) + " integers", key);
    values.assign(count, fallback);
  }
  return values;
}

void write_window(JsonWriter& json, const Window& window) {
  write_pair(json, "kernel", window.kernel[0], window.kernel[1], 1);
  write_pair(json, "strides", window.strides[0], window.strides[1], 1);
  write_pair(json, "dilations", window.dilations[0], window.dilations[1], 1);
  const std::vector<std::int64_t> pads = as_list(window);
  if (pads != std::vector<std::int64_t>(4, 0)) write_integers(json, "pads", pads);
  if (window.groups != 1) json.member("groups", window.groups);
  if (window.count_include_pad) json.member("count_include_pad", true);
}

Window read_window(JsonReader& reader) {
  Window window;
  const auto pair = [&](std::string_view key, std::array<std::int64_t, 2>& target) {
    const std::vector<std::int64_t> given = read_exactly(reader, key, kExtents, 2, 1);
    target = {given[0], given[1]};
  };
  pair("kernel", window.kernel);
  pair("strides", window.strides);
  pair("dilations", window.dilations);
  const std::vector<std::int64_t> pads = read_exactly(reader, "pads", kPads, 4, 0);
  window.pad_top = pads[0];
  window.pad_left = pads[1];
  window.pad_bottom = pads[2];
  window.pad_right = pads[3];
  window.groups = reader.integer("groups", kExtents, 1);
  window.count_include_pad = reader.boolean("count_include_pad", false);
  return window;
}

}  // namespace

void write_integers(JsonWriter& json, std::string_view key,
                    const std::vector<std::int64_t>& values) {
  json.begin_array(key);
  for (const std::int64_t value : values) json.value(value);
  json.end();
}

std::vector<std::int64_t> read_integers(JsonReader& reader, std::string_view key,
                                        IntegerRange range) {
  std::vector<std::int64_t> values;
  for (JsonReader& item : reader.array(key, false)) values.push_back(item.as_integer(range));
  return values;
}

void write_encoding(JsonWriter& json, const numeric::OperandEncoding& encoding) {
  json.member("encoding", numeric::kWeightEncodingNames.name(encoding.kind));
  json.member("bits", encoding.bits).member("signed", encoding.is_signed);
  if (encoding.zero_point != 0) json.member("zero_point", encoding.zero_point);
}

numeric::OperandEncoding read_encoding(JsonReader& reader) {
  numeric::OperandEncoding encoding;
  encoding.kind = reader.one_of("encoding", numeric::kWeightEncodingNames);
  encoding.bits = static_cast<int>(reader.integer("bits", {1, numeric::kMaxOperandBits}));
  encoding.is_signed = reader.boolean("signed");
  encoding.zero_point = reader.integer("zero_point", {-32768, 65535}, 0);
  const std::string problem = encoding.problem();
  if (!problem.empty()) reader.problem(problem, "encoding");
  return encoding;
}

void write_layer_geometry(JsonWriter& json, const Layer& layer) {
  json.member("name", layer.name).member("kind", kLayerKindNames.name(layer.kind));
  write_integers(json, "producers", {layer.inputs.begin(), layer.inputs.end()});
  write_integers(json, "in", {layer.in_channels, layer.in_height, layer.in_width});
  write_integers(json, "out", {layer.out_channels, layer.out_height, layer.out_width});
  Window window;
  window.kernel = {layer.kernel_height, layer.kernel_width};
  window.strides = {layer.stride_height, layer.stride_width};
  window.dilations = {layer.dilation_height, layer.dilation_width};
  window.pad_top = layer.pad_top;
  window.pad_left = layer.pad_left;
  window.pad_bottom = layer.pad_bottom;
  window.pad_right = layer.pad_right;
  window.groups = layer.groups;
  write_window(json, window);
  if (layer.has_bias) json.member("has_bias", true);
  if (layer.other_params != 0) json.member("other_params", layer.other_params);
  if (!layer.function.empty()) json.member("function", layer.function);
  if (layer.transpose_second) json.member("transpose_second", true);
}

Layer read_layer_geometry(JsonReader& reader) {
  Layer layer;
  layer.name = reader.string("name");
  layer.kind = reader.one_of("kind", kLayerKindNames);
  for (const std::int64_t producer : read_integers(reader, "producers", {-1, kMaxLayers})) {
    layer.inputs.push_back(static_cast<int>(producer));
  }
  const std::vector<std::int64_t> in = read_exactly(reader, "in", kExtents, 3, 1);
  const std::vector<std::int64_t> out = read_exactly(reader, "out", kExtents, 3, 1);
  layer.in_channels = in[0], layer.in_height = in[1], layer.in_width = in[2];
  layer.out_channels = out[0], layer.out_height = out[1], layer.out_width = out[2];
  const Window window = read_window(reader);
  layer.kernel_height = window.kernel[0], layer.kernel_width = window.kernel[1];
  layer.stride_height = window.strides[0], layer.stride_width = window.strides[1];
  layer.dilation_height = window.dilations[0], layer.dilation_width = window.dilations[1];
  layer.pad_top = window.pad_top, layer.pad_left = window.pad_left;
  layer.pad_bottom = window.pad_bottom, layer.pad_right = window.pad_right;
  layer.groups = window.groups;
  layer.has_bias = reader.boolean("has_bias", false);
  layer.other_params = reader.integer("other_params", {0, std::int64_t{1} << 50}, 0);
  layer.function = reader.string("function", "");
  layer.transpose_second = reader.boolean("transpose_second", false);
  return layer;
}

void write_quantizer_kind(JsonWriter& json, const Quantizer& quantizer) {
  json.member("bits", quantizer.format.bits).member("signed", quantizer.format.is_signed);
  if (quantizer.narrow) json.member("narrow", true);
  if (quantizer.bipolar) json.member("bipolar", true);
  json.member("rounding", kRoundingNames.name(quantizer.rounding));
  if (quantizer.clamp_first) json.member("clamp_first", true);
  if (quantizer.single_precision) json.member("single_precision", true);
  if (quantizer.axis != 0) json.member("axis", quantizer.axis);
}

void read_quantizer_kind(JsonReader& reader, Quantizer& quantizer) {
  quantizer.format.bits = static_cast<int>(reader.integer("bits", {1, 32}));
  quantizer.format.is_signed = reader.boolean("signed");
  quantizer.narrow = reader.boolean("narrow", false);
  quantizer.bipolar = reader.boolean("bipolar", false);
  quantizer.rounding = reader.one_of("rounding", kRoundingNames);
  quantizer.clamp_first = reader.boolean("clamp_first", false);
  quantizer.single_precision = reader.boolean("single_precision", false);
  quantizer.axis = static_cast<int>(reader.integer("axis", {0, 31}, 0));
}

void write_attributes(JsonWriter& json, Operator op, const Attributes& attributes) {
  const Attributes usual;
  json.member("operator", kOperatorNames.name(op));
  write_window(json, attributes.window);
  if (attributes.axis != usual.axis) json.member("axis", attributes.axis);
  if (!attributes.list.empty()) write_integers(json, "list", attributes.list);
  if (!attributes.steps.empty()) write_integers(json, "steps", attributes.steps);
  const auto number = [&](std::string_view key, double value, double fallback) {
    if (value != fallback && std::isfinite(value)) json.member(key, value);
  };
  number("alpha", attributes.alpha, usual.alpha);
  number("beta", attributes.beta, usual.beta);
  number("epsilon", attributes.epsilon, usual.epsilon);
  number("low", attributes.low, usual.low);
  number("high", attributes.high, usual.high);
  number("pad_value", attributes.pad_value, usual.pad_value);
  number("out_scale", attributes.out_scale, usual.out_scale);
  number("out_bias", attributes.out_bias, usual.out_bias);
  const auto flag = [&](std::string_view key, bool value, bool fallback) {
    if (value != fallback) json.member(key, value);
  };
  flag("transpose_a", attributes.transpose_a, usual.transpose_a);
  flag("transpose_b", attributes.transpose_b, usual.transpose_b);
  if (attributes.to != usual.to) json.member("to", kDTypeNames.name(attributes.to));
  flag("keep_dims", attributes.keep_dims, usual.keep_dims);
  flag("select_last", attributes.select_last, usual.select_last);
  flag("largest", attributes.largest, usual.largest);
  if (attributes.block != usual.block) json.member("block", attributes.block);
  flag("column_row_depth", attributes.column_row_depth, usual.column_row_depth);
  if (attributes.trunc_shift != 0) json.member("trunc_shift", attributes.trunc_shift);
  if (attributes.trunc_bits != usual.trunc_bits) json.member("trunc_bits", attributes.trunc_bits);
  number("trunc_scale", attributes.trunc_scale, usual.trunc_scale);
}

Operator read_attributes(JsonReader& reader, Attributes& attributes) {
  const Operator op = reader.one_of("operator", kOperatorNames);
  attributes.window = read_window(reader);
  attributes.axis = reader.integer("axis", {0, 31}, 0);
  attributes.list = read_integers(reader, "list", {-kMaxExtent, kMaxExtent});
  attributes.steps = read_integers(reader, "steps", {1, kMaxExtent});
  const auto number = [&](std::string_view key, double& value) {
    value = reader.number(key, {}, value);
  };
  number("alpha", attributes.alpha);
  number("beta", attributes.beta);
  number("epsilon", attributes.epsilon);
  number("low", attributes.low);
  number("high", attributes.high);
  number("pad_value", attributes.pad_value);
  number("out_scale", attributes.out_scale);
  number("out_bias", attributes.out_bias);
  const auto flag = [&](std::string_view key, bool& value) { value = reader.boolean(key, value); };
  flag("transpose_a", attributes.transpose_a);
  flag("transpose_b", attributes.transpose_b);
  attributes.to = reader.one_of("to", kDTypeNames, attributes.to);
  flag("keep_dims", attributes.keep_dims);
  flag("select_last", attributes.select_last);
  flag("largest", attributes.largest);
  attributes.block = reader.integer("block", kExtents, 1);
  flag("column_row_depth", attributes.column_row_depth);
  attributes.trunc_shift = static_cast<int>(reader.integer("trunc_shift", {0, 31}, 0));
  attributes.trunc_bits = static_cast<int>(reader.integer("trunc_bits", {1, 32}, 8));
  number("trunc_scale", attributes.trunc_scale);
  return op;
}

}  // namespace bitscale::model
