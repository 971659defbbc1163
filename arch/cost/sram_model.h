// Energy, leakage, area and speed of a banked buffer, interpolated in an SRAM table.
//
// Each metric is interpolated linearly in its logarithm over log2 capacity and log2 word bits. A
// memory compiler's table is not monotone (it trades area, speed and energy differently at each
// size), so every column of the table (one word width) is first replaced by the geometric mean of
// its upper envelope (the largest value of any smaller memory) and its lower one (the smallest
// of any larger memory); the two envelopes are the interval. Hence more capacity never costs less.
// Beyond the table the outermost power law goes on (flagged). Words wider than the table's are
// several memories side by side; narrower ones pay for the table's narrowest. The clock is limited
// by the cycle time of the memory or, if that is smaller, of one of the macros it is built from.
#ifndef BITSCALE_ARCH_COST_SRAM_MODEL_H_
#define BITSCALE_ARCH_COST_SRAM_MODEL_H_

#include <array>
#include <vector>

#include "arch/cost/mac_surface.h"
#include "arch/cost/technology.h"
#include "arch/spec/memory.h"

namespace bitscale::cost {

struct SramCost {
  Estimate read_pj_per_bit;
  Estimate write_pj_per_bit;
  Estimate leakage_mw;  ///< all banks
  Estimate area_um2;    ///< all banks
  double cycle_ns = 0;  ///< shortest clock period, by the table's `pipelined`
  Basis basis = Basis::Table;
};

class SramModel {
 public:
  explicit SramModel(const Technology& technology);

  SramCost buffer(const spec::BufferSpec& buffer) const;

 private:
  enum Metric { ReadPj, WritePj, LeakageMw, AreaUm2, AccessNs, CycleNs, MetricCount };
  struct Point {
    double log_capacity = 0;
    std::array<double, MetricCount> log_low{};   // logarithm of the lower envelope
    std::array<double, MetricCount> log_high{};  // and of the upper one
  };
  struct Column {
    double word_bits = 0;
    std::vector<Point> points;  // by rising capacity
  };
  struct Place;

  static Column make_column(std::vector<SramRow> rows);
  static Estimate along_capacity(const Column& column, double log_capacity, Metric metric);
  Place place(double capacity_bytes, double word_bits) const;
  Estimate at(const Place& place, Metric metric) const;

  std::vector<Column> columns_;  // by rising word width
  bool pipelined_;
  Estimate extra_port_;
  double macro_bytes_;
};

}  // namespace bitscale::cost

#endif  // BITSCALE_ARCH_COST_SRAM_MODEL_H_
