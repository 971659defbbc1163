#include "sim/run/resolved.h"

#include <array>
#include <utility>

#include "arch/base/error.h"
#include "arch/spec/sources.h"

namespace bitscale::run {
namespace {

using numeric::Precision;

constexpr std::array<std::pair<const char*, int Precision::*>, 5> kWidths = {
    {{"weight_bits", &Precision::weight_bits},
     {"act_bits", &Precision::act_bits},
     {"output_bits", &Precision::output_bits},
     {"acc_bits", &Precision::acc_bits},
     {"psum_bits", &Precision::psum_bits}}};
constexpr std::array<std::pair<const char*, bool Precision::*>, 2> kSigns = {
    {{"weight_signed", &Precision::weight_signed}, {"act_signed", &Precision::act_signed}}};

void write_layer_precision(base::JsonWriter& json, const std::string& layer,
                           const Precision& precision) {
  json.begin_object().member("name", layer);
  for (const auto& [key, width] : kWidths) json.member(key, precision.*width);
  for (const auto& [key, sign] : kSigns) json.member(key, precision.*sign);
  json.member("weight_encoding", numeric::kWeightEncodingNames.name(precision.weight_encoding));
  json.end();
}

struct LayerPrecision {
  base::JsonReader reader;
  std::string layer;
  Precision precision;
};

LayerPrecision read_layer_precision(base::JsonReader reader) {
  Precision precision;
  std::string layer = reader.string("name");
  for (const auto& [key, width] : kWidths) {
    precision.*width = static_cast<int>(reader.integer(key, {1, numeric::kMaxAccBits}));
  }
  for (const auto& [key, sign] : kSigns) precision.*sign = reader.boolean(key);
  precision.weight_encoding = reader.one_of("weight_encoding", numeric::kWeightEncodingNames);
  reader.finish();
  return {std::move(reader), std::move(layer), precision};
}

// What is written of a layer must be what its plan gives it.
void compare(LayerPrecision& written, const std::string& layer, const Precision& precision) {
  if (written.layer != layer) {
    written.reader.problem("expected layer '" + layer + "', given '" + written.layer + "'", "name");
    return;
  }
  const auto differs = [&](const char* key) {
    written.reader.problem("differs from what the precision plan gives layer '" + layer + "'", key);
  };
  for (const auto& [key, width] : kWidths) {
    if (written.precision.*width != precision.*width) differs(key);
  }
  for (const auto& [key, sign] : kSigns) {
    if (written.precision.*sign != precision.*sign) differs(key);
  }
  if (written.precision.weight_encoding != precision.weight_encoding) differs("weight_encoding");
}

}  // namespace

std::string resolved_json(const RunConfig& config) {
  base::JsonWriter json;
  json.begin_object().member("schema_version", kConfigSchemaVersion);
  json.begin_object("inputs");
  for (const auto& [role, file] : config.inputs) {
    if (role != "set") json.member(role, file);
  }
  json.end().begin_array("set");
  for (const auto& [role, text] : config.inputs) {
    if (role == "set") json.value(text);
  }
  json.end().member("batch", config.batch);
  json.member("objective", mapping::kObjectiveNames.name(config.objective));
  json.key("arch");
  spec::write_accelerator(json, spec::with_sources_in_use(config.accelerator));
  json.key("network");
  model::write_network(json, config.network);
  json.key("precision");
  model::write_precision_plan(json, config.plan);
  json.begin_array("layer_precision");
  for (std::size_t i = 0; i < config.precisions.size(); ++i) {
    write_layer_precision(json, config.network.layers[i].name, config.precisions[i]);
  }
  json.end();
  if (config.mapping) json.member("mapping", *config.mapping);
  json.member("tech", config.technology_document);
  return json.end().take();
}

RunConfig read_resolved(const base::JsonValue& document) {
  RunConfig config;
  base::Problems problems;
  base::JsonReader reader(document, problems);
  reader.schema_version(kConfigSchemaVersion);
  for (auto& [role, file] : reader.object("inputs").entries()) {
    config.inputs.emplace_back(role, file.as_string());
  }
  for (base::JsonReader& text : reader.array("set")) {
    config.inputs.emplace_back("set", text.as_string());
  }
  for (const char* key : {"batch", "objective"}) {
    if (!reader.has(key)) reader.problem(std::string("missing key '") + key + "'");
  }
  const PartsRead parts = read_parts(reader, config, problems);
  if (reader.has("mapping")) config.mapping = reader.object("mapping").value();
  std::vector<LayerPrecision> written;
  for (base::JsonReader& layer : reader.array("layer_precision")) {
    written.push_back(read_layer_precision(layer));
  }
  reader.finish();
  settle(config, reader, parts, problems);
  problems.throw_if_any();
  if (written.size() != config.precisions.size()) {
    reader.problem("expected one entry for each of the network's " +
                       std::to_string(config.precisions.size()) + " layers, given " +
                       std::to_string(written.size()),
                   "layer_precision");
  }
  problems.throw_if_any();
  for (std::size_t i = 0; i < written.size(); ++i) {
    compare(written[i], config.network.layers[i].name, config.precisions[i]);
  }
  problems.throw_if_any();
  return config;
}

}  // namespace bitscale::run
