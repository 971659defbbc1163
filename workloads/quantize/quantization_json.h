// quantization.json: what post-training quantization did to each layer
// (configs/schema/quantization.schema.json).
#ifndef BITSCALE_WORKLOADS_QUANTIZE_QUANTIZATION_JSON_H_
#define BITSCALE_WORKLOADS_QUANTIZE_QUANTIZATION_JSON_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "arch/base/json_writer.h"
#include "workloads/quantize/post_training.h"

namespace bitscale::quantize {

inline constexpr int kQuantizationSchemaVersion = 1;

struct QuantizationReport {
  std::string network;
  PostTrainingOptions options;
  std::vector<LayerQuantization> layers;
  std::vector<std::string> skipped, notes;
  /// Widths of accumulators that no input can overflow, by layer name (dual parts included).
  std::vector<std::pair<std::string, int>> guaranteed_acc_bits;
  std::optional<double> float_top1, quantized_top1;
  std::int64_t evaluated_samples = 0;
};

void write_quantization(base::JsonWriter& json, const QuantizationReport& report);

}  // namespace bitscale::quantize

#endif  // BITSCALE_WORKLOADS_QUANTIZE_QUANTIZATION_JSON_H_
