// Names of the nodes that quantization makes or keeps. Reports, traces and precision files know a
// layer by its name, so each needs one that no other node has; nothing here is recognised by name.
#ifndef BITSCALE_WORKLOADS_QUANTIZE_OWN_NAMES_H_
#define BITSCALE_WORKLOADS_QUANTIZE_OWN_NAMES_H_

#include <cstddef>
#include <set>
#include <string>

#include "workloads/model/graph.h"

namespace bitscale::quantize {

/// The graph whose MACs have names of their own: of those that share one, all but the first get
/// "#2", "#3" … behind it, as lowering would give them.
model::Graph with_own_names(model::Graph graph);

/// Names that no node of a graph has.
class NewNames {
 public:
  explicit NewNames(const model::Graph& graph);

  /// `wanted`, or with "#2", "#3" … behind it when a node or an earlier call has it.
  std::string make(const std::string& wanted);

 private:
  std::set<std::string> taken_;
};

/// What the MAC of one tensor of a layer's activations and one of its weights (0–3 each) would like
/// to be called: the layer's name, "….second", "….third", "….fourth" for further weights, "….act2"
/// and so on before that for further activations.
std::string part_name(const std::string& layer, std::size_t act, std::size_t weight);

}  // namespace bitscale::quantize

#endif  // BITSCALE_WORKLOADS_QUANTIZE_OWN_NAMES_H_
