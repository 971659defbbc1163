#include "sim/run/run_config.h"

#include <algorithm>
#include <utility>

#include "arch/base/error.h"
#include "arch/base/file.h"
#include "arch/base/json_reader.h"
#include "arch/cost/brief.h"
#include "arch/cost/cost_model.h"
#include "sim/run/accumulators.h"
#include "sim/run/assembly.h"

namespace bitscale::run {
namespace {

using base::JsonValue;

// The design's prices. What of the design they do not suit is its macro's node.
cost::CostModel price(const RunConfig& config, const base::JsonReader& arch) {
  try {
    return cost::CostModel(config.accelerator, config.technology);
  } catch (const base::UserError& error) {
    std::vector<base::Problem> problems = error.problems();
    for (base::Problem& problem : problems) {
      if (problem.where.rfind("design '", 0) == 0) problem.where = arch.where("pim/cost/node_nm");
    }
    throw base::UserError(std::move(problems));
  }
}

// Throws UserError when nothing can be priced. A clock that is too high becomes f_max.
void settle_clock(RunConfig& config, base::JsonReader arch) {
  spec::AcceleratorSpec& design = config.accelerator;
  const cost::CostModel prices = price(config, arch);
  if (design.clock_mhz <= prices.f_max_mhz()) return;
  const std::string asked = base::format_number(design.clock_mhz);
  const std::string f_max = cost::brief_below(prices.f_max_mhz());
  if (design.clock_mode == spec::ClockMode::FMax) {
    config.notes.push_back("The clock is the f_max of " + prices.f_max_component() + ", " + f_max +
                           " MHz (clock_mode f_max); the design says " + asked + " MHz.");
  } else {
    arch.problem("clock_mhz " + asked + " is above the f_max of " + prices.f_max_component() +
                     ", " + f_max + " MHz in this technology; lower it or set clock_mode to f_max",
                 "clock_mhz");
  }
  design.clock_mhz = prices.f_max_mhz();
}

// Tensors bring their widths; what the PE's register cannot hold it does not hold.
void limit_accumulators(RunConfig& config) {
  const int widest = config.accelerator.mac_array.pe.acc_bits;
  int lowered = 0;
  for (std::size_t i = 0; i < config.precisions.size(); ++i) {
    int& bits = config.precisions[i].acc_bits;
    if (config.network.layers[i].has_macs() && bits > widest) ++lowered;
    bits = std::min(bits, widest);
  }
  if (lowered == 0) return;
  config.notes.push_back("The accumulators of " + std::to_string(lowered) +
                         " layers with MACs are wider in the tensors' file than the PE's " +
                         std::to_string(widest) + " bits, which they have here.");
}

// The widths of a network with tensors as a plan: an override for each layer with MACs.
model::PrecisionPlan plan_of(const RunConfig& config, const std::string& name) {
  model::PrecisionPlan plan;
  plan.name = name;
  plan.default_rule.weight_bits = plan.default_rule.act_bits = numeric::kMaxOperandBits;
  for (std::size_t i = 0; i < config.precisions.size(); ++i) {
    if (!config.network.layers[i].has_macs()) continue;
    const numeric::Precision& precision = config.precisions[i];
    model::PrecisionRule rule;
    rule.layers = config.network.layers[i].name;
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

// Reads one part; false when it is lost or has problems.
template <class Read>
bool read_part(base::JsonReader& reader, const char* key, const base::Problems& problems,
               const std::vector<std::string>& lost, Read read) {
  if (std::find(lost.begin(), lost.end(), key) != lost.end()) return false;
  const std::size_t before = problems.size();
  base::JsonReader member = reader.member(key);
  read(member);
  return problems.size() == before;
}

void read_design(base::JsonReader& reader, RunConfig& config, const base::Problems& problems,
                 const std::vector<std::string>& lost, PartsRead& parts) {
  parts.arch = read_part(reader, "arch", problems, lost, [&](base::JsonReader& arch) {
    config.accelerator = spec::read_accelerator(arch);
  });
  parts.tech = read_part(reader, "tech", problems, lost, [&](base::JsonReader& tech) {
    config.technology = cost::read_technology(tech);
    config.technology_document = tech.value();
  });
  config.batch = reader.integer("batch", {1, 65536}, 1);
  config.objective =
      reader.one_of("objective", mapping::kObjectiveNames, mapping::Objective::Latency);
}

// What a design says and nothing uses.
void note_unused(RunConfig& config, const base::JsonValue& arch) {
  constexpr const char* kRates = "macs_per_cycle_at_16_8_4_2_bits";
  const spec::AcceleratorSpec& design = config.accelerator;
  const spec::PeKind kind = design.mac_array.pe.kind;
  if (kind != spec::PeKind::Configurable &&
      base::find_by_pointer(arch, std::string("/mac_array/pe/") + kRates) != nullptr) {
    config.notes.push_back("The design's " + std::string(kRates) +
                           " are not used: only configurable PEs have such rates, these are " +
                           std::string(spec::kPeKindNames.name(kind)) + ".");
  }
  if (design.core_split == spec::CoreSplit::Batch && config.batch < design.cores) {
    config.notes.push_back("core_split 'batch' is not used: a batch of " +
                           std::to_string(config.batch) + " gives " + std::to_string(design.cores) +
                           " cores less than an image each, so they share every layer's output "
                           "channels or groups.");
  }
}

// Places what resolve_precision() found, at "precision 'NAME':/pointer", in the document.
void place_problems(const base::Problems& found, base::JsonReader& precision) {
  try {
    found.throw_if_any();
  } catch (const base::UserError& error) {
    for (const base::Problem& problem : error.problems()) {
      const std::size_t pointer = problem.where.rfind("':/");
      precision.problem(problem.message, pointer == std::string::npos
                                             ? std::string()
                                             : problem.where.substr(pointer + 3));
    }
  }
}

// The widths of every layer, those in doubt as narrow as they can be. Without a design no
// accumulator is too narrow.
void resolve_widths(RunConfig& config, bool has_design, base::JsonReader& precision) {
  const spec::PeSpec pe = has_design ? config.accelerator.mac_array.pe : spec::PeSpec{};
  if (has_design) check_accumulators(config.plan, pe, precision);
  base::Problems found;
  config.precisions = precisions_on(pe, config.plan, config.network, found);
  place_problems(found, precision);
  if (!has_design || !found.empty()) return;
  for (const std::string& note :
       {accumulator_note(pe, config.plan, config.network, config.precisions),
        exact_register_note(pe)}) {
    if (!note.empty()) config.notes.push_back(note);
  }
}

// A mapping that stands in the document itself says so in its messages.
void take_mapping(const JsonValue& document, base::JsonReader& reader, RunConfig& config) {
  if (!reader.has("mapping")) return;
  config.mapping = reader.member("mapping").value();
  if (config.mapping->origin.empty()) config.mapping->origin = document.origin + ":/mapping";
}

// The parts of a document that a network with tensors leaves to it.
PartsRead read_around(const GivenNetwork* given, base::JsonReader& reader, RunConfig& config,
                      const base::Problems& problems, const std::vector<std::string>& lost) {
  PartsRead parts;
  read_design(reader, config, problems, lost, parts);
  if (given == nullptr) return parts;
  config.network = given->network;
  config.precisions = given->precisions;
  if (parts.arch) limit_accumulators(config);
  config.plan = plan_of(config, given->precision_name);
  parts.network = true;
  return parts;
}

}  // namespace

JsonValue assemble_document(const RunRequest& request, const Catalog& catalog,
                            std::vector<std::pair<std::string, std::string>>& inputs) {
  Assembly assembly = assemble(request, catalog, Scope::Run);
  assembly.problems.throw_if_any();
  inputs.insert(inputs.end(), assembly.inputs.begin(), assembly.inputs.end());
  return std::move(assembly.document);
}

PartsRead read_parts(base::JsonReader& reader, RunConfig& config, const base::Problems& problems,
                     const std::vector<std::string>& lost) {
  PartsRead parts;
  read_design(reader, config, problems, lost, parts);
  parts.network = read_part(reader, "network", problems, lost, [&](base::JsonReader& network) {
    config.network = model::read_network(network);
  });
  parts.precision = read_part(
      reader, "precision", problems, lost,
      [&](base::JsonReader& precision) { config.plan = model::read_precision_plan(precision); });
  return parts;
}

Settled settle(RunConfig& config, base::JsonReader& reader, const PartsRead& parts,
               base::Problems& problems) {
  Settled settled;
  settled.parts = parts;
  const std::size_t before = problems.size();
  if (parts.arch) note_unused(config, reader.member("arch").value());
  const bool has_plan = reader.value().find("precision") != nullptr;
  if (has_plan && parts.network) {
    base::JsonReader precision = reader.member("precision");
    resolve_widths(config, parts.arch, precision);
  }
  settled.widths = parts.arch && parts.network && (parts.precision || !has_plan) &&
                   problems.size() == before &&
                   config.precisions.size() == config.network.layers.size();
  settled.priced = parts.arch && parts.tech &&
                   collect(problems, [&] { settle_clock(config, reader.member("arch")); });
  return settled;
}

Loaded load_all(const RunRequest& request, const Catalog& catalog, Scope scope,
                const GivenNetwork* given) {
  Assembly assembly = assemble(request, catalog, scope);
  Loaded loaded;
  RunConfig& config = loaded.config;
  base::Problems found;
  base::JsonReader reader(assembly.document, found);
  const bool whole = scope == Scope::Run || scope == Scope::Parts;
  const PartsRead parts = whole ? read_parts(reader, config, found, assembly.lost)
                                : read_around(given, reader, config, found, assembly.lost);
  take_mapping(assembly.document, reader, config);
  reader.finish();
  loaded.settled = settle(config, reader, parts, found);
  loaded.settled.mapping = !assembly.has_lost("mapping");
  blame_sets(assembly, found);
  config.inputs = std::move(assembly.inputs);
  config.sets = std::move(assembly.sets);
  loaded.problems = std::move(assembly.problems);
  return loaded;
}

RunConfig resolve_config(const JsonValue& document) {
  base::Problems problems;
  base::JsonReader reader(document, problems);
  RunConfig config;
  const PartsRead parts = read_parts(reader, config, problems);
  take_mapping(document, reader, config);
  reader.finish();
  settle(config, reader, parts, problems);
  problems.throw_if_any();
  return config;
}

RunConfig load_config(const RunRequest& request, const Catalog& catalog) {
  Loaded loaded = load_all(request, catalog, Scope::Run);
  loaded.problems.throw_if_any();
  return std::move(loaded.config);
}

RunConfig load_config(const RunRequest& request, const Catalog& catalog,
                      const GivenNetwork& given) {
  Loaded loaded = load_all(request, catalog, Scope::Tensors, &given);
  loaded.problems.throw_if_any();
  return std::move(loaded.config);
}

DesignConfig load_design(const RunRequest& request, const Catalog& catalog) {
  Loaded loaded = load_all(request, catalog, Scope::Design);
  loaded.problems.throw_if_any();
  return {std::move(loaded.config.accelerator), std::move(loaded.config.technology)};
}

}  // namespace bitscale::run
