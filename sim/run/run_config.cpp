#include "sim/run/run_config.h"

#include <algorithm>
#include <array>

#include "arch/base/error.h"
#include "arch/base/file.h"
#include "arch/cost/cost_model.h"

namespace bitscale::run {
namespace {

using base::JsonValue;

/// A part of the document, how it is asked for, and what stands for it when nobody asks.
struct PartRule {
  const char* key;
  Shelf shelf;
  std::string RunRequest::*given;
  const char* fallback;
};

const std::array<PartRule, 4> kParts = {{
    {"arch", Shelf::Archs, &RunRequest::arch, "default"},
    {"network", Shelf::Networks, &RunRequest::network, ""},
    {"tech", Shelf::Techs, &RunRequest::tech, "generic_45nm"},
    {"precision", Shelf::Precisions, &RunRequest::precision, "w8a8"},
}};

// The config file's members, checked; missing ones are absent.
JsonValue read_config_file(const std::string& path) {
  const JsonValue document = base::parse_json_file(path);
  base::Problems problems;
  base::JsonReader reader(document, problems);
  reader.schema_version(kConfigSchemaVersion);
  JsonValue members = JsonValue::make_object();
  for (const char* key : {"arch", "network", "tech", "precision", "mapping"}) {
    if (reader.has(key)) members.set(key, JsonValue::make_string(reader.string(key)));
  }
  if (reader.has("batch")) {
    members.set("batch", JsonValue::make_integer(reader.integer("batch", {1, 65536})));
  }
  if (reader.has("objective")) {
    const auto objective = reader.one_of("objective", mapping::kObjectiveNames);
    members.set("objective",
                JsonValue::make_string(std::string(mapping::kObjectiveNames.name(objective))));
  }
  reader.finish();
  problems.throw_if_any();
  return members;
}

std::pair<std::string, std::string> split_set(const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos) {
    throw base::UserError("--set", "expected /json/pointer=value, given '" + text + "'");
  }
  return {text.substr(0, equals), text.substr(equals + 1)};
}

// A layer's accumulators are never wider than the PE's register.
void limit_accumulators(RunConfig& config) {
  for (numeric::Precision& precision : config.precisions) {
    precision.acc_bits = std::min(precision.acc_bits, config.accelerator.mac_array.pe.acc_bits);
  }
}

void settle_clock(RunConfig& config, const std::string& where) {
  spec::AcceleratorSpec& accelerator = config.accelerator;
  const cost::CostModel prices(accelerator, config.technology);
  if (accelerator.clock_mhz <= prices.f_max_mhz()) return;
  if (accelerator.clock_mode == spec::ClockMode::FMax) {
    accelerator.clock_mhz = prices.f_max_mhz();
    return;
  }
  throw base::UserError(where, "clock_mhz " + base::format_number(accelerator.clock_mhz) +
                                   " is above the f_max of " + prices.f_max_component() + ", " +
                                   base::format_number(prices.f_max_mhz()) +
                                   " MHz in this technology; lower it or set clock_mode to f_max");
}

}  // namespace

JsonValue assemble_document(const RunRequest& request, const Catalog& catalog,
                            std::vector<std::pair<std::string, std::string>>& inputs) {
  JsonValue named = JsonValue::make_object();
  std::filesystem::path beside;
  if (!request.config.empty()) {
    named = read_config_file(request.config);
    beside = std::filesystem::path(request.config).parent_path();
    inputs.emplace_back("config", request.config);
  }
  JsonValue document = JsonValue::make_object();
  document.origin = "run";
  for (const PartRule& part : kParts) {
    const std::string& given = request.*part.given;
    const JsonValue* in_config = named.find(part.key);
    const std::string name = !given.empty()         ? given
                             : in_config != nullptr ? in_config->text
                                                    : part.fallback;
    if (name.empty()) {
      throw base::UserError("--network",
                            "name a network: 'bitscale list networks' shows those "
                            "that ship with the program");
    }
    const bool from_config = given.empty() && in_config != nullptr;
    const std::string where =
        from_config ? request.config + ":/" + part.key : std::string("--") + part.key;
    const auto path = catalog.find(part.shelf, name, from_config ? beside : "", where);
    document.set(part.key, base::parse_json_file(path));
    inputs.emplace_back(part.key, path.string());
  }
  std::string mapping = request.mapping;
  if (mapping.empty() && named.find("mapping") != nullptr) {
    mapping = (beside / named.find("mapping")->text).string();
  }
  if (!mapping.empty()) {
    document.set("mapping", base::parse_json_file(mapping));
    inputs.emplace_back("mapping", mapping);
  }
  for (const char* key : {"batch", "objective"}) {
    if (named.find(key) != nullptr) document.set(key, *named.find(key));
  }
  for (const std::string& text : request.sets) {
    const auto [pointer, value] = split_set(text);
    base::set_by_pointer(document, pointer, value, "--set " + text);
    inputs.emplace_back("set", text);
  }
  return document;
}

RunConfig resolve_config(const JsonValue& document) {
  RunConfig config;
  base::Problems problems;
  base::JsonReader reader(document, problems);
  base::JsonReader arch = reader.member("arch");
  config.accelerator = spec::read_accelerator(arch);
  base::JsonReader network = reader.member("network");
  config.network = model::read_network(network);
  base::JsonReader tech = reader.member("tech");
  config.technology = cost::read_technology(tech);
  config.technology_document = tech.value();
  base::JsonReader precision = reader.member("precision");
  config.plan = model::read_precision_plan(precision);
  config.batch = reader.integer("batch", {1, 65536}, 1);
  config.objective =
      reader.one_of("objective", mapping::kObjectiveNames, mapping::Objective::Latency);
  if (reader.has("mapping")) config.mapping = reader.member("mapping").value();
  reader.finish();
  problems.throw_if_any();
  config.precisions = model::resolve_precision(config.plan, config.network);
  limit_accumulators(config);
  settle_clock(config, arch.where("clock_mhz"));
  return config;
}

RunConfig load_config(const RunRequest& request, const Catalog& catalog) {
  std::vector<std::pair<std::string, std::string>> inputs;
  RunConfig config = resolve_config(assemble_document(request, catalog, inputs));
  config.inputs = std::move(inputs);
  return config;
}

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
  spec::write_accelerator(json, config.accelerator);
  json.key("network");
  model::write_network(json, config.network);
  json.key("precision");
  model::write_precision_plan(json, config.plan);
  json.begin_array("layer_precision");
  for (std::size_t i = 0; i < config.precisions.size(); ++i) {
    const numeric::Precision& precision = config.precisions[i];
    json.begin_object().member("name", config.network.layers[i].name);
    json.member("weight_bits", precision.weight_bits).member("act_bits", precision.act_bits);
    json.member("output_bits", precision.output_bits).member("acc_bits", precision.acc_bits);
    json.member("psum_bits", precision.psum_bits);
    json.member("weight_signed", precision.weight_signed);
    json.member("act_signed", precision.act_signed);
    json.member("weight_encoding", numeric::kWeightEncodingNames.name(precision.weight_encoding));
    json.end();
  }
  json.end().member("tech", config.technology_document);
  return json.end().take();
}

}  // namespace bitscale::run
