// A training recipe: which network, which quantizers, how long. configs/training/*.json, schema
// configs/schema/training.schema.json.
#ifndef BITSCALE_WORKLOADS_TRAIN_RECIPE_H_
#define BITSCALE_WORKLOADS_TRAIN_RECIPE_H_

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "arch/base/names.h"

namespace bitscale::train {

/// Mlp: 784-64-64-10. Lenet: 6 and 16 channels of 5×5, pooling, 120-84-10. Resnet8: a 3×3 stem, two
/// blocks of two 3×3 layers with identity skips (8 and 16 channels), a 3×3 layer of stride 2
/// between them, 32-10. VggSmall: 3×3 layers of 8, 8, 16, 16, 32 channels in three pooled stages,
/// 64-10.
enum class Architecture { Mlp, Lenet, Resnet8, VggSmall };
inline const base::NameTable<Architecture> kArchitectureNames = {
    {Architecture::Mlp, "mlp"},
    {Architecture::Lenet, "lenet"},
    {Architecture::Resnet8, "resnet8"},
    {Architecture::VggSmall, "vgg_small"}};

/// Float leaves weights real; MaxAbs rounds to the largest weight of the tensor.
enum class WeightTraining { Float, MaxAbs, Dorefa, Sawb, A2q, A2qPlus };
inline const base::NameTable<WeightTraining> kWeightTrainingNames = {
    {WeightTraining::Float, "float"},   {WeightTraining::MaxAbs, "max_abs"},
    {WeightTraining::Dorefa, "dorefa"}, {WeightTraining::Sawb, "sawb"},
    {WeightTraining::A2q, "a2q"},       {WeightTraining::A2qPlus, "a2q_plus"}};

/// Pact learns the clip of every layer; Clip1 is DoReFa's fixed clip at 1.
enum class ActTraining { Float, Pact, Clip1 };
inline const base::NameTable<ActTraining> kActTrainingNames = {
    {ActTraining::Float, "float"}, {ActTraining::Pact, "pact"}, {ActTraining::Clip1, "clip1"}};

/// Widths of one layer in place of the recipe's: its weights, and the activations it reads.
struct LayerWidths {
  std::string layer;
  std::optional<int> weight_bits, act_bits;
};

struct Recipe {
  std::string name;
  std::string file;  ///< it was read from; "": none, messages then begin with the name
  Architecture architecture = Architecture::Mlp;
  WeightTraining weights = WeightTraining::Float;
  ActTraining acts = ActTraining::Float;
  int weight_bits = 4, act_bits = 4;
  int edge_bits = 8;  ///< weights of the first and last layer, activations into the last
  std::vector<LayerWidths> layers;  ///< each layer at most once
  int acc_bits = 16;                ///< A2q, A2qPlus
  double alpha_start = 10;
  /// k ← round(k · density) after every epoch that quantizes, from start_bits; else the widths
  /// above. Training ends when settle_epochs successive rounds changed nothing, at the latest after
  /// `epochs`. The first prune_rounds of them also leave C ← round(C · density) channels of every
  /// layer but the last, at least least_channels.
  bool density_schedule = false;
  int density_start_bits = 16, density_least_bits = 2;
  int density_settle_epochs = 2, density_prune_rounds = 0;
  std::int64_t density_least_channels = 1;

  int epochs = 4;
  int float_epochs = 1;  ///< of them, the first without quantizers
  /// Stop after so many epochs without a better validation; 0 never. Unless it is 0, the network
  /// written is that of the best epoch; under a density schedule, whose widths are those of its
  /// end, and without early stop that of the last one.
  int early_stop_epochs = 0;
  int batch = 128;
  double learning_rate = 1e-3;  ///< of the first epoch; falls linearly to a tenth in the last
  double weight_decay = 1e-4;   ///< weights and α alike
  std::uint64_t seed = 1;
  std::int64_t train_samples = 55000, validation_samples = 5000;
};

/// The layers of an architecture, in order.
std::vector<std::string> layer_names(Architecture architecture);

/// Throws UserError with every problem of the file.
Recipe read_recipe(const std::filesystem::path& path);

/// Where a message about a member of the recipe points: "recipe.json:/pointer".
std::string place(const Recipe& recipe, const std::string& pointer);

/// The recipe as text in a fixed order: what a checkpoint remembers it by.
std::string recipe_key(const Recipe& recipe);

}  // namespace bitscale::train

#endif  // BITSCALE_WORKLOADS_TRAIN_RECIPE_H_
