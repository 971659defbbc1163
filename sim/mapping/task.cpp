#include "sim/mapping/task.h"

#include <algorithm>
#include <set>

#include "arch/base/error.h"
#include "arch/numeric/encoding.h"
#include "sim/mapping/countable.h"
#include "sim/mapping/exchange.h"

namespace bitscale::mapping {
namespace {

std::int64_t ceil_div(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

// Builds tasks layer by layer; task_of_ tells where each layer's output is made.
class Builder {
 public:
  Builder(const model::Network& network, const std::vector<numeric::Precision>& precisions,
          const spec::AcceleratorSpec& accelerator, std::int64_t batch)
      : network_(network), precisions_(precisions), accelerator_(accelerator) {
    BITSCALE_INVARIANT(precisions.size() == network.layers.size(), "one precision per layer");
    graph_.network = network.name;
    graph_.batch = batch;
    count_readers();
  }

  TaskGraph build() {
    for (std::size_t i = 0; i < network_.layers.size(); ++i) {
      const int index = static_cast<int>(i);
      if (can_fuse(index)) {
        fuse(index);
      } else {
        add(index);
      }
    }
    problems_.throw_if_any();
    name_fused();
    find_last_uses();
    place_on_cores(graph_, accelerator_.cores);
    return std::move(graph_);
  }

 private:
  void count_readers() {
    readers_.assign(network_.layers.size(), 0);
    for (const model::Layer& layer : network_.layers) {
      for (const int input : layer.inputs) {
        if (input >= 0) ++readers_[static_cast<std::size_t>(input)];
      }
    }
  }

  int tensor_of(int layer) const {
    return layer < 0 ? kNetworkInput : task_of_[static_cast<std::size_t>(layer)];
  }

  int stored_bits(int tensor, int otherwise) const {
    return tensor < 0 ? otherwise : graph_.tensors[static_cast<std::size_t>(tensor)].bits;
  }

  // An addition or activation that alone reads what the latest task, one with MACs, makes.
  bool can_fuse(int index) const {
    const model::Layer& layer = network_.layers[static_cast<std::size_t>(index)];
    const bool elementwise =
        layer.kind == model::LayerKind::Add || layer.kind == model::LayerKind::Activation;
    if (!accelerator_.post_processing.fuse_elementwise || !elementwise || graph_.tasks.empty()) {
      return false;
    }
    const Task& latest = graph_.tasks.back();
    if (latest.skips.size() + layer.inputs.size() - 1 > kMostSkips) return false;
    const int produced = latest.layers.back();
    return latest.has_macs && readers_[static_cast<std::size_t>(produced)] == 1 &&
           std::find(layer.inputs.begin(), layer.inputs.end(), produced) != layer.inputs.end();
  }

  void fuse(int index) {
    const model::Layer& layer = network_.layers[static_cast<std::size_t>(index)];
    Task& task = graph_.tasks.back();
    const int produced = task.layers.back();
    for (const int input : layer.inputs) {
      if (input != produced) add_skip(task, tensor_of(input));
    }
    task.layers.push_back(index);
    task.post_operations += 1;
    task.output_bits = precisions_[static_cast<std::size_t>(index)].output_bits;
    graph_.tensors.back().bits = task.output_bits;
    task_of_.push_back(static_cast<int>(graph_.tasks.size()) - 1);
  }

  // "conv3+add", with a number behind where a layer or another task has that name.
  void name_fused() {
    std::set<std::string> taken;
    for (const model::Layer& layer : network_.layers) taken.insert(layer.name);
    for (Task& task : graph_.tasks) {
      if (task.layers.size() == 1) continue;
      std::string joined = task.name;
      for (std::size_t i = 1; i < task.layers.size(); ++i) {
        joined += "+" + network_.layers[static_cast<std::size_t>(task.layers[i])].name;
      }
      task.name = joined;
      for (int number = 2; !taken.insert(task.name).second; ++number) {
        task.name = joined + "#" + std::to_string(number);
      }
    }
  }

  void add_skip(Task& task, int tensor) const {
    task.skips.push_back(tensor);
    task.skip_bits.push_back(stored_bits(tensor, task.precision.act_bits));
  }

  void add(int index) {
    const model::Layer& layer = network_.layers[static_cast<std::size_t>(index)];
    Task task = shape(layer);
    task.layers = {index};
    task.precision = precisions_[static_cast<std::size_t>(index)];
    connect(task, layer);
    add_correction(task);
    check_widths(task);
    check_skips(task);
    divide(task);
    check_countable(task);
    graph_.tensors.push_back({task.whole.outputs(), task.output_bits, -1, 0});
    graph_.tasks.push_back(std::move(task));
    task_of_.push_back(static_cast<int>(graph_.tasks.size()) - 1);
  }

  Task shape(const model::Layer& layer) const {
    Task task;
    task.name = layer.name;
    task.kind = model::kLayerKindNames.name(layer.kind);
    task.has_macs = layer.has_macs();
    task.macs = layer.macs() * graph_.batch;
    task.padding_macs = layer.padding_macs() * graph_.batch;
    task.in_height = layer.in_height;
    task.in_width = layer.in_width;
    task.kernel_height = layer.kernel_height;
    task.kernel_width = layer.kernel_width;
    task.stride_height = layer.stride_height;
    task.stride_width = layer.stride_width;
    task.dilation_height = layer.dilation_height;
    task.dilation_width = layer.dilation_width;
    task.pad_top = layer.pad_top;
    task.pad_left = layer.pad_left;
    task.whole.images = graph_.batch;
    task.whole.rows = layer.out_height;
    task.whole.cols = layer.out_width;
    if (task.has_macs) {
      task.whole.groups = layer.groups;
      if (layer.weights_are_activations()) {  // each image multiplies by its own second operand
        task.whole.groups *= graph_.batch;
        task.whole.images = 1;
      }
      task.whole.channels = layer.out_channels / layer.groups;
      task.whole.reduction = layer.in_channels / layer.groups;
    } else {
      task.whole.groups = layer.out_channels;
      task.post_operations = task.post_steps = task.taps();
    }
    return task;
  }

  void connect(Task& task, const model::Layer& layer) const {
    task.input = tensor_of(layer.inputs.empty() ? kNetworkInput : layer.inputs.front());
    task.input_bits = stored_bits(task.input, task.precision.act_bits);
    task.weight_bits = task.precision.weight_bits;
    task.output_bits = task.precision.output_bits;
    for (std::size_t i = 1; i < layer.inputs.size(); ++i) {
      const int tensor = tensor_of(layer.inputs[i]);
      if (layer.weights_are_activations()) {
        task.second_input = tensor;
        task.weight_bits = stored_bits(tensor, task.precision.weight_bits);
      } else {
        add_skip(task, tensor);
      }
    }
  }

  bool takes(const Task& task) const {
    return spec::supports(accelerator_.mac_array.pe, task.precision.weight_bits,
                          task.precision.act_bits);
  }

  void check_widths(const Task& task) {
    const spec::PeSpec& pe = accelerator_.mac_array.pe;
    if (!task.has_macs || accelerator_.pim || takes(task)) return;  // pim: assign_pim() checks
    problems_.add("layer '" + task.name + "'",
                  "weights of " + std::to_string(task.precision.weight_bits) +
                      " bits and activations of " + std::to_string(task.precision.act_bits) +
                      " bits are wider than the PE's " + std::to_string(pe.weight_bits) + " and " +
                      std::to_string(pe.act_bits) + " bits");
  }

  void check_skips(const Task& task) {
    if (task.skips.size() <= kMostSkips) return;
    problems_.add("layer '" + task.name + "'",
                  "adds " + std::to_string(task.skips.size() + 1) + " tensors; at most " +
                      std::to_string(kMostSkips + 1) + " can be added at once");
  }

  // Counts have 63 bits.
  void check_countable(Task& task) {
    if (accelerator_.pim) {
      counted_ += worst_counted_on_pim(task, accelerator_);
      if (counted_ <= kMostCounted) return;
      problems_.add("layer '" + task.name + "'",
                    "with the layers before it has more work than is counted on a design with PIM "
                    "arrays; lower the batch");
      return;
    }
    if (task.has_macs && !takes(task)) return;  // told
    const TaskContext context(task, accelerator_);
    const std::string problem = uncountable_task(context);
    if (!problem.empty()) {
      problems_.add("layer '" + task.name + "'", problem);
      return;
    }
    const double worst = worst_counted(context);
    counted_ += worst;
    task.may_overflow = worst > kMostCounted;
    graph_.may_overflow = counted_ > kMostCounted;
  }

  static void add_correction(Task& task) {
    if (!task.has_macs) return;
    const numeric::Precision& precision = task.precision;
    const numeric::OperandEncoding weights{precision.weight_encoding, precision.weight_bits,
                                           precision.weight_signed, 1};
    const numeric::OperandEncoding acts{numeric::WeightEncoding::TwosComplement, precision.act_bits,
                                        precision.act_signed, 0};
    const numeric::CorrectionCost cost =
        numeric::correction_cost(weights, acts, task.taps() * task.whole.reduction);
    task.sums_acts = cost.act_sum_additions > 0;
    task.post_operations += cost.additions_per_output;
    task.post_steps += cost.additions_per_output;
  }

  // Cuts one loop into equal shares; a layer too small for the configured cut divides its channels.
  void divide(Task& task) const {
    task.core = task.whole;
    const std::int64_t cores = accelerator_.cores;
    if (cores == 1) return;
    Division division = task.whole.groups > 1 ? Division::Groups : Division::Channels;
    if (accelerator_.core_split == spec::CoreSplit::Pixels && task.whole.rows >= cores) {
      division = Division::Rows;
    }
    if (accelerator_.core_split == spec::CoreSplit::Batch && task.whole.images >= cores) {
      division = Division::Images;
    }
    const std::int64_t total = extent(task.whole, division);
    const std::int64_t share = ceil_div(total, cores);
    task.division = division;
    extent(task.core, division) = share;
    task.full_cores = total / share;
    task.last = task.core;
    extent(task.last, division) = total - task.full_cores * share;
    task.has_last = total % share != 0;
    if (division == Division::Rows && task.full_cores > 1) {
      task.pad_top -= share * task.stride_height;  // the second core's window
    }
  }

  static std::int64_t& extent(Extents& extents, Division division) {
    switch (division) {
      case Division::Groups:
        return extents.groups;
      case Division::Rows:
        return extents.rows;
      case Division::Images:
        return extents.images;
      default:
        return extents.channels;
    }
  }

  void find_last_uses() {
    for (std::size_t i = 0; i < graph_.tasks.size(); ++i) {
      const int index = static_cast<int>(i);
      graph_.tensors[i].last_use = index;
      const auto read = [&](int tensor) {
        if (tensor >= 0) graph_.tensors[static_cast<std::size_t>(tensor)].last_use = index;
      };
      read(graph_.tasks[i].input);
      read(graph_.tasks[i].second_input);
      for (const int skip : graph_.tasks[i].skips) read(skip);
    }
  }

  const model::Network& network_;
  const std::vector<numeric::Precision>& precisions_;
  const spec::AcceleratorSpec& accelerator_;
  TaskGraph graph_;
  std::vector<int> readers_;
  std::vector<int> task_of_;  // per layer, the task that makes its output
  double counted_ = 0;        // at most this much, whatever the tiles
  base::Problems problems_;
};

}  // namespace

TaskGraph make_tasks(const model::Network& network,
                     const std::vector<numeric::Precision>& precisions,
                     const spec::AcceleratorSpec& accelerator, std::int64_t batch) {
  return Builder(network, precisions, accelerator, batch).build();
}

}  // namespace bitscale::mapping
