#include "rtl/cosim/pim_window.h"

namespace bitscale::cosim {

void PimWindow::sums(std::size_t vector, std::size_t round) {
  const auto rounds = static_cast<std::size_t>(pim_.col_mux);
  if (vector == vector_ && column_ % rounds == round) window_.mark();
}

void PimWindow::cycle(const PimCycle& ports) {
  const PimVector* offered = ports.offered;
  std::vector<std::uint64_t> values = {
      offered != nullptr ? 1U : 0U,
      ports.vector_ready ? 1U : 0U,
      offered != nullptr && offered->clear ? 1U : 0U,
      offered != nullptr ? static_cast<std::uint64_t>(offered->format.bits) : 0U,
      offered != nullptr && offered->format.is_signed ? 1U : 0U,
      ports.busy ? 1U : 0U};
  for (std::size_t w = 0; w < static_cast<std::size_t>(pim_.wordlines); ++w) {
    const bool used = offered != nullptr && w < offered->acts.size();
    values.push_back(used ? static_cast<std::uint64_t>(offered->acts[w]) : 0);
  }
  for (std::size_t k = 0; k < static_cast<std::size_t>(pim_.col_mux); ++k) {
    values.push_back(unpack_field(ports.valid, k, 1));
  }
  for (std::size_t c = 0; c < static_cast<std::size_t>(pim_.cols); ++c) {
    values.push_back(unpack_field(ports.results, c, pim_.mac.acc_bits));
  }
  for (std::size_t c = 0; c < static_cast<std::size_t>(pim_.cols); ++c) {
    values.push_back(unpack_field(ports.overflow, c, 1));
  }
  window_.sample(std::move(values));
}

std::string PimWindow::vcd() const {
  std::vector<PortSignal> signals = {{"vector_valid_i", 1}, {"vector_ready_o", 1},
                                     {"vector_clear_i", 1}, {"act_bits_i", 5},
                                     {"act_signed_i", 1},   {"busy_o", 1}};
  append_signals("act_i", pim_.wordlines, pim_.mac.acts.bits, signals);
  append_signals("result_valid_o", pim_.col_mux, 1, signals);
  append_signals("result_o", pim_.cols, pim_.mac.acc_bits, signals);
  append_signals("overflow_o", pim_.cols, 1, signals);
  return window_.vcd("pim_array", pim_.mac.acc_bits, signals);
}

}  // namespace bitscale::cosim
