#include "workloads/quantize/own_names.h"

#include <iterator>
#include <utility>

#include "arch/base/error.h"
#include "workloads/quantize/quantizable.h"

namespace bitscale::quantize {
namespace {

constexpr const char* kPartSuffixes[] = {"", ".second", ".third", ".fourth"};

}  // namespace

NewNames::NewNames(const model::Graph& graph) {
  for (const model::Node& node : graph.nodes) taken_.insert(node.name);
}

std::string NewNames::make(const std::string& wanted) {
  std::string name = wanted;
  for (int copy = 2; !taken_.insert(name).second; ++copy) {
    name = wanted + "#" + std::to_string(copy);
  }
  return name;
}

model::Graph with_own_names(model::Graph graph) {
  NewNames names(graph);
  std::set<std::string> kept;
  for (model::Node& node : graph.nodes) {
    if (is_mac(node.op) && !kept.insert(node.name).second) node.name = names.make(node.name);
  }
  return graph;
}

std::string part_name(const std::string& layer, std::size_t act, std::size_t weight) {
  BITSCALE_INVARIANT(act < std::size(kPartSuffixes) && weight < std::size(kPartSuffixes),
                     "a layer has at most four tensors");
  return layer + (act > 0 ? ".act" + std::to_string(act + 1) : "") + kPartSuffixes[weight];
}

}  // namespace bitscale::quantize
