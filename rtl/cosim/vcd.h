// A small waveform (IEEE 1364 value change dump) of a few integer signals, one sample per cycle.
#ifndef BITSCALE_RTL_COSIM_VCD_H_
#define BITSCALE_RTL_COSIM_VCD_H_

#include <cstdint>
#include <string>
#include <vector>

namespace bitscale::cosim {

class VcdWriter {
 public:
  /// `scope` names the module the signals appear under.
  explicit VcdWriter(std::string scope) : scope_(std::move(scope)) {}

  /// Declares a signal of 1–64 bits; all before the first sample().
  void signal(std::string name, int bits);
  /// The values of one cycle, in the order of declaration.
  void sample(const std::vector<std::uint64_t>& values);
  /// The file's text; 10 time units per cycle.
  std::string text() const;

 private:
  struct Signal {
    std::string name;
    int bits;
  };
  std::string scope_;
  std::vector<Signal> signals_;
  std::vector<std::vector<std::uint64_t>> samples_;
};

}  // namespace bitscale::cosim

#endif  // BITSCALE_RTL_COSIM_VCD_H_
