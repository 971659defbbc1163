// How sparse integer weights are and how small they could be stored.
#ifndef BITSCALE_WORKLOADS_QUANTIZE_CODE_STATISTICS_H_
#define BITSCALE_WORKLOADS_QUANTIZE_CODE_STATISTICS_H_

#include <cstdint>
#include <map>
#include <vector>

#include "workloads/model/tensor.h"

namespace bitscale::quantize {

class CodeStatistics {
 public:
  void add(const std::vector<std::int64_t>& codes);
  void merge(const CodeStatistics& other);

  std::int64_t count() const { return count_; }
  /// Codes equal to 0 / all codes.
  double sparsity() const;
  /// Shannon entropy, bits per code: what no lossless code of independent symbols can beat.
  double entropy_bits() const;
  /// `bits` / entropy; infinite when all codes are equal.
  double compression(int bits) const;

 private:
  std::map<std::int64_t, std::int64_t> histogram_;
  std::int64_t count_ = 0;
};

/// Output channels (the first axis) whose codes are all 0.
std::int64_t channels_of_zeros(const model::Tensor& codes);

}  // namespace bitscale::quantize

#endif  // BITSCALE_WORKLOADS_QUANTIZE_CODE_STATISTICS_H_
