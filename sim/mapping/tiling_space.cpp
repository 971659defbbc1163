#include "sim/mapping/tiling_space.h"

#include <algorithm>
#include <type_traits>
#include <utility>

#include "arch/base/json_writer.h"

namespace bitscale::mapping {
namespace {

constexpr std::size_t kUsualCosts = 16;  // how many candidates of a space are costed at least
constexpr Placement kAllOnChip{true, true, ~0u, WeightPlacement::OnChip};

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

TilingSpace::TilingSpace(const Task& task, const spec::AcceleratorSpec& accelerator)
    : shape_(shape_of(task)),
      design_(tiling_design(accelerator)),
      context_(shape_, design_),
      grid_(context_),
      costed_(grid_.size(), -1),
      costed_tiles_(grid_.size() / kSearchedOrders, -1) {
  costs_.reserve(kUsualCosts);
}

Footprint TilingSpace::smallest() const {
  // Of candidates that need equally much the one that needs least when all operands are on chip.
  auto least = std::make_pair(INT64_MAX, INT64_MAX);
  Footprint smallest;
  grid_.visit([&](std::uint32_t number) {
    const TileSizes sizes = grid_.at(number).sizes;
    const Footprint need = footprint(context_, sizes, {});
    const auto bytes = std::make_pair(total(need), total(footprint(context_, sizes, kAllOnChip)));
    if (bytes >= least) return;
    least = bytes;
    smallest = need;
  });
  return smallest;
}

const TilingCost& TilingSpace::cost(std::uint32_t number) {
  if (costed_[number] < 0) {
    costed_[number] = static_cast<std::int32_t>(costs_.size());
    std::int32_t& known = costed_tiles_[grid_.tiles(number)];
    const Tiling tiling = grid_.at(number).tiling;
    costs_.push_back(
        known < 0 ? cost_tiling(context_, tiling)
                  : reordered(context_, costs_[static_cast<std::size_t>(known)], tiling.order));
    known = costed_[number];
  }
  return costs_[static_cast<std::size_t>(costed_[number])];
}

std::size_t TilingSpace::bytes() const {
  const std::size_t costed = sizeof(TilingCost) + shape_.skips.size() * sizeof(OperandTraffic);
  return sizeof *this + grid_.bytes() +
         (costed_.size() + costed_tiles_.size()) * sizeof(std::int32_t) +
         costs_.capacity() * costed;
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
  if (misses_++ % kRecount == 0) counted_bytes_ = bytes();
  if (counted_bytes_ > most_bytes_) {
    spaces_.clear();
    shapes_ = &spaces_[design_key];
    counted_bytes_ = 0;
  }
  auto made = std::make_shared<TilingSpace>(task, accelerator);
  counted_bytes_ += shape_key.size() + made->bytes();
  shapes_->emplace(shape_key, made);
  return made;
}

}  // namespace bitscale::mapping
