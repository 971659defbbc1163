// Timed tokens between processes: a free buffer slot, a loaded tile, a finished tile. A token says
// from which cycle on it counts, which may lie ahead of the kernel's time: blocks that only pass
// tokens on compute with those cycles and never wait (temporal decoupling); blocks that ask the
// DRAM wait for the cycle first, so that its queue is filled in the order of time. Stalls are
// tokens that come late.
//
// A token carries a second cycle: from when it would count if the DRAM took no time. Nothing waits
// for that one; blocks pass it on by the rules of the first, which gives the time of the same run
// with an infinite DRAM beside the real one, and so what waiting for the DRAM costs.
#ifndef BITSCALE_SIM_COMPONENTS_TOKEN_CHANNEL_H_
#define BITSCALE_SIM_COMPONENTS_TOKEN_CHANNEL_H_

#include <systemc>

#include <algorithm>
#include <cstdint>
#include <deque>

namespace bitscale::components {

struct Ready {
  double cycle = 0;
  double without_dram = 0;  ///< never later

  Ready after(double cycles) const { return {cycle + cycles, without_dram + cycles}; }
};

inline Ready later(const Ready& a, const Ready& b) {
  return {std::max(a.cycle, b.cycle), std::max(a.without_dram, b.without_dram)};
}

class TokenIf : public virtual sc_core::sc_interface {
 public:
  virtual void put(const Ready& ready) = 0;
  /// Waits until there is a token and takes it. Tokens come in the order they were put. Call from a
  /// thread process.
  virtual Ready get() = 0;
};

class TokenChannel : public sc_core::sc_module, public TokenIf {
 public:
  explicit TokenChannel(const sc_core::sc_module_name& name) : sc_core::sc_module(name) {}

  void put(const Ready& ready) override {
    ready_.push_back(ready);
    if (ready_.size() == 1) arrived_.notify();
  }
  Ready get() override {
    while (ready_.empty()) sc_core::wait(arrived_);
    const Ready ready = ready_.front();
    ready_.pop_front();
    return ready;
  }
  std::size_t tokens() const { return ready_.size(); }
  /// Replaces all tokens by `count` that count from `cycle`: the free slots of a new task.
  void reset(std::int64_t count, double cycle) {
    ready_.assign(static_cast<std::size_t>(count), {cycle, cycle});
  }

 private:
  std::deque<Ready> ready_;
  sc_core::sc_event arrived_;
};

}  // namespace bitscale::components

#endif  // BITSCALE_SIM_COMPONENTS_TOKEN_CHANNEL_H_
