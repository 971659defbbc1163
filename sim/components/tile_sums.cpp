#include "sim/components/tile_sums.h"

#include <algorithm>

#include "arch/base/error.h"

namespace bitscale::components {
namespace {

std::int64_t ceil_div(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

std::vector<std::int32_t> rows_of(const numeric::CodeView& view) {
  std::vector<std::int32_t> rows(view.vectors * view.length);
  view.visit([&](const auto* codes) {
    for (std::size_t v = 0; v < view.vectors; ++v) {
      for (std::size_t k = 0; k < view.length; ++k) {
        const auto code = codes[v * view.vector_stride + k * view.step_stride];
        rows[v * view.length + k] = static_cast<std::int32_t>(code);
      }
    }
  });
  return rows;
}

}  // namespace

TileSums::TileSums(const mapping::Task& task, const mapping::Tiling& tiling,
                   const TileOperands& operands, const numeric::ReductionOrder& order,
                   std::int64_t pass)
    : task_(&task),
      tiling_(tiling),
      order_(order),
      pass_(pass),
      length_(task.taps() * task.whole.reduction),
      pixels_(task.whole.rows * task.whole.cols),
      starts_(operands.starts),
      pim_(operands.pim),
      psums_(static_cast<std::size_t>(task.whole.groups * task.whole.channels * pixels_), 0) {
  BITSCALE_INVARIANT(task.has_macs && task.whole.images == 1, "tile data are of one sample");
  BITSCALE_INVARIANT(operands.weights.size() == static_cast<std::size_t>(task.whole.groups) &&
                         operands.acts.size() == operands.weights.size(),
                     "operands of every group");
  for (const numeric::CodeView& view : operands.weights) weights_.push_back(rows_of(view));
  for (const numeric::CodeView& view : operands.acts) acts_.push_back(rows_of(view));
}

TileSums::Origin TileSums::origin(std::int64_t core, const mapping::TileIndex& index) const {
  const std::int64_t channel_trips = ceil_div(task_->core.channels, tiling_.channels);
  const std::int64_t col_trips = ceil_div(task_->core.cols, tiling_.cols);
  const std::int64_t row_trips = ceil_div(task_->core.rows, tiling_.rows);
  Origin at;
  at.group = index.channels / channel_trips * tiling_.groups;
  at.channel = index.channels % channel_trips * tiling_.channels;
  at.row = index.pixels / col_trips % row_trips * tiling_.rows;
  at.col = index.pixels % col_trips * tiling_.cols;
  switch (task_->division) {
    case mapping::Division::Groups:
      at.group += core * task_->core.groups;
      break;
    case mapping::Division::Channels:
      at.channel += core * task_->core.channels;
      break;
    case mapping::Division::Rows:
      at.row += core * task_->core.rows;
      break;
    case mapping::Division::None:
    case mapping::Division::Images:
      break;
  }
  return at;
}

void TileSums::tile(const mapping::TileWalk& walk) {
  const std::int64_t first = walk.index().reduction * tiling_.reduction * task_->taps();
  for (std::int64_t core = 0; core < task_->full_cores + (task_->has_last ? 1 : 0); ++core) {
    const mapping::TileSlice slice = core < task_->full_cores ? walk.core() : walk.last_core();
    core_tile(slice, origin(core, walk.index()), first, slice.reduction * task_->taps());
  }
}

void TileSums::core_tile(const mapping::TileSlice& slice, const Origin& origin,
                         std::int64_t first_step, std::int64_t steps) {
  for (std::int64_t g = 0; g < slice.groups; ++g) {
    for (std::int64_t c = 0; c < slice.channels; ++c) {
      for (std::int64_t r = 0; r < slice.rows; ++r) {
        for (std::int64_t q = 0; q < slice.cols; ++q) {
          const std::int64_t pixel = (origin.row + r) * task_->whole.cols + origin.col + q;
          add_output(origin.group + g, origin.channel + c, pixel, first_step, steps);
        }
      }
    }
  }
}

// The passes of one tile for one output; the very first begins with the start value.
void TileSums::add_output(std::int64_t group, std::int64_t channel, std::int64_t pixel,
                          std::int64_t first, std::int64_t steps) {
  const std::int32_t* weights =
      weights_[static_cast<std::size_t>(group)].data() + channel * length_;
  const std::int32_t* acts = acts_[static_cast<std::size_t>(group)].data() + pixel * length_;
  const std::int64_t output = group * task_->whole.channels + channel;
  std::int64_t& psum = psums_[static_cast<std::size_t>(output * pixels_ + pixel)];
  const std::int64_t pass = pass_ == 0 ? steps : pass_;
  for (std::int64_t begin = first; begin < first + steps; begin += pass) {
    std::int64_t sum = 0;
    if (begin == 0 && !starts_.empty()) {
      sum = numeric::accumulate(0, starts_[static_cast<std::size_t>(output)], order_.acc_bits,
                                order_.policy)
                .value;
    }
    const std::int64_t count = std::min(pass, first + steps - begin);
    sum = add_products(weights + begin, acts + begin, count, sum);
    sum = numeric::finish(sum, order_.acc_bits, order_.policy);
    // A reduction of one pass never leaves the array and does not see psum_bits.
    psum = pass >= length_ ? sum
                           : numeric::accumulate(psum, sum, order_.psum_bits, order_.policy).value;
  }
}

// One pass: products one by one on a MAC array, their exact sum at once on a PIM array.
std::int64_t TileSums::add_products(const std::int32_t* weights, const std::int32_t* acts,
                                    std::int64_t count, std::int64_t sum) const {
  if (pim_) {
    const std::vector<std::int64_t> column(weights, weights + count);
    const std::vector<std::int64_t> vector(acts, acts + count);
    const numeric::SlicedDot dot = numeric::sliced_dot(column, vector, pim_->slicer, pim_->acts, 0);
    return numeric::accumulate(sum, dot.value, order_.acc_bits, order_.policy).value;
  }
  for (std::int64_t k = 0; k < count; ++k) {
    const std::int64_t product = static_cast<std::int64_t>(weights[k]) * acts[k];
    sum = numeric::accumulate(sum, product, order_.acc_bits, order_.policy).value;
  }
  return sum;
}

std::vector<std::int64_t> TileSums::sums() const {
  std::vector<std::int64_t> result = psums_;
  if (pass_ != 0 ? pass_ >= length_ : tiling_.reduction >= task_->whole.reduction) return result;
  for (std::int64_t& sum : result) sum = numeric::finish(sum, order_.psum_bits, order_.policy);
  return result;
}

}  // namespace bitscale::components
