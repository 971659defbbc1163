// The DMA engines: one loads weights, one inputs, one skip operands, one stores outputs. A load
// takes a free slot of its buffer, moves a tile from DRAM and hands it on; a store takes a finished
// tile, moves it to DRAM and frees its slot. Each follows the program's tile walk on its own.
#ifndef BITSCALE_SIM_COMPONENTS_DMA_H_
#define BITSCALE_SIM_COMPONENTS_DMA_H_

#include <systemc>

#include "sim/components/dram.h"
#include "sim/components/program.h"
#include "sim/components/token_channel.h"
#include "sim/mapping/walk.h"

namespace bitscale::components {

/// What all engines have: a program to follow and the meeting points between its tasks.
class Engine : public sc_core::sc_module {
 public:
  sc_core::sc_port<TokenIf> start_i;  ///< a token per task, from the controller
  sc_core::sc_port<TokenIf> done_o;

 protected:
  Engine(const sc_core::sc_module_name& name, Program& program, SpanSink* spans);
  /// Does the engine's part of a task that starts at `begin`; returns when it is through.
  virtual Ready run_step(ProgramStep& step, const Ready& begin) = 0;
  // What the engine was busy with, a tile's compute, a buffer slot: to whoever listens.
  void span(const ProgramStep& step, double start_cycle, double end_cycle) const;
  void tile_span(const ProgramStep& step, double start_cycle, double end_cycle) const;
  void slot_change(const char* buffer, double cycle, int change) const;

 private:
  void run();
  Program& program_;
  SpanSink* spans_;
};

/// Buffers as timelines call them; inputs and skip operands share one.
inline constexpr const char* kWeightBuffer = "weight_buffer";
inline constexpr const char* kActBuffer = "act_buffer";
inline constexpr const char* kOutputBuffer = "output_buffer";

/// Loads one operand of every task that streams it.
class LoadDma : public Engine {
 public:
  enum class Operand { Weights, Inputs, Skips };

  sc_core::sc_port<DramIf> dram_o;
  sc_core::sc_port<TokenIf> free_i;    ///< slots to fill
  sc_core::sc_port<TokenIf> loaded_o;  ///< filled slots

  LoadDma(const sc_core::sc_module_name& name, Operand operand, Program& program, SpanSink* spans)
      : Engine(name, program, spans), operand_(operand) {}

 private:
  Ready run_step(ProgramStep& step, const Ready& begin) override;
  bool wanted(const ProgramStep& step, const mapping::TileWalk& walk) const;
  mapping::Transfer transfer(const ProgramStep& step, const mapping::TileWalk& walk) const;
  Operand operand_;
};

/// Stores the outputs of every task whose output does not stay on chip.
class StoreDma : public Engine {
 public:
  sc_core::sc_port<DramIf> dram_o;
  sc_core::sc_port<TokenIf> finished_i;
  sc_core::sc_port<TokenIf> free_o;

  StoreDma(const sc_core::sc_module_name& name, Program& program, SpanSink* spans)
      : Engine(name, program, spans) {}

 private:
  Ready run_step(ProgramStep& step, const Ready& begin) override;
};

}  // namespace bitscale::components

#endif  // BITSCALE_SIM_COMPONENTS_DMA_H_
