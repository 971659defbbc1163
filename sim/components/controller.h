// The controller: lets cores exchange the resident operands of a task, sets its buffer slots,
// starts all engines, waits until all are done and closes the task's books.
#ifndef BITSCALE_SIM_COMPONENTS_CONTROLLER_H_
#define BITSCALE_SIM_COMPONENTS_CONTROLLER_H_

#include <systemc>

#include <vector>

#include "sim/components/program.h"
#include "sim/components/token_channel.h"

namespace bitscale::components {

/// The channels whose tokens are free buffer slots.
struct SlotChannels {
  TokenChannel* weights;
  TokenChannel* inputs;
  TokenChannel* skips;
  TokenChannel* outputs;
};

class Controller : public sc_core::sc_module {
 public:
  sc_core::sc_port<TokenIf, 0> start_o;  ///< one channel per engine
  sc_core::sc_port<TokenIf> done_i;      ///< a token from every engine

  /// `spans` may be null.
  Controller(const sc_core::sc_module_name& name, Program& program, const SlotChannels& slots,
             SpanSink* spans);

 private:
  void run();
  // The task began at `begin` and would have ended at `without_dram` with an infinite DRAM.
  static void close_books(ProgramStep& step, double begin, double without_dram);

  Program& program_;
  SlotChannels slots_;
  SpanSink* spans_;
};

}  // namespace bitscale::components

#endif  // BITSCALE_SIM_COMPONENTS_CONTROLLER_H_
