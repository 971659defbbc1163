#include "sim/mapping/transfer.h"

namespace bitscale::mapping {
namespace {

template <class Count>
Transfer at(const TransferRule& rule, const TaskContext& context, const TileWalk& walk,
            Count count) {
  return rule.of(count(walk.core()), context.task->has_last ? count(walk.last_core()) : 0);
}

Transfer outputs_at(const TransferRule& rule, const TaskContext& context, const TileWalk& walk) {
  return at(rule, context, walk, [](const TileSlice& tile) { return tile.outputs(); });
}

}  // namespace

// A broadcast is the same tile in every core, so the last core's is counted like the full ones'.
TransferRule::TransferRule(const TaskContext& context, const spec::BufferSpec& buffer, bool shared,
                           int bits)
    : buffers_(&context.accelerator->buffers),
      buffer_(&buffer),
      dense_(buffers_->packing == spec::Packing::Dense),
      bits_(bits),
      burst_bits_(context.accelerator->dram.burst_bytes * 8),
      dram_cores_(shared ? 1 : context.task->full_cores),
      dram_last_(!shared && context.task->has_last ? 1 : 0),
      cores_(shared ? context.task->active_cores() : context.task->full_cores),
      last_(dram_last_) {}

TransferRule weight_rule(const TaskContext& context) {
  return {context, context.accelerator->buffers.weight, context.task->weights_shared(),
          context.task->weight_bits};
}

TransferRule input_rule(const TaskContext& context) {
  return {context, act_buffer(context.accelerator->buffers), context.task->inputs_shared(),
          context.task->input_bits};
}

TransferRule skip_rule(const TaskContext& context, std::size_t index) {
  return {context, act_buffer(context.accelerator->buffers), false, context.task->skip_bits[index]};
}

TransferRule output_rule(const TaskContext& context) {
  return {context, output_buffer(context.accelerator->buffers), false, context.task->output_bits};
}

TransferRule kept_rule(const TaskContext& context) {
  return {context, act_buffer(context.accelerator->buffers), false, context.task->output_bits};
}

Transfer weight_transfer(const TaskContext& context, const TileWalk& walk) {
  return at(weight_rule(context), context, walk, [&](const TileSlice& tile) {
    return tile.groups * tile.channels * tile.reduction * context.task->taps();
  });
}

Transfer input_transfer(const TaskContext& context, const TileWalk& walk) {
  return at(input_rule(context), context, walk,
            [](const TileSlice& tile) { return tile.inputs(); });
}

Transfer skip_transfer(const TaskContext& context, const TileWalk& walk, std::size_t index) {
  return outputs_at(skip_rule(context, index), context, walk);
}

Transfer output_transfer(const TaskContext& context, const TileWalk& walk) {
  return outputs_at(output_rule(context), context, walk);
}

Transfer kept_transfer(const TaskContext& context, const TileWalk& walk) {
  return outputs_at(kept_rule(context), context, walk);
}

}  // namespace bitscale::mapping
