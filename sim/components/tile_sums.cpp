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

/// Products of one reduction that a pass of the array takes, of those that follow each other.
std::int64_t pass_length(const mapping::Task& task, const spec::AcceleratorSpec& design) {
  if (task.on_pim) return design.pim->wordlines;
  const spec::MacArraySpec& array = design.mac_array;
  const double parallel = std::max(
      1.0, spec::macs_per_pe_cycle(array.pe, task.precision.weight_bits, task.precision.act_bits));
  return static_cast<std::int64_t>(static_cast<double>(array.rows) * parallel);
}

}  // namespace

TileSums::TileSums(const mapping::Task& task, const mapping::Tiling& tiling,
                   const spec::AcceleratorSpec& design, const TileOperands& operands,
                   const SumWidths& widths)
    : task_(&task),
      design_(&design),
      tiling_(tiling),
      widths_(widths),
      length_(task.taps() * task.whole.reduction),
      pixels_(task.whole.rows * task.whole.cols),
      one_pass_(tiling.reduction >= task.whole.reduction &&
                passes(0, task.whole.reduction).size() == 1),
      starts_(operands.starts),
      act_format_(operands.act_format),
      psums_(static_cast<std::size_t>(task.whole.images * task.whole.groups * task.whole.channels *
                                      pixels_),
             0) {
  const auto groups = static_cast<std::size_t>(task.whole.groups);
  const std::size_t operands_of_acts = groups * static_cast<std::size_t>(task.whole.images);
  BITSCALE_INVARIANT(task.has_macs, "tile data are of MACs");
  BITSCALE_INVARIANT(
      operands.acts.size() == operands_of_acts &&
          (operands.weights.size() == groups || operands.weights.size() == operands_of_acts),
      "operands of every image and group");
  for (const numeric::CodeView& view : operands.weights) weights_.push_back(rows_of(view));
  for (const numeric::CodeView& view : operands.acts) acts_.push_back(rows_of(view));
  if (!task.on_pim) return;
  const int slice_bits = std::min(design.pim->slice_bits, operands.weight_format.bits);
  slicer_.emplace(operands.weight_format, slice_bits, design.pim->sign);
}

TileSums::Origin TileSums::origin(std::int64_t core, const mapping::TileIndex& index) const {
  const std::int64_t channel_trips = ceil_div(task_->core.channels, tiling_.channels);
  const std::int64_t col_trips = ceil_div(task_->core.cols, tiling_.cols);
  const std::int64_t row_trips = ceil_div(task_->core.rows, tiling_.rows);
  Origin at;
  at.group = index.channels / channel_trips * tiling_.groups;
  at.channel = index.channels % channel_trips * tiling_.channels;
  at.image = index.pixels / (col_trips * row_trips) * tiling_.images;
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
    case mapping::Division::Images:
      at.image += core * task_->core.images;
      break;
    case mapping::Division::None:
      break;
  }
  return at;
}

std::vector<TileSums::Pass> TileSums::passes(std::int64_t first, std::int64_t count) const {
  const spec::MacArraySpec& array = design_->mac_array;
  const bool mac = !task_->on_pim, whole = array.dataflow == spec::Dataflow::OutputStationary;
  const bool by_tap = mac && array.row_mapping == spec::RowMapping::Channels;
  const std::int64_t taps = task_->taps(), most = pass_length(*task_, *design_);
  std::vector<Pass> list(1);
  const auto add = [&](std::int64_t product) {
    const bool full = static_cast<std::int64_t>(list.back().size()) == most;
    if (full && !(mac && whole)) list.emplace_back();
    list.back().push_back(product);
  };
  if (!by_tap) {
    for (std::int64_t k = first * taps; k < (first + count) * taps; ++k) add(k);
    return list;
  }
  for (std::int64_t tap = 0; tap < taps; ++tap) {
    if (!whole && !list.back().empty()) list.emplace_back();
    for (std::int64_t c = first; c < first + count; ++c) add(c * taps + tap);
  }
  return list;
}

void TileSums::tile(const mapping::TileWalk& walk) {
  const std::int64_t first = walk.index().reduction * tiling_.reduction;
  for (std::int64_t core = 0; core < task_->full_cores + (task_->has_last ? 1 : 0); ++core) {
    const mapping::TileSlice slice = core < task_->full_cores ? walk.core() : walk.last_core();
    core_tile(slice, origin(core, walk.index()), passes(first, slice.reduction));
  }
}

void TileSums::core_tile(const mapping::TileSlice& slice, const Origin& origin,
                         const std::vector<Pass>& passes) {
  for (std::int64_t i = 0; i < slice.images; ++i) {
    for (std::int64_t g = 0; g < slice.groups; ++g) {
      for (std::int64_t c = 0; c < slice.channels; ++c) {
        for (std::int64_t p = 0; p < slice.rows * slice.cols; ++p) {
          const std::int64_t row = origin.row + p / slice.cols, col = origin.col + p % slice.cols;
          add_output(origin.image + i, origin.group + g, origin.channel + c,
                     row * task_->whole.cols + col, passes);
        }
      }
    }
  }
}

// The passes of one tile for one output; the very first begins with the start value.
void TileSums::add_output(std::int64_t image, std::int64_t group, std::int64_t channel,
                          std::int64_t pixel, const std::vector<Pass>& passes) {
  const auto own = static_cast<std::size_t>(image * task_->whole.groups + group);
  const auto shared = static_cast<std::size_t>(group);
  const std::vector<std::int32_t>& rows = weights_[weights_.size() == acts_.size() ? own : shared];
  const std::int64_t output = group * task_->whole.channels + channel;
  const std::int64_t outputs = task_->whole.groups * task_->whole.channels;
  std::int64_t& psum =
      psums_[static_cast<std::size_t>((image * outputs + output) * pixels_ + pixel)];
  for (const Pass& pass : passes) {
    std::optional<std::int64_t> start;
    if (pass.front() == 0 && !starts_.empty()) start = starts_[static_cast<std::size_t>(output)];
    const std::int64_t sum =
        pass_sum(rows.data() + channel * length_, acts_[own].data() + pixel * length_, pass, start);
    psum =
        one_pass_ ? sum : numeric::accumulate(psum, sum, widths_.psum_bits, widths_.policy).value;
  }
}

std::int64_t TileSums::pass_sum(const std::int32_t* weights, const std::int32_t* acts,
                                const Pass& pass, std::optional<std::int64_t> start) const {
  const auto step = [&](std::int64_t base, std::int64_t addend) {
    return numeric::accumulate(base, addend, widths_.acc_bits, widths_.policy).value;
  };
  std::int64_t sum = 0;
  if (slicer_) {
    std::vector<std::int64_t> cells, bits;
    for (const std::int64_t k : pass) {
      cells.push_back(weights[k]);
      bits.push_back(acts[k]);
    }
    sum = step(start.value_or(0), numeric::sliced_dot(cells, bits, *slicer_, act_format_, 0).value);
  } else {
    if (start) sum = step(0, *start);
    for (const std::int64_t k : pass) {
      sum = step(sum, static_cast<std::int64_t>(weights[k]) * acts[k]);
    }
  }
  return numeric::finish(sum, widths_.acc_bits, widths_.policy);
}

std::vector<std::int64_t> TileSums::sums() const {
  std::vector<std::int64_t> result = psums_;
  if (one_pass_) return result;
  for (std::int64_t& sum : result) sum = numeric::finish(sum, widths_.psum_bits, widths_.policy);
  return result;
}

}  // namespace bitscale::components
