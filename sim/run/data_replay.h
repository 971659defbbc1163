// A batch of real tensors through the SystemC arrays: every MAC layer gets the codes the integer
// executor gave it, and its outputs must be the executor's.
#ifndef BITSCALE_SIM_RUN_DATA_REPLAY_H_
#define BITSCALE_SIM_RUN_DATA_REPLAY_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "sim/components/tile_sums.h"
#include "sim/mapping/mapper.h"
#include "workloads/exec/integer_executor.h"

namespace bitscale::run {

struct LayerComparison {
  std::string layer;
  std::int64_t outputs = 0, differing = 0;
};

class DataReplay {
 public:
  /// Prepares the operands of every MAC layer from the samples of one batch (each the tensors of
  /// the executor's inputs). `executor` must accumulate in the order of the mapping
  /// (mapped_order()), and all arguments but the samples must outlive this object.
  DataReplay(const exec::IntegerExecutor& executor,
             const std::vector<std::vector<model::Tensor>>& samples,
             const mapping::TaskGraph& tasks, const mapping::NetworkMapping& mapping,
             const spec::AcceleratorSpec& design);

  /// For simulate(): an entry per task.
  const std::vector<components::TileSums*>& data() const { return data_; }

  /// After simulate(): outputs of the array, corrected and requantized, against the executor's.
  std::vector<LayerComparison> compare() const;

 private:
  struct LayerData {
    std::size_t node = 0;
    std::unique_ptr<components::TileSums> sums;
  };
  void add_layer(std::size_t node, const mapping::Task& task, const mapping::Tiling& tiling,
                 components::TileSums** slot);
  /// The tensor that plays the weights of a node, or null.
  const model::Tensor* second(const exec::MacLayer& mac, std::size_t sample) const;
  const model::Tensor& value(std::size_t sample, int index) const {
    return values_[sample][static_cast<std::size_t>(index)];
  }

  const exec::IntegerExecutor* executor_;
  const spec::AcceleratorSpec* design_;
  std::vector<std::vector<model::Tensor>> values_;  ///< of each sample, as the executor made them
  std::vector<LayerData> layers_;
  std::vector<components::TileSums*> data_;
};

}  // namespace bitscale::run

#endif  // BITSCALE_SIM_RUN_DATA_REPLAY_H_
