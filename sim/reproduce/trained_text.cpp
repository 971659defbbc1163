
#include "arch/base/json_writer.h"
#include "sim/report/units.h"
#include "sim/reproduce/trained.h"

namespace bitscale::reproduce {
namespace {

using report::fixed;

template <class T>
std::string list(const std::vector<T>& values, int digits) {
  std::string text;
  for (const T value : values) {
    if (!text.empty()) text += ' ';
    text += fixed(static_cast<double>(value), digits);
  }
  return text;
}

}  // namespace

std::string trained_text(const TrainedResult& result) {
  std::string text = "LeNet on " + std::to_string(result.images) + " Fashion-MNIST images (float " +
                     fixed(result.float_top1, 4) +
                     ", trained on 55,000 images; the quantized ones on 20,000)\n";
  std::vector<std::vector<std::string>> rows{{"W = A", "PACT", "DoReFa", "max-abs, not trained"}};
  for (const TrainedWidth& width : result.widths) {
    rows.push_back({std::to_string(width.bits), fixed(width.pact, 4), fixed(width.dorefa, 4),
                    fixed(width.max_abs, 4)});
  }
  text += report::text_table(rows) + "\nWidths from activation density, layers";
  for (const std::string& layer : result.layers) text += ' ' + layer;
  text += "; at 16 bits " + fixed(result.uj_16_bits, 4) + " µJ on PIM arrays\n";
  rows = {
      {"epoch", "bits of activations read", "density read", "validation", "PIM µJ", "16 b / it"}};
  for (const DensityEpoch& epoch : result.epochs) {
    rows.push_back({std::to_string(epoch.epoch), epoch.quantized ? list(epoch.bits, 0) : "float",
                    list(epoch.densities, 2), fixed(epoch.validation_top1, 4),
                    epoch.quantized ? fixed(epoch.pim_uj, 4) : "",
                    epoch.quantized ? fixed(result.uj_16_bits / epoch.pim_uj, 2) : ""});
  }
  return text + report::text_table(rows) + "\n" + targets_text(result.targets) +
         "Small networks on Fashion-MNIST: the methods demonstrated, no paper's accuracy "
         "reproduced. Weights of the first and\nlast layer stay at 16 bits in the density "
         "training, "
         "so their MACs are priced at 16.\n";
}

std::string trained_json(const TrainedResult& result) {
  base::JsonWriter json;
  json.begin_object();
  write_targets(json, result.targets);
  json.member("images", result.images).member("float_top1", result.float_top1);
  json.begin_array("widths");
  for (const TrainedWidth& width : result.widths) {
    json.begin_object().member("bits", width.bits).member("pact", width.pact);
    json.member("dorefa", width.dorefa).member("max_abs", width.max_abs).end();
  }
  json.end().member("pim_uj_16_bits", result.uj_16_bits).begin_array("epochs");
  for (const DensityEpoch& epoch : result.epochs) {
    json.begin_object().member("epoch", epoch.epoch).member("quantized", epoch.quantized);
    json.member("validation_top1", epoch.validation_top1).member("pim_uj", epoch.pim_uj);
    json.begin_array("bits");
    for (const int bits : epoch.bits) json.value(bits);
    json.end().end();
  }
  return json.end().end().take();
}

}  // namespace bitscale::reproduce
