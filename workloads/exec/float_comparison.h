// The integer executor against the float executor on the same quantized network (real_graph.h),
// sample by sample: predictions, and every code in between. Exact sums and float32 ones may round
// differently where a real number falls on the edge between two codes; each such place is found.
#ifndef BITSCALE_WORKLOADS_EXEC_FLOAT_COMPARISON_H_
#define BITSCALE_WORKLOADS_EXEC_FLOAT_COMPARISON_H_

#include <cstdint>
#include <string>
#include <vector>

#include "workloads/exec/integer_executor.h"
#include "workloads/exec/real_graph.h"

namespace bitscale::exec {

/// A code that differs counts as explained when the real number that was rounded lies within so
/// many steps of the edge between the two codes: above float32's error in the committed networks
/// (at most 5e-5 of a step, at 8 bits), far below the half that a wrong code would show.
inline constexpr double kEdgeSteps = 1e-3;

/// A sample on which the two disagree: in its prediction or in a code on the way to it.
struct SampleDifference {
  std::int64_t sample = 0;
  std::int64_t integer_class = 0, float_class = 0;
  double margin = 0;         ///< float output of float_class − that of integer_class
  std::string tensor;        ///< the first whose codes differ; "" when only outputs do
  std::int64_t codes = 0;    ///< of it that differ
  double edge_distance = 0;  ///< steps from the edge between the two codes, the largest of them
  bool predictions_differ() const { return integer_class != float_class; }
  /// Every first difference is a rounding edge, or (no code differs) the two outputs tie.
  bool explained() const;
};

struct FloatComparison {
  std::int64_t samples = 0;
  std::int64_t codes = 0;  ///< compared, of all samples
  std::vector<std::int64_t> integer_classes, float_classes;
  std::vector<SampleDifference> differences;  ///< ascending samples

  std::int64_t differing_predictions() const;
  std::int64_t unexplained() const;
  double largest_edge_distance() const;
};

/// `inputs`: [samples, …] of the graph's one input, as its port declares it. Throws UserError for
/// graphs with several inputs, and as real_graph() does. `threads` samples at a time.
FloatComparison compare_with_float(const IntegerExecutor& executor, const model::Tensor& inputs,
                                   int threads);

/// One line: what differs and why.
std::string difference_text(const SampleDifference& difference);

}  // namespace bitscale::exec

#endif  // BITSCALE_WORKLOADS_EXEC_FLOAT_COMPARISON_H_
