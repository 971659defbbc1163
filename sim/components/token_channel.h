// Timed tokens between processes: a free buffer slot, a loaded tile, a finished tile. A token says
// from which cycle on it counts, which may lie ahead of the kernel's time: blocks that only pass
// tokens on compute with those cycles and never wait (temporal decoupling); blocks that ask the
// DRAM wait for the cycle first, so that its queue is filled in the order of time. Stalls are
// tokens that come late.
#ifndef BITSCALE_SIM_COMPONENTS_TOKEN_CHANNEL_H_
#define BITSCALE_SIM_COMPONENTS_TOKEN_CHANNEL_H_

#include <systemc>

#include <cstdint>
#include <deque>

namespace bitscale::components {

class TokenIf : public virtual sc_core::sc_interface {
 public:
  virtual void put(double ready_cycle) = 0;
  /// Waits until there is a token, takes it and returns the cycle it counts from. Tokens come in
  /// the order they were put. Call from a thread process.
  virtual double get() = 0;
};

class TokenChannel : public sc_core::sc_module, public TokenIf {
 public:
  explicit TokenChannel(const sc_core::sc_module_name& name) : sc_core::sc_module(name) {}

  void put(double ready_cycle) override {
    ready_.push_back(ready_cycle);
    if (ready_.size() == 1) arrived_.notify();
  }
  double get() override {
    while (ready_.empty()) sc_core::wait(arrived_);
    const double cycle = ready_.front();
    ready_.pop_front();
    return cycle;
  }
  std::size_t tokens() const { return ready_.size(); }
  /// Replaces all tokens by `count` that count from `cycle`: the free slots of a new task.
  void reset(std::int64_t count, double cycle) {
    ready_.assign(static_cast<std::size_t>(count), cycle);
  }

 private:
  std::deque<double> ready_;
  sc_core::sc_event arrived_;
};

}  // namespace bitscale::components

#endif  // BITSCALE_SIM_COMPONENTS_TOKEN_CHANNEL_H_
