#include "sim/mapping/exchange.h"

#include <algorithm>
#include <numeric>

namespace bitscale::mapping {
namespace {

enum class Axis { Channels, Rows, Images, Whole };
enum class Role { First, Second, Skip };

// Elements of a tensor along the axis that is divided: [low, high).
struct Part {
  std::int64_t low = 0, high = 0;
  std::int64_t size() const { return high - low; }
};

std::int64_t overlap(const Part& a, const Part& b) {
  return std::max<std::int64_t>(0, std::min(a.high, b.high) - std::max(a.low, b.low));
}

Axis axis_of(Division division) {
  switch (division) {
    case Division::Groups:
    case Division::Channels:
      return Axis::Channels;
    case Division::Rows:
      return Axis::Rows;
    case Division::Images:
      return Axis::Images;
    case Division::None:
      break;
  }
  return Axis::Whole;
}

// How far the divided loop reaches, and how much of it a full core takes.
struct Share {
  std::int64_t total = 1, each = 1;

  explicit Share(const Task& task) {
    switch (task.division) {
      case Division::Groups:
        total = task.whole.groups, each = task.core.groups;
        break;
      case Division::Channels:
        total = task.whole.channels, each = task.core.channels;
        break;
      case Division::Rows:
        total = task.whole.rows, each = task.core.rows;
        break;
      case Division::Images:
        total = task.whole.images, each = task.core.images;
        break;
      case Division::None:
        break;
    }
  }
  // The core's steps of the loop; empty beyond the last core.
  Part of(std::int64_t core) const {
    return {std::min(core * each, total), std::min((core + 1) * each, total)};
  }
  // The same in elements of a tensor of `elements`.
  Part of(std::int64_t core, std::int64_t elements) const { return scaled(of(core), elements); }

  Part scaled(const Part& steps, std::int64_t elements) const {
    const auto at = [&](std::int64_t step) {
      return elements / total * step + elements % total * step / total;
    };
    return {at(steps.low), at(steps.high)};
  }
};

// What a core's share of a task reads of an operand.
class Need {
 public:
  Need(const Task& reader, Role role) : reader_(reader), share_(reader) {
    axis_ = axis_of(reader.division);
    const bool everything = role == Role::First    ? reader.division == Division::Channels
                            : role == Role::Second ? axis_ == Axis::Rows || axis_ == Axis::Images
                                                   : false;
    if (everything) axis_ = Axis::Whole;
    windowed_ = role == Role::First && axis_ == Axis::Rows;
    // Columns of a second operand may lie along any axis of the tensor.
    known_ = !(role == Role::Second && reader.division == Division::Channels);
  }

  Part of(std::int64_t core, std::int64_t elements) const {
    const Part steps = share_.of(core);
    if (steps.size() == 0) return {};
    if (axis_ == Axis::Whole) return {0, elements};
    if (!windowed_) return share_.scaled(steps, elements);
    // task.pad_top is the second core's where there is one (task.h).
    const std::int64_t pad =
        reader_.pad_top + (reader_.full_cores > 1 ? share_.each * reader_.stride_height : 0);
    const std::int64_t reach = (reader_.kernel_height - 1) * reader_.dilation_height + 1;
    const auto inside = [&](std::int64_t row) {
      return elements / reader_.in_height * std::clamp<std::int64_t>(row, 0, reader_.in_height);
    };
    const std::int64_t low = inside(steps.low * reader_.stride_height - pad);
    const std::int64_t high = inside((steps.high - 1) * reader_.stride_height - pad + reach);
    return {low, std::max(low, high)};
  }

  // Whether parts of maker and reader are intervals of one axis.
  bool aligned(const Task& maker) const {
    if (axis_ == Axis::Whole) return true;
    if (!known_ || axis_ != axis_of(maker.division)) return false;
    if (maker.whole.images != reader_.whole.images) return false;  // folded into the groups
    return !windowed_ || maker.whole.rows == reader_.in_height;
  }

 private:
  const Task& reader_;
  Share share_;
  Axis axis_;
  bool windowed_ = false, known_ = true;
};

class Placer {
 public:
  Placer(TaskGraph& graph, std::int64_t cores) : graph_(graph), cores_(cores) {
    for (std::size_t i = 0; i < graph.tasks.size(); ++i) {
      const Share share(graph.tasks[i]);
      std::vector<std::int64_t> held;
      for (std::int64_t core = 0; core < cores; ++core) {
        held.push_back(share.of(core, graph.tensors[i].elements).size());
      }
      held_.push_back(std::move(held));
    }
  }

  void place() {
    for (Task& task : graph_.tasks) {
      task.input_exchange = deliver(task.input, task, Role::First);
      task.second_exchange = deliver(task.second_input, task, Role::Second);
      for (const int skip : task.skips) {
        task.skip_exchanges.push_back(deliver(skip, task, Role::Skip));
      }
    }
    for (std::size_t i = 0; i < graph_.tensors.size(); ++i) {
      graph_.tensors[i].core_elements = *std::max_element(held_[i].begin(), held_[i].end());
    }
  }

 private:
  Exchange deliver(int index, const Task& reader, Role role) {
    Exchange exchange;
    if (index < 0) return exchange;
    const auto tensor = static_cast<std::size_t>(index);
    const std::int64_t elements = graph_.tensors[tensor].elements;
    const Task& maker = graph_.tasks[tensor];
    const Share made(maker);
    const Need need(reader, role);
    const bool aligned = need.aligned(maker);
    for (std::int64_t core = 0; core < cores_; ++core) {
      const Part wanted = need.of(core, elements);
      const Part own = made.of(core, elements);
      const auto fraction = static_cast<double>(own.size()) / static_cast<double>(elements);
      const std::int64_t here =
          aligned ? overlap(wanted, own)
                  : static_cast<std::int64_t>(static_cast<double>(wanted.size()) * fraction);
      std::int64_t& held = held_[tensor][static_cast<std::size_t>(core)];
      const std::int64_t missing = std::min(wanted.size() - here, elements - held);
      held += missing;
      exchange.received += missing;
      exchange.most_received = std::max(exchange.most_received, missing);
    }
    exchange.sent = std::min(exchange.received, elements);
    return exchange;
  }

  TaskGraph& graph_;
  std::int64_t cores_;
  std::vector<std::vector<std::int64_t>> held_;  // per tensor and core
};

}  // namespace

void place_on_cores(TaskGraph& graph, std::int64_t cores) {
  if (cores > 1) {
    Placer(graph, cores).place();
    return;
  }
  for (Tensor& tensor : graph.tensors) tensor.core_elements = tensor.elements;
  for (Task& task : graph.tasks) task.skip_exchanges.resize(task.skips.size());
}

}  // namespace bitscale::mapping
