#include "rtl/cosim/pim_window.h"

#include "rtl/cosim/vcd.h"

namespace bitscale::cosim {
namespace {

constexpr std::size_t kMostCycles = 512;
constexpr std::int64_t kAfter = 2;

std::string indexed(const char* name, int index) {
  return std::string(name) + "_" + std::to_string(index);
}

}  // namespace

void PimWindow::sums(std::size_t vector, std::size_t round) {
  const auto rounds = static_cast<std::size_t>(pim_.col_mux);
  if (found_ < 0 && vector == vector_ && column_ % rounds == round) found_ = now_;
}

void PimWindow::cycle(const PimCycle& ports) {
  const std::int64_t now = now_++;
  if (found_ >= 0 && now > found_ + kAfter) return;
  const bool here = found_ == now;
  const PimVector* offered = ports.offered;
  std::vector<std::uint64_t> values = {
      offered != nullptr ? 1U : 0U,
      ports.vector_ready ? 1U : 0U,
      offered != nullptr && offered->clear ? 1U : 0U,
      offered != nullptr ? static_cast<std::uint64_t>(offered->format.bits) : 0U,
      offered != nullptr && offered->format.is_signed ? 1U : 0U,
      ports.busy ? 1U : 0U,
      here ? 1U : 0U,
      here ? static_cast<std::uint64_t>(expected_.value) : 0U,
      here && expected_.overflow ? 1U : 0U};
  for (std::size_t w = 0; w < static_cast<std::size_t>(pim_.wordlines); ++w) {
    const bool used = offered != nullptr && w < offered->acts.size();
    values.push_back(used ? static_cast<std::uint64_t>(offered->acts[w]) : 0);
  }
  for (std::size_t k = 0; k < static_cast<std::size_t>(pim_.col_mux); ++k) {
    values.push_back(unpack_field(ports.valid, k, 1));
  }
  for (std::size_t c = 0; c < static_cast<std::size_t>(pim_.cols); ++c) {
    values.push_back(unpack_field(ports.results, c, pim_.mac.acc_bits));
    values.push_back(unpack_field(ports.overflow, c, 1));
  }
  samples_.push_back(std::move(values));
  if (samples_.size() > kMostCycles) samples_.pop_front();
}

std::string PimWindow::vcd() const {
  VcdWriter writer("pim_array");
  writer.signal("vector_valid_i", 1);
  writer.signal("vector_ready_o", 1);
  writer.signal("vector_clear_i", 1);
  writer.signal("act_bits_i", 5);
  writer.signal("act_signed_i", 1);
  writer.signal("busy_o", 1);
  writer.signal("failing", 1);
  writer.signal("expected_result", pim_.mac.acc_bits);
  writer.signal("expected_overflow", 1);
  for (int w = 0; w < pim_.wordlines; ++w) writer.signal(indexed("act_i", w), pim_.mac.acts.bits);
  for (int k = 0; k < pim_.col_mux; ++k) writer.signal(indexed("result_valid_o", k), 1);
  for (int c = 0; c < pim_.cols; ++c) {
    writer.signal(indexed("result_o", c), pim_.mac.acc_bits);
    writer.signal(indexed("overflow_o", c), 1);
  }
  for (const std::vector<std::uint64_t>& values : samples_) writer.sample(values);
  return writer.text();
}

}  // namespace bitscale::cosim
