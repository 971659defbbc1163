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

std::int64_t LoadDma::tile_bytes(const ProgramStep& step, const mapping::TileWalk& walk) const {
  if (operand_ == Operand::Weights) return mapping::weight_tile_bytes(step.context, walk);
  if (operand_ == Operand::Inputs) return mapping::input_tile_bytes(step.context, walk);
  std::int64_t bytes = 0;
  for (std::size_t i = 0; i < step.context.task->skips.size(); ++i) {
    if (step.loads_skip(i)) bytes += mapping::skip_tile_bytes(step.context, walk, i);
  }
  return bytes;
}

double LoadDma::run_step(ProgramStep& step, double begin) {
  const bool active = operand_ == Operand::Weights  ? step.loads_weights
                      : operand_ == Operand::Inputs ? step.loads_inputs()
                                                    : step.loads_any_skip();
  if (!active) return begin;
  double end = begin;
  std::int64_t moved = 0;
  bool first = true;
  const bool yields = (operand_ == Operand::Weights && step.weights_yield) ||
                      (operand_ == Operand::Inputs && step.inputs_yield);
  for (mapping::TileWalk walk(*step.context.task, step.mapping.tiling); !walk.done(); walk.next()) {
    if (!wanted(step, walk)) continue;
    wait_until(free_i->get());
    if (yields && !first) sc_core::wait(sc_core::SC_ZERO_TIME);
    const std::int64_t bytes = tile_bytes(step, walk);
    moved += bytes;
    end = dram_o->read(bytes);
    span(step, now_cycles(), end);
    loaded_o->put(end);
    if (first) sc_core::wait(sc_core::SC_ZERO_TIME);  // others' first loads before this second one
    first = false;
  }
  cost::LayerActivity& activity = step.activity;
  activity.count(Action::DramReadBit) += 8 * moved;
  activity.count(Action::DmaBit) += 8 * moved;
  activity.count(operand_ == Operand::Weights ? Action::WeightWriteBit : Action::ActWriteBit) +=
      8 * moved;
  return end;
}

double StoreDma::run_step(ProgramStep& step, double begin) {
  if (!step.stores()) return begin;
  const bool yields = step.loads_any_skip();
  double end = begin;
  std::int64_t moved = 0;
  for (mapping::TileWalk walk(*step.context.task, step.mapping.tiling); !walk.done(); walk.next()) {
    if (!walk.last_reduction()) continue;
    wait_until(finished_i->get());
    if (yields) sc_core::wait(sc_core::SC_ZERO_TIME);
    const std::int64_t bytes = mapping::output_tile_bytes(step.context, walk);
    moved += bytes;
    end = dram_o->write(bytes);
    span(step, now_cycles(), end);
    free_o->put(end);
  }
  step.activity.count(Action::DramWriteBit) += 8 * moved;
  step.activity.count(Action::DmaBit) += 8 * moved;
  return end;
}

}  // namespace bitscale::components
