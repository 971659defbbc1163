#include "sim/components/controller.h"

#include <algorithm>
#include <cmath>

#include "sim/components/cycle_time.h"

namespace bitscale::components {

using cost::Action;

Controller::Controller(const sc_core::sc_module_name& name, Program& program,
                       const SlotChannels& slots, SpanSink* spans)
    : sc_core::sc_module(name),
      start_o("start_o"),
      done_i("done_i"),
      program_(program),
      slots_(slots),
      spans_(spans) {
  SC_HAS_PROCESS(Controller);
  SC_THREAD(run);
}

void Controller::run() {
  for (ProgramStep& step : program_) {
    const double begin = now_cycles();
    if (spans_ != nullptr) spans_->task(step.activity.name, begin);
    const mapping::Placement& placement = step.mapping.placement;
    const mapping::ExchangeCost exchange = mapping::exchange_cost(step.context, placement);
    step.activity.count(Action::InterconnectBit) += exchange.link_bits;
    step.activity.count(Action::ActReadBit) += exchange.read_bits;
    step.activity.count(Action::ActWriteBit) += exchange.write_bits;
    wait_cycles(static_cast<double>(exchange.cycles));
    const double start = now_cycles();
    slots_.weights->reset(step.weight_slots, start);
    slots_.inputs->reset(step.input_slots, start);
    slots_.skips->reset(step.skip_slots, start);
    slots_.outputs->reset(step.output_slots, start);
    for (int i = 0; i < start_o.size(); ++i) start_o[i]->put({start, start});
    Ready end{start, start};
    for (int i = 0; i < start_o.size(); ++i) end = later(end, done_i->get());
    wait_until(end.cycle);
    close_books(step, begin, end.without_dram);
    wait_until(begin + static_cast<double>(step.activity.latency_cycles));
  }
  if (spans_ != nullptr) spans_->task("", now_cycles());
}

void Controller::close_books(ProgramStep& step, double begin, double without_dram) {
  cost::LayerActivity& activity = step.activity;
  const auto whole = [](double cycles) { return static_cast<std::int64_t>(std::ceil(cycles)); };
  activity.latency_cycles = std::max(whole(now_cycles() - begin), activity.compute_cycles);
  activity.attribute_stalls(whole(without_dram - begin));
  const std::int64_t pes = step.context.accelerator->total_pes();
  const auto busy = static_cast<std::int64_t>(static_cast<double>(activity.count(Action::Mac)) /
                                              step.context.macs_per_cycle);
  activity.count(Action::IdlePeCycle) =
      std::max<std::int64_t>(0, pes * activity.latency_cycles - busy);
}

}  // namespace bitscale::components
