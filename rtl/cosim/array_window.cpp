#include "rtl/cosim/array_window.h"

#include "rtl/cosim/vcd.h"

namespace bitscale::cosim {
namespace {

constexpr std::size_t kMostCycles = 512;
constexpr std::int64_t kAfter = 2;

void append_fields(const std::vector<std::uint32_t>& words, int count, int bits,
                   std::vector<std::uint64_t>& values) {
  for (int i = 0; i < count; ++i) {
    const auto index = static_cast<std::size_t>(i);
    values.push_back(words.empty() ? 0 : unpack_field(words, index, bits));
  }
}

std::string indexed(const char* name, int index) {
  return std::string(name) + "_" + std::to_string(index);
}

}  // namespace

void ArrayWindow::sum(std::size_t fold, std::size_t index) {
  if (found_ < 0 && fold == position_.fold && index == position_.index) found_ = now_;
}

void ArrayWindow::cycle(const ArrayCycle& ports) {
  const std::int64_t now = now_++;
  if (found_ >= 0 && now > found_ + kAfter) return;
  const bool here = found_ == now;
  std::vector<std::uint64_t> values = {ports.offered.steps != 0 ? 1U : 0U,
                                       ports.signals.fold_ready ? 1U : 0U,
                                       static_cast<std::uint64_t>(ports.offered.steps),
                                       static_cast<std::uint64_t>(ports.offered.rows),
                                       static_cast<std::uint64_t>(ports.offered.cols),
                                       ports.signals.top_ready ? 1U : 0U,
                                       ports.signals.left_ready ? 1U : 0U,
                                       ports.signals.busy ? 1U : 0U,
                                       here ? 1U : 0U,
                                       here ? static_cast<std::uint64_t>(expected_.value) : 0U,
                                       here && expected_.overflow ? 1U : 0U};
  append_fields(ports.top, array_.cols, array_.top_bits(), values);
  append_fields(ports.left, array_.rows, array_.left_bits(), values);
  append_fields(ports.valid, array_.cols, 1, values);
  append_fields(ports.results, array_.cols, array_.mac.acc_bits, values);
  append_fields(ports.overflow, array_.cols, 1, values);
  samples_.push_back(std::move(values));
  if (samples_.size() > kMostCycles) samples_.pop_front();
}

std::string ArrayWindow::vcd() const {
  VcdWriter writer("mac_array");
  writer.signal("fold_valid_i", 1);
  writer.signal("fold_ready_o", 1);
  writer.signal("fold_steps_i", 32);
  writer.signal("fold_rows_i", 16);
  writer.signal("fold_cols_i", 16);
  writer.signal("top_ready_o", 1);
  writer.signal("left_ready_o", 1);
  writer.signal("busy_o", 1);
  writer.signal("failing", 1);
  writer.signal("expected_result", array_.mac.acc_bits);
  writer.signal("expected_overflow", 1);
  for (int c = 0; c < array_.cols; ++c) writer.signal(indexed("top_i", c), array_.top_bits());
  for (int r = 0; r < array_.rows; ++r) writer.signal(indexed("left_i", r), array_.left_bits());
  for (int c = 0; c < array_.cols; ++c) writer.signal(indexed("result_valid_o", c), 1);
  for (int c = 0; c < array_.cols; ++c) writer.signal(indexed("result_o", c), array_.mac.acc_bits);
  for (int c = 0; c < array_.cols; ++c) writer.signal(indexed("overflow_o", c), 1);
  for (const std::vector<std::uint64_t>& values : samples_) writer.sample(values);
  return writer.text();
}

}  // namespace bitscale::cosim
