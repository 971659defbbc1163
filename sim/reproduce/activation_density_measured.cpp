// Densities of networks that run here, and the widths the rule gives them.
#include <algorithm>

#include "arch/base/error.h"
#include "sim/reproduce/activation_density.h"
#include "sim/reproduce/fashion.h"
#include "workloads/exec/batch.h"
#include "workloads/import/onnx.h"
#include "workloads/model/trace.h"
#include "workloads/quantize/activation_density.h"
#include "workloads/quantize/post_training.h"

namespace bitscale::reproduce {
namespace {

constexpr int kStartBits = 16, kLeastBits = 2;
constexpr std::int64_t kImages = 1000, kCalibration = 128;

// Densities of what each layer of the graph reads, over all samples, and the rule.
MeasuredNetwork measure(const DensityStudy& study, const model::QuantizedGraph& graph,
                        const model::Tensor& inputs, const std::string& where) {
  exec::ExecutorOptions options;
  options.measure_activity = true;
  const exec::IntegerExecutor executor(graph, options);
  const exec::RunRecord record = exec::run_batch(executor, {inputs}, exec::BatchOptions{}).record;
  MeasuredNetwork measured;
  measured.name = graph.name;
  measured.samples = record.samples;
  std::vector<double> densities;
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const model::QuantizedNode& node = graph.nodes[i];
    if (node.op != model::QuantizedOp::Mac) continue;
    densities.push_back(record.nodes[i].activity.activation_density());
    measured.act_bits =
        std::min(measured.act_bits, graph.value(node.inputs.front()).format.encoding.bits);
    const model::Layer& layer = graph.layer(node);
    measured.layers.push_back({layer.name, densities.back(), kStartBits, layer.macs()});
  }
  quantize::DensitySchedule schedule(densities.size(), kStartBits, kLeastBits);
  schedule.update(densities, where);
  for (std::size_t i = 0; i < densities.size(); ++i) measured.layers[i].bits = schedule.bits()[i];
  const std::vector<int> all_wide(densities.size(), kStartBits);
  measured.energies = {price_assignment(study, graph.network, "16 bits", all_wide),
                       price_assignment(study, graph.network, "by the rule", schedule.bits())};
  return measured;
}

// Images as the trace's port wants them.
model::Tensor shaped_for(const model::QuantizedGraph& graph, const model::Tensor& images) {
  model::Dims dims = graph.value(graph.inputs.front().value).dims;
  dims.front() = images.dims().front();
  return images.reshaped(dims);
}

MeasuredNetwork measure_trace(const DensityStudy& study, const std::filesystem::path& path) {
  const model::Trace trace = model::read_trace(path);
  const bool own = trace.samples.has_value();
  MeasuredNetwork measured = measure(
      study, trace.graph,
      own ? trace.samples->inputs : shaped_for(trace.graph, fashion_images(false, kImages).bytes),
      path.string());
  measured.made = own ? "its committed samples" : "test images of Fashion-MNIST";
  return measured;
}

MeasuredNetwork measure_model(const DensityStudy& study, const std::filesystem::path& path) {
  const model::Graph graph = import::import_onnx(path);
  quantize::PostTrainingOptions options;
  options.weight_bits = options.act_bits = options.edge_bits = kStartBits;
  options.method = quantize::WeightMethod::MaxAbs;  // 16 bits need no search
  options.act_max_abs = true;
  options.calibration.max_samples = kCalibration;
  const quantize::PostTrainingResult quantized = quantize::quantize_graph(
      graph, fashion_images(true, kCalibration).pixels, options, path.string());
  MeasuredNetwork measured = measure(study, quantize::lower_quantized(quantized),
                                     fashion_images(false, kImages).pixels, path.string());
  measured.made = "quantized to 16 bits after training, test images of Fashion-MNIST";
  return measured;
}

}  // namespace

std::vector<MeasuredNetwork> measure_densities(
    const DensityStudy& study, const std::function<void(const std::string&)>& progress) {
  std::vector<MeasuredNetwork> list;
  const auto add = [&](const std::filesystem::path& path, const auto& measure_one) {
    progress("densities of " + path.filename().string());
    try {
      list.push_back(measure_one(study, path));
    } catch (const base::UserError& error) {
      // The images are a package of their own: say so and go on.
      if (fashion_installed()) throw;
      MeasuredNetwork missing;
      missing.name = path.filename().string();
      missing.made = error.what();
      list.push_back(std::move(missing));
    }
  };
  for (const std::filesystem::path& path : study.traces) add(path, measure_trace);
  for (const std::filesystem::path& path : study.models) add(path, measure_model);
  return list;
}

}  // namespace bitscale::reproduce
