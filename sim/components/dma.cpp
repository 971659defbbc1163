#include "sim/components/dma.h"

#include "sim/components/cycle_time.h"
#include "sim/mapping/transfer.h"

namespace bitscale::components {

using cost::Action;

Engine::Engine(const sc_core::sc_module_name& name, Program& program, SpanSink* spans)
    : sc_core::sc_module(name),
      start_i("start_i"),
      done_o("done_o"),
      program_(program),
      spans_(spans) {
  SC_HAS_PROCESS(Engine);
  SC_THREAD(run);
}

void Engine::run() {
  for (ProgramStep& step : program_) {
    done_o->put(run_step(step, start_i->get()));
  }
}

void Engine::span(const ProgramStep& step, double start_cycle, double end_cycle) const {
  if (spans_ != nullptr) spans_->span(basename(), step.activity.name, start_cycle, end_cycle);
}

void Engine::tile_span(const ProgramStep& step, double start_cycle, double end_cycle) const {
  span(step, start_cycle, end_cycle);
  if (spans_ != nullptr) spans_->tile(start_cycle, end_cycle);
}

void Engine::slot_change(const char* buffer, double cycle, int change) const {
  if (spans_ != nullptr) spans_->slot(buffer, cycle, change);
}

bool LoadDma::wanted(const ProgramStep& step, const mapping::TileWalk& walk) const {
  switch (operand_) {
    case Operand::Weights:
      return walk.new_weights() && (!step.loads_weights_once || walk.first_weights());
    case Operand::Inputs:
      return walk.new_inputs();
    case Operand::Skips:
      return walk.last_reduction();
  }
  return false;
}

mapping::Transfer LoadDma::transfer(const ProgramStep& step, const mapping::TileWalk& walk) const {
  if (operand_ == Operand::Weights) return mapping::weight_transfer(step.context, walk);
  if (operand_ == Operand::Inputs) return mapping::input_transfer(step.context, walk);
  mapping::Transfer all;
  for (std::size_t i = 0; i < step.context.task->skips.size(); ++i) {
    if (step.loads_skip(i)) all.add(mapping::skip_transfer(step.context, walk, i), 1);
  }
  return all;
}

Ready LoadDma::run_step(ProgramStep& step, const Ready& begin) {
  const bool active = operand_ == Operand::Weights  ? step.loads_weights
                      : operand_ == Operand::Inputs ? step.loads_inputs()
                                                    : step.loads_any_skip();
  if (!active) return begin;
  Ready end = begin;
  mapping::Transfer moved;
  bool first = true;
  const bool yields = (operand_ == Operand::Weights && step.weights_yield) ||
                      (operand_ == Operand::Inputs && step.inputs_yield);
  for (mapping::TileWalk walk(*step.context.task, step.mapping.tiling); !walk.done(); walk.next()) {
    if (!wanted(step, walk)) continue;
    const Ready slot = free_i->get();
    wait_until(slot.cycle);
    if (yields && !first) sc_core::wait(sc_core::SC_ZERO_TIME);
    const mapping::Transfer tile = transfer(step, walk);
    moved.add(tile, 1);
    slot_change(operand_ == Operand::Weights ? kWeightBuffer : kActBuffer, now_cycles(), 1);
    end = {dram_o->read(tile.dram_bytes), slot.without_dram};
    span(step, now_cycles(), end.cycle);
    loaded_o->put(end);
    if (first) sc_core::wait(sc_core::SC_ZERO_TIME);  // others' first loads before this second one
    first = false;
  }
  cost::LayerActivity& activity = step.activity;
  activity.count(Action::DramReadBit) += 8 * moved.dram_bytes;
  activity.count(Action::DmaBit) += moved.dma_bits;
  activity.count(operand_ == Operand::Weights ? Action::WeightWriteBit : Action::ActWriteBit) +=
      moved.buffer_bits;
  return end;
}

Ready StoreDma::run_step(ProgramStep& step, const Ready& begin) {
  if (!step.stores()) return begin;
  const bool yields = step.loads_any_skip();
  Ready end = begin;
  mapping::Transfer moved;
  for (mapping::TileWalk walk(*step.context.task, step.mapping.tiling); !walk.done(); walk.next()) {
    if (!walk.last_reduction()) continue;
    const Ready finished = finished_i->get();
    wait_until(finished.cycle);
    if (yields) sc_core::wait(sc_core::SC_ZERO_TIME);
    const mapping::Transfer tile = mapping::output_transfer(step.context, walk);
    moved.add(tile, 1);
    end = {dram_o->write(tile.dram_bytes), finished.without_dram};
    span(step, now_cycles(), end.cycle);
    slot_change(kOutputBuffer, end.cycle, -1);
    free_o->put(end);
  }
  step.activity.count(Action::DramWriteBit) += 8 * moved.dram_bytes;
  step.activity.count(Action::DmaBit) += moved.dma_bits;
  step.activity.count(Action::OutputReadBit) += moved.buffer_bits;
  return end;
}

}  // namespace bitscale::components
