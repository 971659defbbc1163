#include "workloads/quantize/code_statistics.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace bitscale::quantize {

void CodeStatistics::add(const std::vector<std::int64_t>& codes) {
  for (const std::int64_t code : codes) ++histogram_[code];
  count_ += static_cast<std::int64_t>(codes.size());
}

void CodeStatistics::merge(const CodeStatistics& other) {
  for (const auto& [code, times] : other.histogram_) histogram_[code] += times;
  count_ += other.count_;
}

double CodeStatistics::sparsity() const {
  const auto zeros = histogram_.find(0);
  if (count_ == 0 || zeros == histogram_.end()) return 0;
  return static_cast<double>(zeros->second) / static_cast<double>(count_);
}

double CodeStatistics::entropy_bits() const {
  double bits = 0;
  for (const auto& [code, times] : histogram_) {
    const double share = static_cast<double>(times) / static_cast<double>(count_);
    bits -= share * std::log2(share);
  }
  return bits;
}

double CodeStatistics::compression(int bits) const {
  const double entropy = entropy_bits();
  return entropy > 0 ? bits / entropy : std::numeric_limits<double>::infinity();
}

std::int64_t channels_of_zeros(const model::Tensor& codes) {
  const std::vector<std::int64_t> all = codes.integers();
  const std::int64_t channels = codes.dims()[0];
  const std::int64_t length = codes.elements() / channels;
  std::int64_t count = 0;
  for (auto channel = all.begin(); channel != all.end(); channel += length) {
    count += std::all_of(channel, channel + length, [](std::int64_t code) { return code == 0; });
  }
  return count;
}

}  // namespace bitscale::quantize
