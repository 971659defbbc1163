// One sample's real tensors through the SystemC arrays: every MAC layer gets the codes the integer
// executor gave it, and its outputs must be the executor's. On PIM arrays the sums are formed from
// bit slices.
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
  /// Prepares the operands of every MAC layer from one sample. `executor` must accumulate in the
  /// order of the mapping (chunks are the passes), and all arguments must outlive this object; the
  /// batch is 1. `pim` is needed when tasks run on PIM arrays; their policy is Wrap or
  /// SaturateAtEnd (an array narrows the exact sum of its wordlines once).
  DataReplay(const exec::IntegerExecutor& executor, const std::vector<model::Tensor>& sample,
             const mapping::TaskGraph& tasks, const mapping::NetworkMapping& mapping,
             const spec::PimArraySpec* pim = nullptr);

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
  components::PimDigits digits(const exec::MacLayer& mac) const;

  const exec::IntegerExecutor* executor_;
  std::vector<model::Tensor> values_;  ///< of the sample, as the executor made them
  std::vector<LayerData> layers_;
  std::vector<components::TileSums*> data_;
  const spec::PimArraySpec* pim_;
};

}  // namespace bitscale::run

#endif  // BITSCALE_SIM_RUN_DATA_REPLAY_H_
