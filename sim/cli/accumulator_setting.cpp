#include "sim/cli/accumulator_setting.h"

#include <algorithm>

#include "arch/base/error.h"
#include "sim/run/assembly.h"
#include "sim/run/mapped_order.h"

namespace bitscale::cli {
namespace {

constexpr base::IntegerRange kAccRange{numeric::kMinAccBits, numeric::kMaxAccBits};

template <class Enum>
Enum named(const Options& options, const char* option, const char* what,
           const base::NameTable<Enum>& names) {
  const auto found = names.find(options.text(option));
  if (!found) {
    throw base::UserError(std::string("--") + option,
                          base::unknown_name_message(what, options.text(option), names.names()));
  }
  return *found;
}

void read_widths(const std::string& text, AccumulatorSetting& setting) {
  if (text == "auto") {
    setting.kind = AccumulatorKind::Automatic;
    return;
  }
  const std::size_t dots = text.find("..");
  setting.low = whole_number(text.substr(0, dots), kAccRange, "--acc-bits");
  setting.high = setting.low;
  setting.kind = AccumulatorKind::Fixed;
  if (dots == std::string::npos) return;
  setting.kind = AccumulatorKind::Range;
  setting.high = whole_number(text.substr(dots + 2), kAccRange, "--acc-bits");
  if (setting.high < setting.low) {
    throw base::UserError("--acc-bits", "a range goes upwards, given '" + text + "'");
  }
}

}  // namespace

void describe_accumulators(Options& options) {
  options.add()("acc-bits", text_value(),
                "accumulator of every layer: P (2-48), P..Q (each of them), or auto (per layer the "
                "fewest that cannot overflow); needs tensors")(
      "overflow", text_value(),
      "wrap, saturate_each_step or saturate_at_end (default: the design's); at_end clamps what "
      "leaves to P bits, and its register is as wide as no input can overflow; needs tensors")(
      "order", text_value(),
      "mapping (default: partial sums leave the array where the mapping says) or whole (one "
      "accumulator sums a whole reduction); needs tensors");
}

AccumulatorSetting accumulator_setting(const Options& options) {
  AccumulatorSetting setting;
  base::Problems problems;
  run::collect(problems, [&] {
    if (options.has("acc-bits")) read_widths(options.text("acc-bits"), setting);
  });
  run::collect(problems, [&] {
    if (!options.has("overflow")) return;
    setting.policy = named(options, "overflow", "policy", numeric::kOverflowPolicyNames);
  });
  run::collect(problems, [&] {
    if (options.has("order")) setting.order = named(options, "order", "order", kSumOrderNames);
  });
  problems.throw_if_any();
  return setting;
}

std::vector<numeric::ReductionOrder> mapping_orders(const model::QuantizedGraph& graph,
                                                    const mapping::TaskGraph& tasks,
                                                    const mapping::NetworkMapping& mapping,
                                                    const spec::AcceleratorSpec& accelerator) {
  std::vector<numeric::ReductionOrder> by_layer(graph.network.layers.size());
  for (std::size_t t = 0; t < tasks.tasks.size(); ++t) {
    const mapping::Task& task = tasks.tasks[t];
    if (!task.has_macs) continue;
    by_layer[static_cast<std::size_t>(task.layers.front())] =
        run::mapped_order(task, mapping.tasks[t].tiling, accelerator);
  }
  std::vector<numeric::ReductionOrder> orders;
  for (const model::QuantizedNode& node : graph.nodes) {
    const bool mac = node.op == model::QuantizedOp::Mac;
    orders.push_back(mac ? by_layer[static_cast<std::size_t>(node.layer)]
                         : numeric::ReductionOrder{});
  }
  return orders;
}

}  // namespace bitscale::cli
