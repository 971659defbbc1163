#include "sim/run/pim_planes.h"

#include <algorithm>

#include "arch/numeric/bit_slicing.h"
#include "workloads/exec/float_executor.h"
#include "workloads/exec/patches.h"

namespace bitscale::run {
namespace {

// Planes of one layer's arrays, summed over vectors.
class PlaneCount {
 public:
  void add(std::size_t array, const numeric::CodeView& vectors, std::size_t wordlines,
           const numeric::IntegerFormat& format) {
    vectors.visit([&](const auto* codes) {
      for (std::size_t begin = 0; begin < vectors.length; begin += wordlines, ++array) {
        if (planes_.size() <= array) planes_.resize(array + 1, 0);
        const std::size_t end = std::min(begin + wordlines, vectors.length);
        for (std::size_t v = 0; v < vectors.vectors; ++v) {
          std::int64_t any = 0;
          for (std::size_t k = begin; k < end; ++k) {
            any |= codes[v * vectors.vector_stride + k * vectors.step_stride];
          }
          planes_[array] += numeric::planes_with_ones(any, format);
        }
      }
    });
  }
  void count_vectors(std::int64_t vectors) { vectors_ += vectors; }

  mapping::PimPlanes result() const {
    mapping::PimPlanes planes;
    if (vectors_ == 0) return planes;
    std::int64_t all = 0;
    for (const std::int64_t one : planes_) all += one;
    const auto vectors = static_cast<double>(vectors_);
    planes.most = static_cast<double>(*std::max_element(planes_.begin(), planes_.end())) / vectors;
    planes.mean = static_cast<double>(all) / vectors / static_cast<double>(planes_.size());
    return planes;
  }

 private:
  std::vector<std::int64_t> planes_;  // per array
  std::int64_t vectors_ = 0;          // of one array
};

}  // namespace

std::vector<mapping::PimPlanes> measure_pim_planes(const spec::PimArraySpec& pim,
                                                   const model::QuantizedGraph& graph,
                                                   const std::vector<model::Tensor>& inputs,
                                                   std::int64_t samples) {
  const exec::IntegerExecutor executor(graph, {});
  const auto wordlines = static_cast<std::size_t>(pim.wordlines);
  std::vector<PlaneCount> counts(graph.network.layers.size());
  for (std::int64_t s = 0; s < samples; ++s) {
    std::vector<model::Tensor> sample;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      sample.push_back(exec::sample_of(inputs[i], s, graph.value(graph.inputs[i].value).dims));
    }
    const std::vector<model::Tensor> values = executor.run_values(sample);
    for (std::size_t n = 0; n < graph.nodes.size(); ++n) {
      const exec::MacLayer* mac = executor.mac(n);
      if (mac == nullptr || mac->layer().weights_are_activations()) continue;
      const model::QuantizedNode& node = graph.nodes[n];
      const model::Layer& layer = mac->layer();
      const model::Tensor& acts = values[static_cast<std::size_t>(node.inputs.front())];
      const numeric::IntegerFormat format =
          graph.value(node.inputs.front()).format.encoding.codes();
      PlaneCount& count = counts[static_cast<std::size_t>(node.layer)];
      std::size_t array = 0;
      for (std::int64_t g = 0; g < layer.groups; ++g) {
        const exec::Patches patches(layer, node.layout, acts, g, mac->pad_code());
        count.add(array, patches.view(), wordlines, format);
        array += (patches.view().length + wordlines - 1) / wordlines;
      }
      count.count_vectors(layer.out_pixels());
    }
  }
  std::vector<mapping::PimPlanes> planes;
  planes.reserve(counts.size());
  for (const PlaneCount& count : counts) planes.push_back(count.result());
  return planes;
}

}  // namespace bitscale::run
