#include "arch/numeric/gemm_reference.h"

namespace bitscale::numeric {

ReductionResult reduce_pair(const CodeView& weights, std::size_t channel, const CodeView& acts,
                            std::size_t vector, const ReductionOrder& order,
                            std::optional<std::int64_t> bias) {
  std::vector<std::int64_t> products(weights.length);
  for (std::size_t k = 0; k < weights.length; ++k) {
    products[k] = weights.at(channel, k) * acts.at(vector, k);
  }
  return reduce(products.data(), products.size(), order, bias);
}

void gemm_reference(const CodeView& weights, const CodeView& acts, const ReductionOrder& order,
                    const std::vector<std::int64_t>& bias, std::int64_t* output,
                    std::vector<ChannelAccount>* accounts) {
  if (accounts != nullptr) accounts->assign(weights.vectors, {});
  for (std::size_t channel = 0; channel < weights.vectors; ++channel) {
    std::optional<std::int64_t> start;
    if (!bias.empty()) start = bias[channel];
    for (std::size_t vector = 0; vector < acts.vectors; ++vector) {
      const ReductionResult result = reduce_pair(weights, channel, acts, vector, order, start);
      output[channel * acts.vectors + vector] = result.value;
      if (accounts != nullptr)
        (*accounts)[channel].merge({result.acc, result.psum, result.lossy ? 1 : 0});
    }
  }
}

}  // namespace bitscale::numeric
