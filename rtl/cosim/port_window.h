// The last cycles at an array's ports around one sum, as a waveform.
#ifndef BITSCALE_RTL_COSIM_PORT_WINDOW_H_
#define BITSCALE_RTL_COSIM_PORT_WINDOW_H_

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "rtl/cosim/array_run.h"

namespace bitscale::cosim {

/// A port as the waveform names it, and the signals of a port of many fields: name_0, name_1 …
struct PortSignal {
  std::string name;
  int bits = 1;
};
void append_signals(const std::string& name, int count, int bits, std::vector<PortSignal>& signals);

/// Keeps at most 512 cycles, until two after the failing sum stood there (or the run has ended).
class PortWindow {
 public:
  explicit PortWindow(ArraySum expected) : expected_(expected) {}

  /// The failing sum stands at the ports in the cycle that is sampled next.
  void mark() {
    if (found_ < 0) found_ = now_;
  }
  /// One cycle: a value per signal of vcd().
  void sample(std::vector<std::uint64_t> values);

  /// The cycle of the sum, counted from the first sampled; −1: never marked.
  std::int64_t cycle() const { return found_; }
  /// The waveform of `module`, with failing, expected_result and expected_overflow before the
  /// signals.
  std::string vcd(const std::string& module, int acc_bits,
                  const std::vector<PortSignal>& signals) const;

 private:
  ArraySum expected_;
  std::int64_t now_ = 0;
  std::int64_t found_ = -1;
  std::deque<std::vector<std::uint64_t>> samples_;
};

}  // namespace bitscale::cosim

#endif  // BITSCALE_RTL_COSIM_PORT_WINDOW_H_
