// Draws what stood at the array's ports around one sum.
#ifndef BITSCALE_RTL_COSIM_ARRAY_WINDOW_H_
#define BITSCALE_RTL_COSIM_ARRAY_WINDOW_H_

#include <cstdint>
#include <string>
#include <vector>

#include "rtl/cosim/array_run.h"
#include "rtl/cosim/port_window.h"

namespace bitscale::cosim {

/// Which sum of which fold.
struct SumPosition {
  std::size_t fold = 0, index = 0;
};

/// Keeps the last cycles until two after the sum has been read (or the run has ended).
class ArrayWindow : public ArrayProbe {
 public:
  ArrayWindow(const ArraySpec& array, SumPosition position, ArraySum expected)
      : array_(array), position_(position), window_(expected) {}

  void cycle(const ArrayCycle& ports) override;
  void sum(std::size_t fold, std::size_t index) override;

  /// The cycle the sum stood below the array, counted from the run's first; −1: it never did.
  std::int64_t cycle() const { return window_.cycle(); }
  std::string vcd() const;

 private:
  ArraySpec array_;
  SumPosition position_;
  PortWindow window_;
};

}  // namespace bitscale::cosim

#endif  // BITSCALE_RTL_COSIM_ARRAY_WINDOW_H_
