// Tasks: a network's layers as units of work of the accelerator. A layer with MACs takes the
// additions and activation functions right behind it along (post_processing.fuse_elementwise);
// the work is divided over the cores. Tensors are named by the task that makes them.
#ifndef BITSCALE_SIM_MAPPING_TASK_H_
#define BITSCALE_SIM_MAPPING_TASK_H_

#include <cstdint>
#include <string>
#include <vector>

#include "arch/numeric/precision.h"
#include "arch/spec/accelerator.h"
#include "workloads/model/network.h"

namespace bitscale::mapping {

inline constexpr int kNetworkInput = -1;
inline constexpr int kNoTensor = -2;

/// Loop extents of one core's share. Layers without MACs have their channels as groups of one.
struct Extents {
  std::int64_t images = 1;  ///< batch
  std::int64_t groups = 1;
  std::int64_t channels = 1;   ///< output channels per group
  std::int64_t reduction = 1;  ///< input channels per group
  std::int64_t rows = 1;       ///< output height
  std::int64_t cols = 1;       ///< output width

  std::int64_t outputs() const { return images * groups * channels * rows * cols; }
};

/// Which loop the cores divide. It decides what they share: dividing channels, all cores read the
/// same inputs; dividing pixels or images, the same weights.
enum class Division { None, Groups, Channels, Rows, Images };

/// Elements of a resident operand that cross between cores before its reader runs (exchange.h).
struct Exchange {
  std::int64_t sent = 0;           ///< read where they stand, each once
  std::int64_t received = 0;       ///< over the links and into buffers, copies counted
  std::int64_t most_received = 0;  ///< by one core
};

/// Operands of additions one task can take: a Placement names them by bits.
inline constexpr std::size_t kMostSkips = 32;

/// Bit planes that one vector takes on PIM arrays where zero ones are skipped, measured: on the
/// array that takes the most of them, and on average over the arrays. Negative: not measured, all
/// activation bits are applied.
struct PimPlanes {
  double most = -1, mean = -1;
};

struct Task {
  std::string name;  ///< unique: "conv1"; fused "conv3+add", "conv3+add#2" where that is taken
  std::string kind;
  std::vector<int> layers;  ///< network layers done here, the first one shapes the task
  bool has_macs = false;
  bool on_pim = false;        ///< runs on the PIM arrays (pim_assign.h)
  bool pim_resident = false;  ///< its weights have cells of their own
  PimPlanes pim_planes;
  numeric::Precision precision;
  std::int64_t macs = 0;  ///< shape product × batch
  std::int64_t padding_macs = 0;

  // Window geometry.
  std::int64_t in_height = 1, in_width = 1;
  std::int64_t kernel_height = 1, kernel_width = 1;
  std::int64_t stride_height = 1, stride_width = 1;
  std::int64_t dilation_height = 1, dilation_width = 1;
  /// Padding before the core's first row and column. Where cores divide rows this is a middle
  /// core's: negative, its window begins inside the image and its halo is not padding.
  std::int64_t pad_top = 0, pad_left = 0;

  // Tensors.
  int input = kNetworkInput;
  int second_input = kNoTensor;  ///< matmul: the tensor that plays the weights
  std::vector<int> skips;        ///< further operands of fused or own additions
  int input_bits = 8;            ///< stored width of the input tensor
  int weight_bits = 8;           ///< stored width of the weights (or of second_input)
  std::vector<int> skip_bits;
  int output_bits = 8;
  /// The weights' encoding has an offset (odd, bipolar, zero point): adders at the array's edge sum
  /// the activations that stream in, and every output takes one more step that adds their multiple
  /// (arch/numeric/encoding.h). A zero point counts as not zero.
  bool sums_acts = false;
  std::int64_t post_operations = 1;  ///< post-processing operations per output element, for energy
  std::int64_t post_steps =
      1;  ///< post-processing lane cycles per output; fused ones are pipelined

  bool may_overflow = false;  ///< small tiles count beyond 63 bits (countable.h)

  // Division over cores: full_cores work on `core`, and one more on `last` when has_last.
  Extents whole, core, last;
  Division division = Division::None;
  std::int64_t full_cores = 1;
  bool has_last = false;

  std::int64_t taps() const { return kernel_height * kernel_width; }
  std::int64_t weight_elements() const {  ///< whole layer
    return has_macs ? whole.groups * whole.channels * whole.reduction * taps() : 0;
  }
  // What crosses between cores if the operand is resident.
  Exchange input_exchange, second_exchange;
  std::vector<Exchange> skip_exchanges;

  std::int64_t active_cores() const { return full_cores + (has_last ? 1 : 0); }
  bool weights_shared() const { return division == Division::Rows || division == Division::Images; }
  bool inputs_shared() const { return division == Division::Channels; }
};

/// A tensor between tasks.
struct Tensor {
  std::int64_t elements = 0;  ///< batch included
  int bits = 8;
  int last_use = -1;               ///< task that reads it last; its own index when nobody does
  std::int64_t core_elements = 0;  ///< what one core holds of it when it is resident
};

struct TaskGraph {
  std::string network;
  std::int64_t batch = 1;
  std::vector<Task> tasks;
  std::vector<Tensor> tensors;  ///< tensors[i] is the output of tasks[i]
  bool may_overflow = false;    ///< the same of all tasks together
};

/// Throws UserError naming each layer whose operands are wider than the PE takes (in a design with
/// PIM arrays assign_pim() of pim_assign.h does, which must follow) and each addition of more than
/// kMostSkips + 1 tensors.
TaskGraph make_tasks(const model::Network& network,
                     const std::vector<numeric::Precision>& precisions,
                     const spec::AcceleratorSpec& accelerator, std::int64_t batch);

}  // namespace bitscale::mapping

#endif  // BITSCALE_SIM_MAPPING_TASK_H_
