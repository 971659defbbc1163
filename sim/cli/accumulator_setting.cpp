#include "sim/cli/accumulator_setting.h"

#include <algorithm>

#include "arch/base/error.h"

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

void note_parts_of_passes(const mapping::Task& task, std::int64_t tile, std::int64_t pass,
                          std::vector<std::string>& notes) {
  if (tile >= task.whole.reduction * task.taps() || tile % pass == 0 || tile <= pass) return;
  notes.push_back("layer '" + task.name + "': its reduction tiles of " + std::to_string(tile) +
                  " products are no whole number of passes of " + std::to_string(pass) +
                  "; passes are counted through");
}

// Arrays along the reduction sum their wordlines at once.
std::size_t pim_pass_length(const mapping::Task& task, std::int64_t tile, std::int64_t wordlines,
                            std::vector<std::string>& notes) {
  note_parts_of_passes(task, tile, wordlines, notes);
  return static_cast<std::size_t>(std::min(wordlines, tile));
}

std::size_t pass_length(const mapping::Task& task, const mapping::Tiling& tiling,
                        const spec::AcceleratorSpec& accelerator, std::vector<std::string>& notes) {
  const spec::MacArraySpec& array = accelerator.mac_array;
  const std::int64_t tile = tiling.reduction * task.taps();
  if (task.on_pim) return pim_pass_length(task, tile, accelerator.pim->wordlines, notes);
  if (array.dataflow == spec::Dataflow::OutputStationary) return static_cast<std::size_t>(tile);
  if (array.row_mapping == spec::RowMapping::Channels && task.taps() > 1) {
    notes.push_back("layer '" + task.name +
                    "': the array sums one kernel tap at a time (row_mapping channels), an order "
                    "the executor does not know; it sums the whole reduction in one accumulator");
    return 0;
  }
  const double parallel = std::max(
      1.0, spec::macs_per_pe_cycle(array.pe, task.precision.weight_bits, task.precision.act_bits));
  const auto pass = static_cast<std::int64_t>(static_cast<double>(array.rows) * parallel);
  note_parts_of_passes(task, tile, pass, notes);
  return static_cast<std::size_t>(std::min(pass, tile));
}

}  // namespace

void describe_accumulators(Options& options) {
  options.add()("acc-bits", text_value(),
                "accumulator of every layer: P (2-48), P..Q (each of them), or auto (per layer the "
                "fewest that cannot overflow); needs tensors")(
      "overflow", text_value(),
      "wrap, saturate_each_step or saturate_at_end (default: the design's); needs tensors")(
      "order", text_value(),
      "mapping (default: partial sums leave the array where the mapping says) or whole (one "
      "accumulator sums a whole reduction); needs tensors");
}

AccumulatorSetting accumulator_setting(const Options& options) {
  AccumulatorSetting setting;
  if (options.has("acc-bits")) read_widths(options.text("acc-bits"), setting);
  if (options.has("overflow")) {
    setting.policy = named(options, "overflow", "policy", numeric::kOverflowPolicyNames);
  }
  if (options.has("order")) setting.order = named(options, "order", "order", kSumOrderNames);
  return setting;
}

std::vector<std::size_t> mapping_chunks(const model::QuantizedGraph& graph,
                                        const mapping::TaskGraph& tasks,
                                        const mapping::NetworkMapping& mapping,
                                        const spec::AcceleratorSpec& accelerator,
                                        std::vector<std::string>& notes) {
  std::vector<std::size_t> by_layer(graph.network.layers.size(), 0);
  for (std::size_t t = 0; t < tasks.tasks.size(); ++t) {
    const mapping::Task& task = tasks.tasks[t];
    if (!task.has_macs) continue;
    by_layer[static_cast<std::size_t>(task.layers.front())] =
        pass_length(task, mapping.tasks[t].tiling, accelerator, notes);
  }
  std::vector<std::size_t> chunks;
  for (const model::QuantizedNode& node : graph.nodes) {
    chunks.push_back(
        node.op == model::QuantizedOp::Mac ? by_layer[static_cast<std::size_t>(node.layer)] : 0);
  }
  return chunks;
}

}  // namespace bitscale::cli
