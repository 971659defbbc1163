#include "arch/numeric/gemm_choice.h"

#include <algorithm>
#include <array>

namespace bitscale::numeric {
namespace {

constexpr std::array<std::string_view, 8> kKernelNames = {"exact32",   "saturate16", "saturate32",
                                                          "account32", "exact64",    "saturate64",
                                                          "account64", "reference"};

constexpr std::int64_t kPow30 = std::int64_t{1} << 30, kPow31 = std::int64_t{1} << 31;
constexpr std::int64_t kPow52 = std::int64_t{1} << 52;

GemmKernel choose_exact(const GemmMagnitudes& m) {
  if (m.fit_int16 && m.sum() < kPow31) return GemmKernel::Exact32;
  return m.sum() < kPow52 ? GemmKernel::Exact64 : GemmKernel::Reference;
}

}  // namespace

std::string_view kernel_name(GemmKernel kernel) {
  return kKernelNames[static_cast<std::size_t>(kernel)];
}

LaneWord word_of(GemmKernel kernel) {
  switch (kernel) {
    case GemmKernel::Saturate16:
      return LaneWord::Int16;
    case GemmKernel::Exact64:
    case GemmKernel::Saturate64:
    case GemmKernel::Account64:
      return LaneWord::Double;
    default:
      return LaneWord::Int32;
  }
}

GemmMagnitudes magnitudes_of(const CodeView& weights, const IntegerFormat& acts,
                             const std::vector<std::int64_t>& bias) {
  GemmMagnitudes m;
  for (std::int64_t b : bias) m.bias = std::max(m.bias, b < 0 ? -b : b);
  m.act = std::max(-acts.min(), acts.max());
  m.fit_int16 = acts.max() <= signed_max(16);
  for (std::size_t v = 0; v < weights.vectors; ++v) {
    std::int64_t l1_norm = 0;
    for (std::size_t k = 0; k < weights.length; ++k) {
      const std::int64_t w = weights.at(v, k), magnitude = w < 0 ? -w : w;
      m.weight = std::max(m.weight, magnitude);
      l1_norm += magnitude;
      m.fit_int16 = m.fit_int16 && fits_signed(w, 16);
    }
    m.l1_norm = std::max(m.l1_norm, l1_norm);
  }
  return m;
}

bool order_free(const ReductionOrder& order, const GemmMagnitudes& m) {
  const bool acc_cannot_overflow = m.sum() <= signed_max(order.acc_bits);
  if (acc_cannot_overflow && m.sum() <= signed_max(order.psum_bits)) return true;
  if (order.policy == OverflowPolicy::SaturateEachStep) return false;
  return acc_cannot_overflow ||
         (order.policy == OverflowPolicy::Wrap && order.psum_bits <= order.acc_bits);
}

GemmKernel choose_kernel(const ReductionOrder& order, bool account, const GemmMagnitudes& m) {
  if (order.narrow_chunks) return choose_exact(m);
  if (account) {
    if (m.fit_int16 && m.sum() < kPow30) return GemmKernel::Account32;
    return m.sum() < kPow52 ? GemmKernel::Account64 : GemmKernel::Reference;
  }
  if (order.policy != OverflowPolicy::SaturateEachStep || order_free(order, m)) {
    return choose_exact(m);
  }
  if (!m.fit_int16) return GemmKernel::Saturate64;
  if (order.acc_bits <= 16 && m.product() <= signed_max(16)) return GemmKernel::Saturate16;
  if (-signed_min(order.acc_bits) + m.product() < kPow31) return GemmKernel::Saturate32;
  return GemmKernel::Saturate64;
}

}  // namespace bitscale::numeric
