#include "sim/reproduce/trained_networks.h"

#include "arch/base/file.h"
#include "workloads/import/onnx.h"
#include "workloads/model/trace.h"

namespace bitscale::reproduce {
namespace {

constexpr std::size_t kMostBytes = 100'000'000;

bool is_float(const std::string& recipe) {
  return recipe == "mlp_float" || recipe == "lenet_float";
}

/// The folder of workloads/traces. A network quantized after training already had the name of
/// mlp_w4a4's.
std::string committed_name(const std::string& recipe) {
  return recipe == "mlp_w4a4" ? "fashion_mlp_trained_w4a4" : "fashion_" + recipe;
}

}  // namespace

TrainedNetworks::TrainedNetworks(std::filesystem::path root, std::filesystem::path retrained)
    : root_(std::move(root)), retrained_(std::move(retrained)) {}

std::filesystem::path TrainedNetworks::recipe_file(const std::string& recipe) const {
  return root_ / "configs/training" / (recipe + ".json");
}

std::filesystem::path TrainedNetworks::trace(const std::string& recipe) const {
  return retrained_.empty() ? root_ / "workloads/traces" / committed_name(recipe)
                            : retrained_ / recipe / "trace";
}

std::filesystem::path TrainedNetworks::epochs(const std::string& recipe) const {
  return (retrained_.empty() ? trace(recipe) : retrained_ / recipe) / "epochs.csv";
}

std::filesystem::path TrainedNetworks::float_model(const std::string& recipe) const {
  return retrained_.empty() ? root_ / "workloads/models" / (recipe + ".onnx")
                            : retrained_ / recipe / "model.onnx";
}

model::QuantizedGraph TrainedNetworks::read(const std::string& recipe) const {
  return model::read_trace(trace(recipe)).graph;
}

model::Graph TrainedNetworks::read_float(const std::string& recipe) const {
  return import::import_onnx(float_model(recipe));
}

bool same_network(const TrainedNetworks& committed, const TrainedNetworks& again,
                  const std::string& recipe) {
  const auto content = [&](const TrainedNetworks& networks) {
    return base::read_text_file(
        is_float(recipe) ? networks.float_model(recipe) : networks.trace(recipe) / "trace.json",
        kMostBytes);
  };
  return content(committed) == content(again);
}

std::vector<std::string> recipes_of(const std::string& reproduction) {
  if (reproduction == "omse") return {"lenet_float"};
  std::vector<std::string> recipes;
  if (reproduction == "accumulator") {
    recipes = {"mlp_float", "mlp_w4a4", "mlp_a2q_w8a8_p16"};
    for (int bits = 10; bits <= 22; ++bits) {  // the data-type bound and 12 bits below it
      recipes.push_back("mlp_a2q_p" + std::to_string(bits));
      recipes.push_back("mlp_a2q_plus_p" + std::to_string(bits));
    }
  } else if (reproduction == "trained") {
    recipes = {"lenet_float",      "lenet_density",     "lenet_density_pruned",
               "lenet_pact_mixed", "resnet8_pact_w4a4", "vgg_small_pact_w4a4"};
    for (const char* widths : {"w2a2", "w3a3", "w4a4", "w5a5", "w8a8"}) {
      recipes.push_back(std::string("lenet_pact_") + widths);
      recipes.push_back(std::string("lenet_dorefa_") + widths);
    }
  }
  return recipes;
}

}  // namespace bitscale::reproduce
