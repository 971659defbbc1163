#include "rtl/cosim/vcd.h"

#include "arch/base/error.h"

namespace bitscale::cosim {
namespace {

std::string identifier(std::size_t index) {
  constexpr std::size_t kFirst = '!';
  constexpr std::size_t kCount = 94;
  std::string id;
  do {
    id += static_cast<char>(kFirst + index % kCount);
    index /= kCount;
  } while (index != 0);
  return id;
}

std::string change(std::uint64_t value, int bits, const std::string& id) {
  if (bits == 1) return std::string(1, (value & 1U) != 0 ? '1' : '0') + id + "\n";
  std::string text = "b";
  for (int bit = bits - 1; bit >= 0; --bit) text += ((value >> bit) & 1U) != 0 ? '1' : '0';
  return text + " " + id + "\n";
}

}  // namespace

void VcdWriter::signal(std::string name, int bits) {
  BITSCALE_INVARIANT(samples_.empty() && bits >= 1 && bits <= 64, name);
  signals_.push_back({std::move(name), bits});
}

void VcdWriter::sample(const std::vector<std::uint64_t>& values) {
  BITSCALE_INVARIANT(values.size() == signals_.size(), std::to_string(values.size()));
  samples_.push_back(values);
}

std::string VcdWriter::text() const {
  std::string out = "$timescale 1ns $end\n$scope module " + scope_ + " $end\n";
  for (std::size_t i = 0; i < signals_.size(); ++i) {
    out += "$var wire " + std::to_string(signals_[i].bits) + " " + identifier(i) + " " +
           signals_[i].name + " $end\n";
  }
  out += "$upscope $end\n$enddefinitions $end\n";
  for (std::size_t cycle = 0; cycle < samples_.size(); ++cycle) {
    out += "#" + std::to_string(10 * cycle) + "\n";
    for (std::size_t i = 0; i < signals_.size(); ++i) {
      if (cycle > 0 && samples_[cycle][i] == samples_[cycle - 1][i]) continue;
      out += change(samples_[cycle][i], signals_[i].bits, identifier(i));
    }
  }
  return out + "#" + std::to_string(10 * samples_.size()) + "\n";
}

}  // namespace bitscale::cosim
