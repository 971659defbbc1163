#include <cstdio>

#include "arch/base/json_writer.h"
#include "sim/report/units.h"
#include "sim/reproduce/trained.h"

namespace bitscale::reproduce {
namespace {

using report::fixed;

constexpr std::size_t kMostListed = 20;  // differences a table shows; the JSON has them all

template <class T>
std::string list(const std::vector<T>& values, int digits) {
  std::string text;
  for (const T value : values) {
    if (!text.empty()) text += ' ';
    text += fixed(static_cast<double>(value), digits);
  }
  return text;
}

std::string widths_text(const TrainedResult& result) {
  std::vector<std::vector<std::string>> rows{{"W = A", "PACT", "DoReFa", "max-abs, not trained"}};
  for (const TrainedWidth& width : result.widths) {
    rows.push_back({std::to_string(width.bits), fixed(width.pact, 4), fixed(width.dorefa, 4),
                    fixed(width.max_abs, 4)});
  }
  return "LeNet on " + std::to_string(result.images) + " Fashion-MNIST images (float " +
         fixed(result.float_top1, 4) + ")\n" + report::text_table(rows) +
         "Each network is of one seed; how far others move the accuracy at 2 bits:\n"
         "sim/reproduce/README.md.\n";
}

std::string layerwise_text(const TrainedResult& result) {
  std::vector<std::vector<std::string>> rows{{"recipe"}};
  for (const std::string& layer : result.layerwise.front().layers) rows[0].push_back(layer);
  rows[0].insert(rows[0].end(), {"stored weights, kbit", "top-1"});
  for (const LayerwiseNetwork& network : result.layerwise) {
    rows.push_back({network.recipe});
    for (std::size_t i = 0; i < network.layers.size(); ++i) {
      rows.back().push_back(std::to_string(network.weight_bits[i]) + "/" +
                            std::to_string(network.read_bits[i]));
    }
    rows.back().push_back(fixed(static_cast<double>(network.stored_weight_bits) / 1000, 1));
    rows.back().push_back(fixed(network.top1, 4));
  }
  return "\nPACT by layer, bits of weights / of the activations read\n" + report::text_table(rows);
}

std::string chains_text(const TrainedResult& result) {
  std::vector<std::vector<std::string>> rows{
      {"recipe", "samples", "top-1 integers", "top-1 float32", "predictions differ",
       "samples a code differs in", "largest edge distance", "unexplained"}};
  std::string differences;
  for (const ChainCheck& chain : result.chains) {
    const exec::FloatComparison& comparison = chain.comparison;
    char distance[32];
    std::snprintf(distance, sizeof distance, "%.1e", comparison.largest_edge_distance());
    rows.push_back({chain.recipe, std::to_string(comparison.samples), fixed(chain.integer_top1, 4),
                    fixed(chain.float_top1, 4), std::to_string(comparison.differing_predictions()),
                    std::to_string(comparison.differences.size()), distance,
                    std::to_string(comparison.unexplained())});
    std::size_t listed = 0;  // of those that changed no class
    for (const exec::SampleDifference& difference : comparison.differences) {
      // Every changed prediction; of the others, whose class is the same, the first few.
      if (!difference.predictions_differ() && difference.explained() && ++listed > kMostListed) {
        continue;
      }
      differences += "  " + chain.recipe + ", " + exec::difference_text(difference) + '\n';
    }
    if (listed > kMostListed) {
      differences += "  " + chain.recipe + ", " + std::to_string(kMostListed) +
                     " differences that change no class shown, " +
                     std::to_string(listed - kMostListed) + " more in the JSON\n";
    }
  }
  return "\nThe integers `bitscale run` executes against the same quantized values on real "
         "operators "
         "in float32\n(edge distance in steps of the code; explained below " +
         fixed(exec::kEdgeSteps, 3) + ")\n" + report::text_table(rows) +
         (differences.empty() ? "No code and no prediction differs.\n" : differences);
}

std::string density_text(const DensityTraining& training) {
  std::string text = "\nRecipe " + training.recipe + ", layers";
  for (const std::string& layer : training.layers) text += ' ' + layer;
  text += "; as it began, at 16 bits, " + fixed(training.uj_16_bits, 4) + " µJ on PIM arrays\n";
  std::vector<std::vector<std::string>> rows = {{"epoch", "bits of activations read", "channels",
                                                 "density read", "validation", "PIM µJ",
                                                 "16 b / it"}};
  for (const DensityEpoch& epoch : training.epochs) {
    rows.push_back({std::to_string(epoch.epoch), epoch.quantized ? list(epoch.bits, 0) : "float",
                    list(epoch.channels, 0), list(epoch.densities, 2),
                    fixed(epoch.validation_top1, 4), epoch.quantized ? fixed(epoch.pim_uj, 4) : "",
                    epoch.quantized ? fixed(training.uj_16_bits / epoch.pim_uj, 2) : ""});
  }
  return text + report::text_table(rows) +
         (training.settled() ? "Settled: the last " + std::to_string(training.unchanged_epochs) +
                                   " epochs changed no width and no channel."
                             : "Not settled: the recipe's bound of epochs ended it.") +
         " Test top-1 on integers " + fixed(training.test_top1, 4) + ".\n";
}

void write_chain(base::JsonWriter& json, const ChainCheck& chain) {
  const exec::FloatComparison& comparison = chain.comparison;
  json.begin_object().member("recipe", chain.recipe).member("samples", comparison.samples);
  json.member("integer_top1", chain.integer_top1).member("float_top1", chain.float_top1);
  json.member("codes_compared", comparison.codes);
  json.member("predictions_differ", comparison.differing_predictions());
  json.member("unexplained", comparison.unexplained()).begin_array("differences");
  for (const exec::SampleDifference& difference : comparison.differences) {
    json.begin_object().member("sample", difference.sample);
    json.member("integer_class", difference.integer_class);
    json.member("float_class", difference.float_class).member("margin", difference.margin);
    json.member("tensor", difference.tensor).member("codes", difference.codes);
    json.member("edge_distance", difference.edge_distance);
    json.member("explained", difference.explained()).end();
  }
  json.end().end();
}

void write_density(base::JsonWriter& json, const DensityTraining& training) {
  json.begin_object().member("recipe", training.recipe).member("test_top1", training.test_top1);
  json.member("pim_uj_16_bits", training.uj_16_bits).member("settled", training.settled());
  json.begin_array("epochs");
  for (const DensityEpoch& epoch : training.epochs) {
    json.begin_object().member("epoch", epoch.epoch).member("quantized", epoch.quantized);
    json.member("validation_top1", epoch.validation_top1).member("pim_uj", epoch.pim_uj);
    json.begin_array("bits");
    for (const int bits : epoch.bits) json.value(bits);
    json.end().begin_array("channels");
    for (const std::int64_t channels : epoch.channels) json.value(channels);
    json.end().end();
  }
  json.end().end();
}

}  // namespace

std::string trained_text(const TrainedResult& result) {
  std::string text = widths_text(result) + layerwise_text(result) + chains_text(result);
  for (const DensityTraining& training : result.densities) text += density_text(training);
  return text + "\n" + targets_text(result.targets) +
         "Small networks on Fashion-MNIST: the methods demonstrated, no paper's accuracy "
         "reproduced. Weights of the first and\nlast layer stay at 16 bits in the density "
         "trainings, so their MACs are priced at 16.\n";
}

std::string trained_json(const TrainedResult& result) {
  base::JsonWriter json;
  json.begin_object().member("scope", kMethodScope);
  write_targets(json, result.targets);
  json.member("images", result.images).member("float_top1", result.float_top1);
  json.begin_array("widths");
  for (const TrainedWidth& width : result.widths) {
    json.begin_object().member("bits", width.bits).member("pact", width.pact);
    json.member("dorefa", width.dorefa).member("max_abs", width.max_abs).end();
  }
  json.end().begin_array("layerwise");
  for (const LayerwiseNetwork& network : result.layerwise) {
    json.begin_object().member("recipe", network.recipe).member("top1", network.top1);
    json.member("stored_weight_bits", network.stored_weight_bits).begin_array("layers");
    for (std::size_t i = 0; i < network.layers.size(); ++i) {
      json.begin_object().member("layer", network.layers[i]);
      json.member("weight_bits", network.weight_bits[i]);
      json.member("act_bits", network.read_bits[i]).end();
    }
    json.end().end();
  }
  json.end().begin_array("chains");
  for (const ChainCheck& chain : result.chains) write_chain(json, chain);
  json.end().begin_array("density_trainings");
  for (const DensityTraining& training : result.densities) write_density(json, training);
  return json.end().end().take();
}

}  // namespace bitscale::reproduce
