#include "workloads/train/training_output.h"

#include <algorithm>
#include <cmath>

#include "arch/base/error.h"
#include "arch/base/file.h"
#include "arch/base/json_writer.h"
#include "workloads/exec/batch.h"
#include "workloads/export/qonnx_writer.h"
#include "workloads/model/lowering.h"
#include "workloads/model/trace.h"
#include "workloads/quantize/code_statistics.h"
#include "workloads/quantize/post_training.h"

namespace bitscale::train {
namespace {

using model::Tensor;

/// The first images as bytes and their classes.
model::Samples byte_samples(const import::LabelledImages& data, std::int64_t most) {
  const std::int64_t count = std::min(most, data.pixels.dims()[0]);
  model::Dims dims = data.pixels.dims();
  dims[0] = count;
  Tensor bytes(model::DType::UInt8, dims);
  Tensor labels(model::DType::Int64, {count});
  auto* target = bytes.mutable_data<std::uint8_t>();
  const float* pixels = data.pixels.data<float>();
  for (std::int64_t i = 0; i < bytes.elements(); ++i) {
    target[i] = static_cast<std::uint8_t>(std::lround(pixels[i] * 255.0F));
  }
  std::copy_n(data.labels.data<std::int64_t>(), count, labels.mutable_data<std::int64_t>());
  return {bytes, labels};
}

/// Odd steps of the trained layers become Odd codes.
void encode_odd_layers(const TrainedNetwork& network, WeightTraining method,
                       model::QuantizedGraph& graph) {
  if (method != WeightTraining::Dorefa && method != WeightTraining::Sawb) return;
  for (model::QuantizedNode& node : graph.nodes) {
    if (node.op != model::QuantizedOp::Mac) continue;
    const auto layer = std::find_if(network.layers().begin(), network.layers().end(),
                                    [&](const TrainedLayer& l) { return l.name == node.name; });
    const bool edge = layer == network.layers().begin() || layer->last;
    if (edge) continue;
    quantize::use_odd_codes(node, layer->weight_bits);
  }
}

/// The network as other tools take it: real pixels and a quantizer, where the trace takes bytes.
model::Graph with_real_pixels(model::Graph graph) {
  graph.values[static_cast<std::size_t>(graph.inputs[0])].dtype = model::DType::Float32;
  BITSCALE_INVARIANT(graph.nodes[0].op == model::Operator::DequantizeLinear, "pixels come first");
  graph.nodes[0].op = model::Operator::Quant;
  return graph;
}

void check_guarantee(const Recipe& recipe, const model::QuantizedGraph& graph) {
  if (recipe.weights != WeightTraining::A2q && recipe.weights != WeightTraining::A2qPlus) return;
  for (const model::QuantizedNode& node : graph.nodes) {
    if (node.op != model::QuantizedOp::Mac) continue;
    BITSCALE_INVARIANT(model::sum_range(graph, node).signed_bits() <= recipe.acc_bits,
                       "trained sums of " + node.name + " can leave the accumulator");
  }
}

/// Channels that lost every weight: budgets and narrow widths do that, and accuracy alone hides it.
void count_dead_channels(const model::QuantizedGraph& graph, const TrainingOptions& options,
                         TrainingResult& result) {
  for (const model::QuantizedNode& node : graph.nodes) {
    if (node.op != model::QuantizedOp::Mac) continue;
    const DeadChannels entry{node.name, quantize::channels_of_zeros(node.weights.codes),
                             node.weights.codes.dims()[0]};
    if (entry.dead == 0) continue;
    result.dead_channels.push_back(entry);
    if (!options.progress) continue;
    options.progress("note: " + std::to_string(entry.dead) + " of " +
                     std::to_string(entry.channels) + " output channels of layer " + entry.layer +
                     " have no weight left");
  }
}

/// The integers against the fake-quantized network, both on every test image.
void compare(TrainedNetwork& network, const TrainingData& data, const model::Trace& trace,
             TrainingResult& result) {
  const model::Samples test = byte_samples(data.test, data.test.pixels.dims()[0]);
  const std::int64_t count = test.inputs.dims()[0];
  const exec::IntegerExecutor executor(trace.graph, {});
  const auto outputs = exec::run_batch(executor, {test.inputs}, {0, 1}).outputs;
  const auto integers = exec::predictions(outputs[0], count);
  const torch::Tensor pixels =
      torch::from_blob(const_cast<float*>(data.test.pixels.data<float>()), data.test.pixels.dims());
  const torch::Tensor fake = predict(network, pixels, true);
  std::int64_t right = 0;
  for (std::int64_t i = 0; i < count; ++i) {
    const auto predicted = fake[i].item<std::int64_t>();
    right += predicted == test.labels->integer(i) ? 1 : 0;
    if (predicted != integers[static_cast<std::size_t>(i)]) result.differing_samples.push_back(i);
  }
  result.fake_top1 = static_cast<double>(right) / static_cast<double>(count);
  result.integer_top1 = exec::top1(integers, *test.labels, "test labels");
}

void write_record(const Recipe& recipe, const TrainingResult& result,
                  const std::filesystem::path& path) {
  base::JsonWriter json;
  json.begin_object().member("schema_version", 1).member("recipe", recipe.name);
  json.member("seed", recipe.seed);
  json.member("test_top1", result.test_top1).member("stopped_early", result.stopped_early);
  json.member("written_epoch", result.written_epoch);
  if (recipe.density_schedule) {
    json.begin_object("density").member("settled", result.settled);
    json.member("last_change_epoch", result.last_change).end();
  }
  if (recipe.weights != WeightTraining::Float) {
    json.member("integer_top1", result.integer_top1).member("fake_top1", result.fake_top1);
    json.begin_array("differing_samples");
    for (const std::int64_t sample : result.differing_samples) json.value(sample);
    json.end().begin_array("dead_channels");
    for (const DeadChannels& entry : result.dead_channels) {
      json.begin_object().member("layer", entry.layer).member("dead", entry.dead);
      json.member("channels", entry.channels).end();
    }
    json.end();
  }
  json.begin_array("epochs");
  for (const EpochRecord& epoch : result.epochs) {
    json.begin_object().member("epoch", epoch.epoch).member("quantized", epoch.quantized);
    json.member("loss", epoch.loss).member("validation_top1", epoch.validation_top1);
    json.begin_array("input_bits");
    for (const int bits : epoch.input_bits) json.value(bits);
    json.end().begin_array("channels");
    for (const std::int64_t count : epoch.channels) json.value(count);
    json.end().begin_array("densities");
    for (const double density : epoch.densities) json.value(density);
    json.end().end();
  }
  base::write_file_atomically(path, json.end().end().take());
}

/// One line per epoch: what `bitscale reproduce trained` reads.
void write_epochs(const TrainedNetwork& network, const TrainingResult& result,
                  const std::filesystem::path& path) {
  std::string text = "epoch,quantized,loss,validation_top1";
  for (const TrainedLayer& layer : network.layers()) text += "," + layer.name + "_bits";
  for (const TrainedLayer& layer : network.layers()) text += "," + layer.name + "_channels";
  for (const TrainedLayer& layer : network.layers()) {
    if (!layer.last) text += "," + layer.name + "_density";
  }
  for (const EpochRecord& epoch : result.epochs) {
    text += "\n" + std::to_string(epoch.epoch) + (epoch.quantized ? ",1," : ",0,");
    text += base::format_number(epoch.loss) + "," + base::format_number(epoch.validation_top1);
    for (const int bits : epoch.input_bits) text += "," + std::to_string(bits);
    for (const std::int64_t count : epoch.channels) text += "," + std::to_string(count);
    for (const double density : epoch.densities) text += "," + base::format_number(density);
  }
  base::write_file_atomically(path, text + "\n");
}

}  // namespace

void write_outputs(const Recipe& recipe, const TrainingData& data, const TrainingOptions& options,
                   TrainedNetwork& network, TrainingResult& result) {
  if (recipe.weights == WeightTraining::Float) {
    exporting::write_qonnx(options.output / "model.onnx", network.graph(false));
  } else {
    model::Trace trace;
    const model::Graph graph = network.graph(true);
    trace.graph = model::lower(graph);
    encode_odd_layers(network, recipe.weights, trace.graph);
    const std::string problem = model::check_graph(trace.graph);
    BITSCALE_INVARIANT(problem.empty(), "trained network: " + problem);
    check_guarantee(recipe, trace.graph);
    trace.description = "trained by recipe " + recipe.name;
    trace.licence = data.licence;
    trace.samples = byte_samples(data.test, options.trace_samples);
    compare(network, data, trace, result);
    count_dead_channels(trace.graph, options, result);
    model::write_trace(options.output / "trace", trace);
    exporting::write_qonnx(options.output / "model.onnx", with_real_pixels(graph));
  }
  write_record(recipe, result, options.output / "training.json");
  write_epochs(network, result, options.output / "epochs.csv");
}

}  // namespace bitscale::train
