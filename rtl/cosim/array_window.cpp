#include "rtl/cosim/array_window.h"

namespace bitscale::cosim {
namespace {

void append_fields(const std::vector<std::uint32_t>& words, int count, int bits,
                   std::vector<std::uint64_t>& values) {
  for (int i = 0; i < count; ++i) {
    const auto index = static_cast<std::size_t>(i);
    values.push_back(words.empty() ? 0 : unpack_field(words, index, bits));
  }
}

}  // namespace

void ArrayWindow::sum(std::size_t fold, std::size_t index) {
  if (fold == position_.fold && index == position_.index) window_.mark();
}

void ArrayWindow::cycle(const ArrayCycle& ports) {
  std::vector<std::uint64_t> values = {ports.offered.steps != 0 ? 1U : 0U,
                                       ports.signals.fold_ready ? 1U : 0U,
                                       static_cast<std::uint64_t>(ports.offered.steps),
                                       static_cast<std::uint64_t>(ports.offered.rows),
                                       static_cast<std::uint64_t>(ports.offered.cols),
                                       ports.signals.top_ready ? 1U : 0U,
                                       ports.signals.left_ready ? 1U : 0U,
                                       ports.signals.busy ? 1U : 0U};
  append_fields(ports.top, array_.cols, array_.top_bits(), values);
  append_fields(ports.left, array_.rows, array_.left_bits(), values);
  append_fields(ports.valid, array_.cols, 1, values);
  append_fields(ports.results, array_.cols, array_.mac.acc_bits, values);
  append_fields(ports.overflow, array_.cols, 1, values);
  window_.sample(std::move(values));
}

std::string ArrayWindow::vcd() const {
  std::vector<PortSignal> signals = {{"fold_valid_i", 1}, {"fold_ready_o", 1}, {"fold_steps_i", 32},
                                     {"fold_rows_i", 16}, {"fold_cols_i", 16}, {"top_ready_o", 1},
                                     {"left_ready_o", 1}, {"busy_o", 1}};
  append_signals("top_i", array_.cols, array_.top_bits(), signals);
  append_signals("left_i", array_.rows, array_.left_bits(), signals);
  append_signals("result_valid_o", array_.cols, 1, signals);
  append_signals("result_o", array_.cols, array_.mac.acc_bits, signals);
  append_signals("overflow_o", array_.cols, 1, signals);
  return window_.vcd("mac_array", array_.mac.acc_bits, signals);
}

}  // namespace bitscale::cosim
