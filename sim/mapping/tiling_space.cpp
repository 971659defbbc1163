#include "sim/mapping/tiling_space.h"

#include <algorithm>
#include <numeric>
#include <type_traits>

#include "arch/base/json_writer.h"

namespace bitscale::mapping {
namespace {

constexpr Placement kAllOnChip{true, true, ~0u, WeightPlacement::OnChip};

bool same_tiles(const Tiling& a, const Tiling& b) {
  return a.groups == b.groups && a.channels == b.channels && a.reduction == b.reduction &&
         a.images == b.images && a.rows == b.rows && a.cols == b.cols;
}

std::int64_t total(const Footprint& need) {
  return need.weight_bytes + need.act_bytes + need.output_bytes;
}

// Appends the bytes of a number, or of each of a list (its length first).
class Key {
 public:
  template <class Number>
  void add(const Number& value) {
    static_assert(std::is_arithmetic_v<Number> || std::is_enum_v<Number>);
    text_.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  template <class Number>
  void add(const std::vector<Number>& values) {
    add(values.size());
    for (const Number& value : values) add(value);
  }
  void add(const Extents& extents) {
    add_all(extents.images, extents.groups, extents.channels, extents.reduction, extents.rows,
            extents.cols);
  }
  void add(const numeric::Precision& bits) {
    add_all(bits.weight_bits, bits.act_bits, bits.output_bits, bits.acc_bits, bits.psum_bits,
            bits.weight_signed, bits.act_signed, bits.weight_encoding);
  }
  void add(const Exchange& exchange) {
    add_all(exchange.sent, exchange.received, exchange.most_received);
  }
  template <class... Values>
  void add_all(const Values&... values) {
    (add(values), ...);
  }
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

// visit(member of the one task, member of the other) for all that makes the shape.
template <class TaskA, class TaskB, class Visitor>
void visit_shape(TaskA& a, TaskB& b, Visitor&& visit) {
  visit(a.has_macs, b.has_macs);
  visit(a.on_pim, b.on_pim);
  visit(a.pim_resident, b.pim_resident);
  visit(a.pim_planes.most, b.pim_planes.most);
  visit(a.pim_planes.mean, b.pim_planes.mean);
  visit(a.sums_acts, b.sums_acts);
  visit(a.precision, b.precision);
  visit(a.macs, b.macs);
  visit(a.padding_macs, b.padding_macs);
  visit(a.in_height, b.in_height);
  visit(a.in_width, b.in_width);
  visit(a.kernel_height, b.kernel_height);
  visit(a.kernel_width, b.kernel_width);
  visit(a.stride_height, b.stride_height);
  visit(a.stride_width, b.stride_width);
  visit(a.dilation_height, b.dilation_height);
  visit(a.dilation_width, b.dilation_width);
  visit(a.pad_top, b.pad_top);
  visit(a.pad_left, b.pad_left);
  visit(a.input_bits, b.input_bits);
  visit(a.weight_bits, b.weight_bits);
  visit(a.skip_bits, b.skip_bits);
  visit(a.output_bits, b.output_bits);
  visit(a.post_operations, b.post_operations);
  visit(a.post_steps, b.post_steps);
  visit(a.whole, b.whole);
  visit(a.core, b.core);
  visit(a.last, b.last);
  visit(a.division, b.division);
  visit(a.full_cores, b.full_cores);
  visit(a.has_last, b.has_last);
  visit(a.input_exchange, b.input_exchange);
  visit(a.second_exchange, b.second_exchange);
  visit(a.skip_exchanges, b.skip_exchanges);
}

}  // namespace

Task shape_of(const Task& task) {
  Task shape;
  visit_shape(shape, task, [](auto& to, const auto& from) { to = from; });
  shape.skips.assign(task.skips.size(), kNoTensor);
  return shape;
}

std::string shape_key(const Task& task) {
  Key key;
  visit_shape(task, task, [&](const auto& member, const auto& /*same*/) { key.add(member); });
  key.add(task.skips.size());
  return key.take();
}

spec::AcceleratorSpec tiling_design(const spec::AcceleratorSpec& accelerator) {
  const spec::AcceleratorSpec usual;
  spec::AcceleratorSpec design = accelerator;
  design.name.clear();
  design.description.clear();
  design.sources.clear();
  design.clock_mhz = usual.clock_mhz;
  design.clock_mode = usual.clock_mode;
  design.residency = usual.residency;
  design.state = usual.state;
  design.interconnect = usual.interconnect;
  for (spec::BufferSpec* buffer :
       {&design.buffers.weight, &design.buffers.act, &design.buffers.output}) {
    buffer->capacity_bytes = 0;
  }
  design.dram = usual.dram;
  design.dram.burst_bytes = accelerator.dram.burst_bytes;
  return design;
}

std::string tiling_design_key(const spec::AcceleratorSpec& accelerator) {
  base::JsonWriter json;
  spec::write_accelerator(json, tiling_design(accelerator));
  return json.take();
}

void Outlines::reserve(std::size_t count, std::size_t skips) {
  skip_rooms.resize(skips);
  for (auto* column :
       {&array_cycles, &weight_bytes, &input_bytes, &first_weight_bytes, &first_input_bytes,
        &output_share, &weight_room, &input_room, &expanded_room, &output_room}) {
    column->reserve(count);
  }
  for (auto& column : skip_rooms) column.reserve(count);
}

void Outlines::add(const TaskContext& context, const Candidate& candidate) {
  array_cycles.push_back(candidate.array_cycles);
  weight_bytes.push_back(candidate.weight_bytes);
  input_bytes.push_back(candidate.input_bytes);
  first_weight_bytes.push_back(candidate.first_weight_bytes);
  first_input_bytes.push_back(candidate.first_input_bytes);
  output_share.push_back(candidate.output_share);
  weight_room.push_back(static_cast<double>(candidate.sizes.weight_bytes));
  input_room.push_back(static_cast<double>(candidate.sizes.input_bytes));
  expanded_room.push_back(static_cast<double>(candidate.sizes.expanded_bytes));
  output_room.push_back(static_cast<double>(candidate.sizes.output_bytes));
  for (std::size_t i = 0; i < skip_rooms.size(); ++i) {
    Placement others_stay;
    others_stay.skips = ~(1u << i);
    skip_rooms[i].push_back(static_cast<double>(skip_bytes(context, candidate.sizes, others_stay)));
  }
}

TilingSpace::TilingSpace(const Task& task, const spec::AcceleratorSpec& accelerator)
    : shape_(shape_of(task)), design_(tiling_design(accelerator)), context_(shape_, design_) {
  const std::vector<Candidate> listed = mapping::candidates(context_);
  std::vector<std::int64_t> least(listed.size());
  for (std::size_t i = 0; i < listed.size(); ++i) {
    least[i] = total(footprint(context_, listed[i].sizes, kAllOnChip));
  }
  std::vector<std::uint32_t> tiles(listed.size());  // orders of the same tiles follow each other
  for (std::size_t i = 1; i < listed.size(); ++i) {
    tiles[i] = tiles[i - 1] + (same_tiles(listed[i].tiling, listed[i - 1].tiling) ? 0 : 1);
  }
  ranks_.resize(listed.size());
  std::iota(ranks_.begin(), ranks_.end(), 0u);
  std::stable_sort(ranks_.begin(), ranks_.end(),
                   [&](std::uint32_t a, std::uint32_t b) { return least[a] < least[b]; });
  candidates_.reserve(listed.size());
  outlines_.reserve(listed.size(), shape_.skips.size());
  least_bytes_.reserve(listed.size());
  std::int64_t smallest = INT64_MAX;
  for (const std::uint32_t rank : ranks_) {
    candidates_.push_back(listed[rank]);
    outlines_.add(context_, listed[rank]);
    least_bytes_.push_back(least[rank]);
    tiles_.push_back(tiles[rank]);
    const Footprint need = footprint(context_, listed[rank].sizes, {});
    if (total(need) >= smallest) continue;
    smallest = total(need);
    smallest_ = need;
  }
  costed_.assign(candidates_.size(), -1);
  costed_tiles_.assign(candidates_.size(), -1);
}

std::uint32_t TilingSpace::within(std::int64_t bytes) const {
  return static_cast<std::uint32_t>(
      std::upper_bound(least_bytes_.begin(), least_bytes_.end(), bytes) - least_bytes_.begin());
}

const TilingCost& TilingSpace::cost(std::uint32_t index) {
  if (costed_[index] < 0) {
    costed_[index] = static_cast<std::int32_t>(costs_.size());
    std::int32_t& known = costed_tiles_[tiles_[index]];
    const Tiling& tiling = candidates_[index].tiling;
    costs_.push_back(
        known < 0 ? cost_tiling(context_, tiling)
                  : reordered(context_, costs_[static_cast<std::size_t>(known)], tiling.order));
    known = costed_[index];
  }
  return costs_[static_cast<std::size_t>(costed_[index])];
}

std::size_t TilingSpace::bytes() const {
  const std::size_t each = sizeof(Candidate) + outlines_.columns() * sizeof(double) +
                           2 * sizeof(std::uint32_t) + sizeof(std::int64_t) +
                           2 * sizeof(std::int32_t);
  const std::size_t costed = sizeof(TilingCost) + shape_.skips.size() * sizeof(OperandTraffic);
  return sizeof *this + candidates_.size() * each + costs_.capacity() * costed;
}

std::size_t SearchMemo::bytes() const {
  std::size_t sum = 0;
  for (const auto& [design, shapes] : spaces_) {
    sum += design.size();
    for (const auto& [key, space] : shapes) sum += key.size() + space->bytes();
  }
  return sum;
}

std::shared_ptr<TilingSpace> SearchMemo::space(const std::string& design_key,
                                               const std::string& shape_key, const Task& task,
                                               const spec::AcceleratorSpec& accelerator) {
  // The tasks of a network ask for one design after the other.
  if (shapes_ == nullptr || last_design_ != design_key) {
    shapes_ = &spaces_[design_key];
    last_design_ = design_key;
  }
  const auto found = shapes_->find(shape_key);
  if (found != shapes_->end()) {
    ++hits_;
    return found->second;
  }
  ++misses_;
  if (bytes() > most_bytes_) {
    spaces_.clear();
    shapes_ = &spaces_[design_key];
  }
  auto made = std::make_shared<TilingSpace>(task, accelerator);
  shapes_->emplace(shape_key, made);
  return made;
}

}  // namespace bitscale::mapping
