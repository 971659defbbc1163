// The slow, obvious matrix product: one scalar reduction per output. The judge of every kernel.
#ifndef BITSCALE_ARCH_NUMERIC_GEMM_REFERENCE_H_
#define BITSCALE_ARCH_NUMERIC_GEMM_REFERENCE_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "arch/numeric/gemm.h"

namespace bitscale::numeric {

/// One output with its statistics (first_step counts products, first_reduction is 0).
ReductionResult reduce_pair(const CodeView& weights, std::size_t channel, const CodeView& acts,
                            std::size_t vector, const ReductionOrder& order,
                            std::optional<std::int64_t> bias = std::nullopt);

/// Like NarrowGemm::run; `bias` is empty or one value per channel, `accounts` (optional) gets one
/// entry per channel.
void gemm_reference(const CodeView& weights, const CodeView& acts, const ReductionOrder& order,
                    const std::vector<std::int64_t>& bias, std::int64_t* output,
                    std::vector<ChannelAccount>* accounts = nullptr);

}  // namespace bitscale::numeric

#endif  // BITSCALE_ARCH_NUMERIC_GEMM_REFERENCE_H_
