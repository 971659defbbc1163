#include "workloads/train/recipe.h"

#include <algorithm>
#include <iterator>

#include "arch/base/error.h"
#include "arch/base/json_reader.h"
#include "arch/base/json_writer.h"
#include "workloads/model/precision_plan.h"

namespace bitscale::train {
namespace {

constexpr double kMostAlpha = 1e6;  // float32 holds what a clip's steps make of it

/// Layers that a rule means, as in a precision file: the one of that very name, else all that
/// match.
std::vector<std::string> layers_of(const std::string& pattern,
                                   const std::vector<std::string>& names) {
  if (std::find(names.begin(), names.end(), pattern) != names.end()) return {pattern};
  std::vector<std::string> matching;
  std::copy_if(names.begin(), names.end(), std::back_inserter(matching),
               [&](const std::string& name) { return model::matches(pattern, name); });
  return matching;
}

/// The entry of a layer, made when there is none.
LayerWidths& widths_of(Recipe& recipe, const std::string& layer) {
  const auto found = std::find_if(recipe.layers.begin(), recipe.layers.end(),
                                  [&](const LayerWidths& entry) { return entry.layer == layer; });
  if (found != recipe.layers.end()) return *found;
  recipe.layers.push_back({layer, {}, {}});
  return recipe.layers.back();
}

/// One rule of "overrides"; later ones win.
void read_override(base::JsonReader& reader, Recipe& recipe, base::IntegerRange weight_range) {
  const std::vector<std::string> names = layer_names(recipe.architecture);
  const std::string pattern = reader.string("layers");
  const std::vector<std::string> layers = layers_of(pattern, names);
  if (layers.empty() && reader.has("layers")) {
    reader.problem(base::unknown_name_message("layer", pattern, names), "layers");
  }
  std::optional<int> weight_bits, act_bits;
  if (reader.has("weight_bits")) {
    weight_bits = static_cast<int>(reader.integer("weight_bits", weight_range));
  }
  if (reader.has("act_bits")) act_bits = static_cast<int>(reader.integer("act_bits", {1, 16}));
  if (act_bits && layers == std::vector<std::string>{names.front()}) {
    reader.problem("the first layer reads pixels of 8 bits", "act_bits");
  }
  for (const std::string& layer : layers) {
    LayerWidths& widths = widths_of(recipe, layer);
    const bool first = layer == names.front();
    if (weight_bits) widths.weight_bits = weight_bits;
    if (act_bits && !first) widths.act_bits = act_bits;
    const bool gap = weight_bits && (*weight_bits == 6 || *weight_bits == 7);
    if (gap && recipe.weights == WeightTraining::Sawb && !first && layer != names.back()) {
      reader.problem("sawb has coefficients for 2, 3, 4, 5 and 8 bits (layer '" + layer + "')",
                     "weight_bits");
      break;
    }
  }
  reader.finish();
}

void read_overrides(base::JsonReader& reader, Recipe& recipe, base::IntegerRange weight_range) {
  if (!reader.has("overrides")) return;
  for (base::JsonReader& rule : reader.array("overrides")) {
    read_override(rule, recipe, weight_range);
  }
  if (reader.has("density_schedule")) {
    reader.problem("a density schedule sets the widths of all layers", "overrides");
  }
  if (recipe.weights == WeightTraining::Float) {
    reader.problem("a float network has no widths", "overrides");
  }
}

/// Members that would change nothing beside the others.
void refuse_idle_members(base::JsonReader& reader, const Recipe& recipe) {
  const auto idle = [&](const char* member, bool read, const char* why) {
    if (!read && reader.has(member)) reader.problem(why, member);
  };
  const bool quantized = recipe.weights != WeightTraining::Float;
  const bool own_widths = quantized && !reader.has("density_schedule");
  for (const char* member : {"weight_bits", "act_bits"}) {
    idle(member, own_widths,
         "without effect: a float network has no widths, a density schedule "
         "its own");
  }
  idle("edge_bits", quantized, "without effect: a float network has no widths");
  idle("acc_bits",
       recipe.weights == WeightTraining::A2q || recipe.weights == WeightTraining::A2qPlus,
       "without effect: only weights 'a2q' and 'a2q_plus' keep an accumulator");
  idle("alpha_start", recipe.acts == ActTraining::Pact,
       "without effect: only activations 'pact' learn a clip");
}

void read_quantizers(base::JsonReader& reader, Recipe& recipe) {
  recipe.weights = reader.one_of("weights", kWeightTrainingNames);
  recipe.acts = reader.one_of("activations", kActTrainingNames);
  const bool odd =
      recipe.weights == WeightTraining::Dorefa || recipe.weights == WeightTraining::Sawb;
  const base::IntegerRange weight_range{2, odd ? 8 : 16};
  recipe.weight_bits = static_cast<int>(reader.integer("weight_bits", weight_range, 4));
  recipe.act_bits = static_cast<int>(reader.integer("act_bits", {1, 16}, 4));
  recipe.edge_bits = static_cast<int>(reader.integer("edge_bits", {2, 16}, 8));
  recipe.acc_bits = static_cast<int>(reader.integer("acc_bits", {2, 48}, 16));
  recipe.alpha_start = reader.number("alpha_start", {0, kMostAlpha, true}, 10);
  if (recipe.weights == WeightTraining::Sawb &&
      (recipe.weight_bits == 6 || recipe.weight_bits == 7)) {
    reader.problem("sawb has coefficients for 2, 3, 4, 5 and 8 bits", "weight_bits");
  }
  refuse_idle_members(reader, recipe);
  if ((recipe.weights == WeightTraining::Float) != (recipe.acts == ActTraining::Float)) {
    reader.problem("weights and activations are both float or both quantized", "activations");
  }
  read_overrides(reader, recipe, weight_range);
  recipe.density_schedule = reader.has("density_schedule");
  if (!recipe.density_schedule) return;
  base::JsonReader density = reader.object("density_schedule");
  recipe.density_start_bits = static_cast<int>(density.integer("start_bits", {2, 16}, 16));
  recipe.density_least_bits =
      static_cast<int>(density.integer("least_bits", {2, recipe.density_start_bits}, 2));
  recipe.density_settle_epochs = static_cast<int>(density.integer("settle_epochs", {1, 1000}, 2));
  recipe.density_prune_rounds = static_cast<int>(density.integer("prune_rounds", {0, 1000}, 0));
  recipe.density_least_channels = density.integer("least_channels", {1, 1000}, 1);
  if (recipe.density_prune_rounds > 0 && recipe.architecture == Architecture::Resnet8) {
    density.problem("resnet8 adds layers channel by channel; its channels cannot be pruned apart",
                    "prune_rounds");
  }
  density.finish();
  if (recipe.weights != WeightTraining::MaxAbs) {
    reader.problem("a density schedule needs weights 'max_abs', which any width has",
                   "density_schedule");
  }
}

}  // namespace

std::vector<std::string> layer_names(Architecture architecture) {
  switch (architecture) {
    case Architecture::Lenet:
      return {"conv1", "conv2", "fc1", "fc2", "fc3"};
    case Architecture::Resnet8:
      return {"stem", "a1", "a2", "down", "b1", "b2", "fc1", "fc2"};
    case Architecture::VggSmall:
      return {"conv1", "conv2", "conv3", "conv4", "conv5", "fc1", "fc2"};
    case Architecture::Mlp:
      break;
  }
  return {"fc1", "fc2", "fc3"};
}

Recipe read_recipe(const std::filesystem::path& path) {
  const base::JsonValue document = base::parse_json_file(path);
  base::Problems problems;
  base::JsonReader reader(document, problems);
  reader.schema_version(1);
  Recipe recipe;
  recipe.name = reader.string("name");
  recipe.file = path.string();
  recipe.architecture = reader.one_of("network", kArchitectureNames);
  base::JsonReader quantizers = reader.object("quantizers");
  read_quantizers(quantizers, recipe);
  quantizers.finish();
  recipe.epochs = static_cast<int>(reader.integer("epochs", {1, 1000}));
  recipe.float_epochs = static_cast<int>(reader.integer("float_epochs", {0, recipe.epochs}, 0));
  recipe.early_stop_epochs = static_cast<int>(reader.integer("early_stop_epochs", {0, 1000}, 0));
  recipe.batch = static_cast<int>(reader.integer("batch", {2, 4096}, 128));
  recipe.learning_rate = reader.number("learning_rate", {0, 1, true}, 1e-3);
  recipe.weight_decay = reader.number("weight_decay", {0, 1}, 1e-4);
  recipe.seed = static_cast<std::uint64_t>(reader.integer("seed", {0, 1'000'000'000}, 1));
  recipe.train_samples = reader.integer("train_samples", {recipe.batch, 10'000'000}, 55000);
  recipe.validation_samples = reader.integer("validation_samples", {1, 10'000'000}, 5000);
  if (recipe.weights != WeightTraining::Float && recipe.float_epochs == recipe.epochs) {
    reader.problem("leave no epoch to the quantizers", "float_epochs");
  }
  reader.finish();
  problems.throw_if_any();
  return recipe;
}

std::string place(const Recipe& recipe, const std::string& pointer) {
  return (recipe.file.empty() ? recipe.name : recipe.file) + ":" + pointer;
}

std::string recipe_key(const Recipe& recipe) {
  base::JsonWriter json;
  json.begin_object().member("name", recipe.name);
  json.member("network", kArchitectureNames.name(recipe.architecture));
  json.member("weights", kWeightTrainingNames.name(recipe.weights));
  json.member("activations", kActTrainingNames.name(recipe.acts));
  json.member("weight_bits", recipe.weight_bits).member("act_bits", recipe.act_bits);
  json.member("edge_bits", recipe.edge_bits).member("acc_bits", recipe.acc_bits);
  for (const LayerWidths& widths : recipe.layers) {
    json.member(widths.layer + ".weight_bits", widths.weight_bits.value_or(0));
    json.member(widths.layer + ".act_bits", widths.act_bits.value_or(0));
  }
  json.member("alpha_start", recipe.alpha_start).member("density", recipe.density_schedule);
  json.member("density_start_bits", recipe.density_start_bits);
  json.member("density_least_bits", recipe.density_least_bits);
  json.member("density_settle_epochs", recipe.density_settle_epochs);
  json.member("density_prune_rounds", recipe.density_prune_rounds);
  json.member("density_least_channels", recipe.density_least_channels);
  json.member("epochs", recipe.epochs).member("float_epochs", recipe.float_epochs);
  json.member("early_stop_epochs", recipe.early_stop_epochs).member("batch", recipe.batch);
  json.member("learning_rate", recipe.learning_rate);
  json.member("weight_decay", recipe.weight_decay).member("seed", recipe.seed);
  json.member("train_samples", recipe.train_samples);
  json.member("validation_samples", recipe.validation_samples).end();
  return json.take();
}

}  // namespace bitscale::train
