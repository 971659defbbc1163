// Where the networks are that `bitscale train` made: committed ones, or those that `--retrain` has
// made again.
#ifndef BITSCALE_SIM_REPRODUCE_TRAINED_NETWORKS_H_
#define BITSCALE_SIM_REPRODUCE_TRAINED_NETWORKS_H_

#include <filesystem>
#include <string>
#include <vector>

#include "workloads/model/graph.h"
#include "workloads/model/quantized_graph.h"

namespace bitscale::reproduce {

class TrainedNetworks {
 public:
  /// `root`: what ships with the program. `retrained`: a folder with one folder per recipe, as
  /// `bitscale train -o` leaves it; empty for the committed networks.
  explicit TrainedNetworks(std::filesystem::path root, std::filesystem::path retrained = {});

  std::filesystem::path recipe_file(const std::string& recipe) const;
  /// Trace of a quantized recipe, its record of epochs, the ONNX file of a float recipe.
  std::filesystem::path trace(const std::string& recipe) const;
  std::filesystem::path epochs(const std::string& recipe) const;
  std::filesystem::path float_model(const std::string& recipe) const;

  model::QuantizedGraph read(const std::string& recipe) const;
  model::Graph read_float(const std::string& recipe) const;

 private:
  std::filesystem::path root_, retrained_;
};

/// Whether a recipe made again gives the committed network byte for byte: the ONNX file, or
/// trace.json, which holds the checksum of every tensor.
bool same_network(const TrainedNetworks& committed, const TrainedNetworks& again,
                  const std::string& recipe);

/// The recipes whose networks a reproduction evaluates; none for reproductions that train nothing.
std::vector<std::string> recipes_of(const std::string& reproduction);

}  // namespace bitscale::reproduce

#endif  // BITSCALE_SIM_REPRODUCE_TRAINED_NETWORKS_H_
