#include "sim/report/workload_shapes.h"

#include "arch/numeric/encoding.h"

namespace bitscale::report {
namespace {

WorkloadShape shape_of(const model::Layer& layer, const numeric::Precision& precision,
                       std::int64_t batch) {
  WorkloadShape shape;
  shape.macs = layer.macs() * batch;
  shape.windowed = layer.kernel_height * layer.kernel_width > 1;
  if (!layer.weights_are_activations()) {
    shape.weight_bits = layer.weight_elements() * precision.weight_bits;
  }
  return shape;
}

// Weights with an offset need the sum of the activations, and additions to every output.
void add_correction(const model::Layer& layer, const numeric::Precision& precision,
                    std::int64_t batch, WorkloadShape& shape) {
  if (!layer.has_macs()) return;
  const numeric::OperandEncoding weights{precision.weight_encoding, precision.weight_bits,
                                         precision.weight_signed, 1};
  const numeric::OperandEncoding acts{numeric::WeightEncoding::TwosComplement, precision.act_bits,
                                      precision.act_signed, 0};
  const numeric::CorrectionCost cost = numeric::correction_cost(weights, acts, layer.reduction());
  shape.post_operations += layer.output_elements() * batch * cost.additions_per_output;
  if (cost.act_sum_additions > 0) {
    shape.summed_acts = shape.macs / (layer.out_channels / layer.groups);
  }
}

// Of a task that does `layers` layers, their names joined; fused ones may have "#2" behind that
// where another task's name is the same.
bool is_name(const std::string& task, const std::string& joined, std::size_t layers) {
  if (layers == 0) return false;
  if (task == joined) return true;
  return layers > 1 && task.compare(0, joined.size() + 1, joined + "#") == 0 &&
         task.find_first_not_of("0123456789", joined.size() + 1) == std::string::npos;
}

}  // namespace

std::vector<WorkloadShape> workload_shapes(const std::vector<cost::LayerActivity>& layers,
                                           std::int64_t batch, const Workload& workload,
                                           std::string& problem) {
  const std::vector<model::Layer>& all = workload.network.layers;
  std::vector<WorkloadShape> shapes;
  std::vector<int> made_by(all.size(), -1);
  std::size_t next = 0;
  for (const cost::LayerActivity& run : layers) {
    std::string name;
    const std::size_t first = next;
    while (next < all.size() && !is_name(run.name, name, next - first)) {
      name += (next == first ? "" : "+") + all[next].name;
      made_by[next++] = static_cast<int>(shapes.size());
    }
    if (!is_name(run.name, name, next - first)) {
      problem = run.name + ": no such layer at this place of " + workload.network.name;
      return {};
    }
    WorkloadShape shape = shape_of(all[first], workload.precisions[first], batch);
    shape.output_bits =
        all[next - 1].output_elements() * batch * workload.precisions[next - 1].output_bits;
    const std::int64_t steps = all[first].has_macs()
                                   ? static_cast<std::int64_t>(next - first)
                                   : all[first].kernel_height * all[first].kernel_width;
    shape.post_operations = all[first].output_elements() * batch * steps;
    add_correction(all[first], workload.precisions[first], batch, shape);
    const int self = static_cast<int>(shapes.size());
    for (std::size_t i = first; i < next; ++i) {
      for (const int input : all[i].inputs) {
        const int maker = input < 0 ? -1 : made_by[static_cast<std::size_t>(input)];
        if (maker != self) shape.producers.push_back(maker);
      }
    }
    shapes.push_back(std::move(shape));
  }
  if (next == all.size()) return shapes;
  problem = all[next].name + " of " + workload.network.name + " was not run";
  return {};
}

}  // namespace bitscale::report
