// A waveform as a Value Change Dump (IEEE 1364-2005, clause 18), which GTKWave and Surfer open. One
// unit of its time is one cycle, written as 1 ns, as in the SystemC kernel.
#ifndef BITSCALE_SIM_REPORT_VCD_H_
#define BITSCALE_SIM_REPORT_VCD_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace bitscale::report {

struct Signal {
  std::string name;  ///< an identifier
  int bits = 1;
  /// (cycle, value) in order of time; of several at one cycle the last holds. 0 before the first.
  std::vector<std::pair<std::int64_t, std::int64_t>> changes;
};

struct Waveform {
  std::int64_t begin_cycle = 0, end_cycle = 0;
  std::vector<std::string> comments;
  std::vector<Signal> signals;
};

/// Only changes of a value are written; the values at begin_cycle stand at its head.
std::string vcd_text(const Waveform& waveform, const std::string& module);

}  // namespace bitscale::report

#endif  // BITSCALE_SIM_REPORT_VCD_H_
