// Who listens to what the blocks do, for timelines and waveforms. Cycles count from the start of
// the run and may be fractions.
#ifndef BITSCALE_SIM_COMPONENTS_SPAN_SINK_H_
#define BITSCALE_SIM_COMPONENTS_SPAN_SINK_H_

#include <string_view>

namespace bitscale::components {

class SpanSink {
 public:
  virtual ~SpanSink() = default;
  /// A block was busy. A load counts from when it was asked for, so loads of one engine overlap.
  virtual void span(std::string_view track, std::string_view name, double start_cycle,
                    double end_cycle) = 0;
  /// A task of this name starts: all buffer slots are free. At the end of the run once more, with
  /// an empty name.
  virtual void task(std::string_view /*name*/, double /*cycle*/) {}
  /// The work of the task's next tile: the array's, or post-processing's where there is no other.
  virtual void tile(double /*start_cycle*/, double /*end_cycle*/) {}
  /// A slot of a buffer was taken (+1) or given back (−1), in any order of time within a task.
  /// Those still taken at its end are free when the next one starts.
  virtual void slot(std::string_view /*buffer*/, double /*cycle*/, int /*change*/) {}
};

}  // namespace bitscale::components

#endif  // BITSCALE_SIM_COMPONENTS_SPAN_SINK_H_
