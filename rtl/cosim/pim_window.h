// Draws what stood at the PIM array's ports around one sum.
#ifndef BITSCALE_RTL_COSIM_PIM_WINDOW_H_
#define BITSCALE_RTL_COSIM_PIM_WINDOW_H_

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "rtl/cosim/pim_model.h"

namespace bitscale::cosim {

/// Keeps the last cycles until two after a column's sum for a vector has been read (or the run has
/// ended).
class PimWindow : public PimProbe {
 public:
  PimWindow(const PimSpec& pim, std::size_t vector, std::size_t column, ArraySum expected)
      : pim_(pim), vector_(vector), column_(column), expected_(expected) {}

  void cycle(const PimCycle& ports) override;
  void sums(std::size_t vector, std::size_t round) override;

  /// The cycle the sum was new, counted from the first of computing; −1: it never was.
  std::int64_t cycle() const { return found_; }
  std::string vcd() const;

 private:
  PimSpec pim_;
  std::size_t vector_, column_;
  ArraySum expected_;
  std::int64_t now_ = 0;
  std::int64_t found_ = -1;
  std::deque<std::vector<std::uint64_t>> samples_;
};

}  // namespace bitscale::cosim

#endif  // BITSCALE_RTL_COSIM_PIM_WINDOW_H_
