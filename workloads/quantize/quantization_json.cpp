#include "workloads/quantize/quantization_json.h"

#include <cmath>

namespace bitscale::quantize {
namespace {

void write_layer(base::JsonWriter& json, const LayerQuantization& layer) {
  json.begin_object().member("name", layer.name);
  json.member("weight_bits", layer.weight_bits).member("act_bits", layer.act_bits);
  json.member("act_signed", layer.act_signed).member("act_scale", layer.act_scale);
  json.member("weight_encoding", numeric::kWeightEncodingNames.name(
                                     layer.odd ? numeric::WeightEncoding::Odd
                                               : numeric::WeightEncoding::TwosComplement));
  json.member("tensors", layer.tensors).member("act_tensors", layer.act_tensors);
  json.member("act_mse", layer.act_mse).member("act_max_abs_mse", layer.act_max_abs_mse);
  json.member("act_power", layer.act_power);
  json.member("weight_mse", layer.weight_mse);
  json.member("weight_max_abs_mse", layer.weight_max_abs_mse);
  json.member("weight_power", layer.weight_power);
  json.member("weight_sparsity", layer.codes.sparsity());
  json.member("weight_entropy_bits", layer.codes.entropy_bits());
  json.member("max_l1_norm", layer.max_l1).end();
}

}  // namespace

void write_quantization(base::JsonWriter& json, const QuantizationReport& report) {
  const PostTrainingOptions& options = report.options;
  const bool budgeted =
      options.method == WeightMethod::A2q || options.method == WeightMethod::A2qPlus;
  json.begin_object().member("schema_version", kQuantizationSchemaVersion);
  json.member("network", report.network);
  json.member("method", kWeightMethodNames.name(options.method));
  if (options.precision) {
    json.member("precision", options.precision->name);
  } else {
    json.member("weight_bits", options.weight_bits).member("act_bits", options.act_bits);
    json.member("edge_bits", options.edge_bits);
  }
  json.member("per_channel", options.per_channel);
  json.member("act_method", options.act_max_abs ? "max_abs" : "omse");
  if (budgeted) json.member("acc_bits", options.acc_bits);
  if (options.dual_threshold > 0) {
    json.member("dual_threshold", options.dual_threshold);
    json.member("dual_search", kMultiSearchNames.name(options.dual_search));
    json.member("most_tensors", options.most_tensors);
    json.member("most_act_tensors", options.most_act_tensors);
  }
  json.member("refined", options.refine);
  if (report.float_top1) json.member("float_top1", *report.float_top1);
  if (report.quantized_top1) json.member("quantized_top1", *report.quantized_top1);
  json.member("evaluated_samples", report.evaluated_samples);
  json.begin_array("layers");
  for (const LayerQuantization& layer : report.layers) write_layer(json, layer);
  json.end().begin_array("guaranteed_acc_bits");
  for (const auto& [name, bits] : report.guaranteed_acc_bits) {
    json.begin_object().member("name", name).member("acc_bits", bits).end();
  }
  json.end().begin_array("skipped");
  for (const std::string& line : report.skipped) json.value(line);
  json.end().begin_array("notes");
  for (const std::string& line : report.notes) json.value(line);
  json.end().end();
}

}  // namespace bitscale::quantize
