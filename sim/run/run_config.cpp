#include "sim/run/run_config.h"

#include <algorithm>
#include <array>

#include "arch/base/error.h"
#include "arch/base/file.h"
#include "arch/base/json_parse.h"
#include "arch/cost/cost_model.h"
#include "sim/run/resolved.h"

namespace bitscale::run {
namespace {

using base::JsonValue;

/// A part of the document, how it is asked for, and what stands for it when nobody asks.
struct PartRule {
  const char* key;
  Shelf shelf;
  std::string RunRequest::*given;
  const char* fallback;
  bool of_design;  ///< needed where no network runs
};

const std::array<PartRule, 4> kParts = {{
    {"arch", Shelf::Archs, &RunRequest::arch, "default", true},
    {"network", Shelf::Networks, &RunRequest::network, "", false},
    {"tech", Shelf::Techs, &RunRequest::tech, "generic_45nm", true},
    {"precision", Shelf::Precisions, &RunRequest::precision, "w8a8", false},
}};

// A resolved.json is a configuration whose parts are written out.
JsonValue read_resolved_parts(const JsonValue& document) {
  read_resolved(document);  // checks it
  JsonValue members = JsonValue::make_object();
  members.origin = document.origin;
  for (const char* key : {"arch", "network", "tech", "precision", "batch", "objective"}) {
    members.set(key, *document.find(key));
  }
  return members;
}

// The config file's members, checked; missing ones are absent.
JsonValue read_config_file(const std::string& path) {
  base::Problems problems;
  const JsonValue document = base::parse_json_file(path, problems);
  if (document.find("layer_precision") != nullptr) {
    problems.throw_if_any();
    return read_resolved_parts(document);
  }
  base::JsonReader reader(document, problems);
  reader.schema_version(kConfigSchemaVersion);
  JsonValue members = JsonValue::make_object();
  for (const char* key : {"arch", "network", "tech", "precision", "mapping"}) {
    if (!reader.has(key)) continue;
    const bool inside = document.find(key)->kind == JsonValue::Kind::Object;
    if (inside) members.origin = document.origin;
    members.set(key,
                inside ? reader.member(key).value() : JsonValue::make_string(reader.string(key)));
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

// The text of the config file's member, or "".
std::string named_in(const JsonValue& config, const char* key) {
  const JsonValue* member = config.find(key);
  return member == nullptr ? "" : member->text;
}

// Goes on after a problem, so that the user sees all of them.
template <class Step>
void collect(base::Problems& problems, Step step) {
  try {
    step();
  } catch (const base::UserError& error) {
    for (const base::Problem& problem : error.problems()) {
      problems.add(problem.where, problem.message);
    }
  }
}

// What a request becomes before it is checked.
struct Assembly {
  JsonValue document = JsonValue::make_object();
  std::vector<std::pair<std::string, std::string>> inputs;
  AppliedSets sets;
  base::Problems problems;  ///< duplicate keys, options that could not be applied
};

// What else is wrong with a file is found after its duplicate keys.
JsonValue read_file(const std::filesystem::path& path, Assembly& assembly) {
  base::Problems duplicates;
  JsonValue document = base::parse_json_file(path, duplicates);
  collect(assembly.problems, [&] { duplicates.throw_if_any(); });
  return document;
}

void add_part(const PartRule& part, const RunRequest& request, const Catalog& catalog,
              const JsonValue& config, Assembly& assembly) {
  const std::string& given = request.*part.given;
  const bool from_config = given.empty() && config.find(part.key) != nullptr;
  if (from_config && config.find(part.key)->kind == JsonValue::Kind::Object) {
    assembly.document.set(part.key, *config.find(part.key));
    assembly.inputs.emplace_back(part.key, request.config);
    return;
  }
  const std::string name = !given.empty() ? given
                           : from_config  ? named_in(config, part.key)
                                          : part.fallback;
  if (name.empty()) {
    throw base::UserError(
        std::string("--") + part.key,
        "name a network: a file, or one of " + base::comma_separated(catalog.names(part.shelf)));
  }
  const std::string where =
      from_config ? request.config + ":/" + part.key : std::string("--") + part.key;
  const auto beside = std::filesystem::path(request.config).parent_path();
  const auto path = catalog.find(part.shelf, name, from_config ? beside : "", where);
  assembly.document.set(part.key, read_file(path, assembly));
  assembly.inputs.emplace_back(part.key, path.string());
}

void add_mapping(const RunRequest& request, const JsonValue& config, Assembly& assembly) {
  std::filesystem::path mapping = request.mapping;
  if (mapping.empty()) {
    const JsonValue* inside = config.find("mapping");
    if (inside != nullptr && inside->kind == JsonValue::Kind::Object) {
      assembly.document.set("mapping", *inside);
      assembly.inputs.emplace_back("mapping", request.config);
      return;
    }
    const std::string named = named_in(config, "mapping");
    if (named.empty()) return;
    mapping = std::filesystem::path(request.config).parent_path() / named;
  }
  assembly.document.set("mapping", read_file(mapping, assembly));
  assembly.inputs.emplace_back("mapping", mapping.string());
}

enum class Scope { Run, Tensors, Design };

Assembly assemble(const RunRequest& request, const Catalog& catalog, Scope scope) {
  Assembly assembly;
  assembly.document.origin = "run";
  base::Problems problems;
  JsonValue config = JsonValue::make_object();
  if (!request.config.empty()) {
    collect(problems, [&] { config = read_config_file(request.config); });
    assembly.inputs.emplace_back("config", request.config);
    if (!config.origin.empty()) assembly.document.origin = config.origin;
  }
  problems.throw_if_any();  // what it names is unknown
  for (const PartRule& part : kParts) {
    if (scope != Scope::Run && !part.of_design) continue;
    collect(problems, [&] { add_part(part, request, catalog, config, assembly); });
  }
  if (scope != Scope::Design) {
    collect(problems, [&] { add_mapping(request, config, assembly); });
    for (const char* key : {"batch", "objective"}) {
      if (config.find(key) != nullptr) assembly.document.set(key, *config.find(key));
    }
  }
  problems.throw_if_any();
  for (const std::string& text : request.sets) {
    collect(assembly.problems, [&] { assembly.sets.apply(assembly.document, text); });
    assembly.inputs.emplace_back("set", text);
  }
  return assembly;
}

// A layer's accumulators are never wider than the PE's register.
void limit_accumulators(RunConfig& config) {
  for (numeric::Precision& precision : config.precisions) {
    precision.acc_bits = std::min(precision.acc_bits, config.accelerator.mac_array.pe.acc_bits);
  }
}

void settle_clock(spec::AcceleratorSpec& accelerator, const cost::Technology& technology,
                  const std::string& where) {
  const cost::CostModel prices(accelerator, technology);
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

// The widths of a network with tensors as a plan: an override for each layer with MACs.
model::PrecisionPlan plan_of(const GivenNetwork& given) {
  model::PrecisionPlan plan;
  plan.name = given.precision_name;
  plan.default_rule.weight_bits = plan.default_rule.act_bits = numeric::kMaxOperandBits;
  for (std::size_t i = 0; i < given.precisions.size(); ++i) {
    if (!given.network.layers[i].has_macs()) continue;
    const numeric::Precision& precision = given.precisions[i];
    model::PrecisionRule rule;
    rule.layers = given.network.layers[i].name;
    rule.weight_bits = precision.weight_bits;
    rule.act_bits = precision.act_bits;
    rule.output_bits = precision.output_bits;
    rule.acc_bits = precision.acc_bits;
    rule.psum_bits = precision.psum_bits;
    rule.weight_signed = precision.weight_signed;
    rule.act_signed = precision.act_signed;
    rule.weight_encoding = precision.weight_encoding;
    plan.overrides.push_back(std::move(rule));
  }
  return plan;
}

void read_design(base::JsonReader& reader, RunConfig& config) {
  base::JsonReader arch = reader.member("arch");
  config.accelerator = spec::read_accelerator(arch);
  base::JsonReader tech = reader.member("tech");
  config.technology = cost::read_technology(tech);
  config.technology_document = tech.value();
  config.batch = reader.integer("batch", {1, 65536}, 1);
  config.objective =
      reader.one_of("objective", mapping::kObjectiveNames, mapping::Objective::Latency);
}

// Runs a step on an assembled document; problems of what --set changed blame the option, and those
// the assembly has already are thrown along.
template <class Step>
void check(Assembly& assembly, Step step) {
  try {
    step();
  } catch (const base::UserError& error) {
    for (const base::Problem& problem : assembly.sets.blame(error.problems())) {
      assembly.problems.add(problem.where, problem.message);
    }
  }
  assembly.problems.throw_if_any();
}

}  // namespace

JsonValue assemble_document(const RunRequest& request, const Catalog& catalog,
                            std::vector<std::pair<std::string, std::string>>& inputs) {
  Assembly assembly = assemble(request, catalog, Scope::Run);
  assembly.problems.throw_if_any();
  inputs.insert(inputs.end(), assembly.inputs.begin(), assembly.inputs.end());
  return std::move(assembly.document);
}

void read_parts(base::JsonReader& reader, RunConfig& config) {
  read_design(reader, config);
  base::JsonReader network = reader.member("network");
  config.network = model::read_network(network);
  base::JsonReader precision = reader.member("precision");
  config.plan = model::read_precision_plan(precision);
}

void settle(RunConfig& config, base::JsonReader& reader) {
  base::JsonReader precision = reader.member("precision");
  try {
    config.precisions = model::resolve_precision(config.plan, config.network);
  } catch (const base::UserError& error) {
    std::vector<base::Problem> problems = error.problems();
    for (base::Problem& problem : problems) {  // stands at "precision 'NAME':/pointer"
      const std::size_t pointer = problem.where.rfind("':/");
      problem.where = precision.where(
          pointer == std::string::npos ? std::string() : problem.where.substr(pointer + 3));
    }
    throw base::UserError(std::move(problems));
  }
  limit_accumulators(config);
  settle_clock(config.accelerator, config.technology, reader.member("arch").where("clock_mhz"));
}

RunConfig resolve_config(const JsonValue& document) {
  RunConfig config;
  base::Problems problems;
  base::JsonReader reader(document, problems);
  read_parts(reader, config);
  if (reader.has("mapping")) config.mapping = reader.member("mapping").value();
  reader.finish();
  problems.throw_if_any();
  settle(config, reader);
  return config;
}

RunConfig load_config(const RunRequest& request, const Catalog& catalog) {
  Assembly assembly = assemble(request, catalog, Scope::Run);
  RunConfig config;
  check(assembly, [&] { config = resolve_config(assembly.document); });
  config.inputs = std::move(assembly.inputs);
  config.sets = std::move(assembly.sets);
  return config;
}

RunConfig load_config(const RunRequest& request, const Catalog& catalog,
                      const GivenNetwork& given) {
  Assembly assembly = assemble(request, catalog, Scope::Tensors);
  RunConfig config;
  check(assembly, [&] {
    base::Problems problems;
    base::JsonReader reader(assembly.document, problems);
    read_design(reader, config);
    if (reader.has("mapping")) config.mapping = reader.member("mapping").value();
    reader.finish();
    problems.throw_if_any();
    config.network = given.network;
    config.plan = plan_of(given);
    config.precisions = given.precisions;
    limit_accumulators(config);
    settle_clock(config.accelerator, config.technology, reader.member("arch").where("clock_mhz"));
  });
  config.inputs = std::move(assembly.inputs);
  config.sets = std::move(assembly.sets);
  return config;
}

DesignConfig load_design(const RunRequest& request, const Catalog& catalog) {
  Assembly assembly = assemble(request, catalog, Scope::Design);
  DesignConfig design;
  check(assembly, [&] {
    base::Problems problems;
    base::JsonReader reader(assembly.document, problems);
    base::JsonReader arch = reader.member("arch");
    design.accelerator = spec::read_accelerator(arch);
    base::JsonReader tech = reader.member("tech");
    design.technology = cost::read_technology(tech);
    reader.finish();
    problems.throw_if_any();
    settle_clock(design.accelerator, design.technology, arch.where("clock_mhz"));
  });
  return design;
}

}  // namespace bitscale::run
