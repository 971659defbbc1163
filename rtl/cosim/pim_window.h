// Draws what stood at the PIM array's ports around one sum.
#ifndef BITSCALE_RTL_COSIM_PIM_WINDOW_H_
#define BITSCALE_RTL_COSIM_PIM_WINDOW_H_

#include <cstdint>
#include <string>
#include <vector>

#include "rtl/cosim/pim_model.h"
#include "rtl/cosim/port_window.h"

namespace bitscale::cosim {

/// Keeps the last cycles until two after a column's sum for a vector has been read (or the run has
/// ended).
class PimWindow : public PimProbe {
 public:
  PimWindow(const PimSpec& pim, std::size_t vector, std::size_t column, ArraySum expected)
      : pim_(pim), vector_(vector), column_(column), window_(expected) {}

  void cycle(const PimCycle& ports) override;
  void sums(std::size_t vector, std::size_t round) override;

  /// The cycle the sum was new, counted from the first of computing; −1: it never was.
  std::int64_t cycle() const { return window_.cycle(); }
  std::string vcd() const;

 private:
  PimSpec pim_;
  std::size_t vector_, column_;
  PortWindow window_;
};

}  // namespace bitscale::cosim

#endif  // BITSCALE_RTL_COSIM_PIM_WINDOW_H_
