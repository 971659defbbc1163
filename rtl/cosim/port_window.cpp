#include "rtl/cosim/port_window.h"

#include <iterator>
#include <utility>

#include "rtl/cosim/vcd.h"

namespace bitscale::cosim {
namespace {

constexpr std::size_t kMostCycles = 512;
constexpr std::int64_t kAfter = 2;

}  // namespace

void append_signals(const std::string& name, int count, int bits,
                    std::vector<PortSignal>& signals) {
  for (int i = 0; i < count; ++i) signals.push_back({name + "_" + std::to_string(i), bits});
}

void PortWindow::sample(std::vector<std::uint64_t> values) {
  const std::int64_t now = now_++;
  if (found_ >= 0 && now > found_ + kAfter) return;
  const bool here = found_ == now;
  const std::uint64_t marks[] = {here ? 1U : 0U,
                                 here ? static_cast<std::uint64_t>(expected_.value) : 0U,
                                 here && expected_.overflow ? 1U : 0U};
  values.insert(values.begin(), std::begin(marks), std::end(marks));
  samples_.push_back(std::move(values));
  if (samples_.size() > kMostCycles) samples_.pop_front();
}

std::string PortWindow::vcd(const std::string& module, int acc_bits,
                            const std::vector<PortSignal>& signals) const {
  VcdWriter writer(module);
  writer.signal("failing", 1);
  writer.signal("expected_result", acc_bits);
  writer.signal("expected_overflow", 1);
  for (const PortSignal& signal : signals) writer.signal(signal.name, signal.bits);
  for (const std::vector<std::uint64_t>& values : samples_) writer.sample(values);
  return writer.text();
}

}  // namespace bitscale::cosim
