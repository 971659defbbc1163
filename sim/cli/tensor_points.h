// A network with tensors on one design, with the accumulators that --acc-bits asks for.
#ifndef BITSCALE_SIM_CLI_TENSOR_POINTS_H_
#define BITSCALE_SIM_CLI_TENSOR_POINTS_H_

#include <optional>
#include <string>
#include <vector>

#include "arch/base/error.h"
#include "sim/cli/accumulator_setting.h"
#include "sim/cli/command.h"
#include "sim/cli/run_steps.h"
#include "workloads/model/quantized_graph.h"

namespace bitscale::cli {

/// The network mapped on one design with one set of accumulators.
struct TensorPoint {
  MappedRun mapped;
  std::vector<numeric::ReductionOrder> orders;  ///< per node of the graph
  std::vector<std::string> notes;
  /// saturate_at_end: width of the register that carries exact sums until they are clamped.
  std::optional<int> register_bits;
};

class TensorPoints {
 public:
  /// All arguments must outlive this object.
  TensorPoints(const Session& session, const Options& options, const std::string& path,
               const model::QuantizedGraph& graph, const AccumulatorSetting& setting)
      : session_(session), options_(options), path_(path), graph_(graph), setting_(setting) {}

  /// Real activations, which must outlive this object: PIM arrays that skip zero planes are
  /// measured on the first `samples` of them. Without any nothing is skipped.
  void use_inputs(const std::vector<model::Tensor>& inputs, std::int64_t samples) {
    inputs_ = &inputs;
    samples_ = samples;
  }

  /// What is wrong with the other parts of the run where the network or the accumulators cannot be
  /// told.
  base::Problems design_problems() const;

  /// Every layer at `bits`, unless the widths are the design's.
  TensorPoint at(int bits) const;
  /// What the report describes: of a range its end.
  TensorPoint main() const;

 private:
  using Widths = std::vector<numeric::GuaranteedBits>;  ///< per node of the graph

  Widths guaranteed_widths(const std::vector<numeric::ReductionOrder>& orders) const;
  /// `exact`: what the hardware holds where that is wider than what leaves it, else empty.
  run::RunConfig config_at(const Widths& widths, const Widths& exact) const;
  TensorPoint mapped_point(const Widths& widths, const Widths& exact) const;
  Widths exact_widths(const TensorPoint& point) const;
  TensorPoint point_at(const Widths& widths) const;
  void set_planes(run::RunConfig& config) const;
  run::RunRequest request() const;

  const Session& session_;
  const Options& options_;
  const std::string& path_;
  const model::QuantizedGraph& graph_;
  const AccumulatorSetting& setting_;
  const std::vector<model::Tensor>* inputs_ = nullptr;
  std::int64_t samples_ = 0;
  mutable std::vector<mapping::PimPlanes> planes_;  ///< measured once: the same at every point
};

}  // namespace bitscale::cli

#endif  // BITSCALE_SIM_CLI_TENSOR_POINTS_H_
