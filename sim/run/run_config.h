// One run's configuration: which design, network, technology, precision and mapping, read from
// files, changed by --set, checked once.
//
// All parts stand in one document with the members arch, network, tech, precision, mapping, batch
// and objective, so that a --set pointer begins with one of them: /arch/mac_array/rows=64.
// CONFIG.json names the parts:
//   {"schema_version": 1, "arch": "default", "network": "resnet50", "tech": "generic_45nm",
//    "precision": "w8a8", "mapping": "mapping.json", "batch": 1, "objective": "latency"}
// every member optional; relative paths start at the file's own folder. A part may stand in the
// file itself, as an object instead of a name. A run's resolved.json is a CONFIG.json too.
#ifndef BITSCALE_SIM_RUN_RUN_CONFIG_H_
#define BITSCALE_SIM_RUN_RUN_CONFIG_H_

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "arch/base/json_value.h"
#include "arch/cost/technology.h"
#include "arch/spec/accelerator.h"
#include "sim/mapping/mapper.h"
#include "sim/run/applied_sets.h"
#include "sim/run/catalog.h"
#include "workloads/model/network.h"
#include "workloads/model/precision_plan.h"

namespace bitscale::run {

inline constexpr int kConfigSchemaVersion = 1;

/// What the user asked for; empty strings mean "as the config says, else the default".
struct RunRequest {
  std::string config;  ///< CONFIG.json or ""
  std::string arch, network, tech, precision, mapping;
  std::vector<std::string> sets;  ///< "/json/pointer=value"
};

/// Everything a run needs, checked.
struct RunConfig {
  spec::AcceleratorSpec accelerator;  ///< clock_mhz is the one the run uses
  model::Network network;
  cost::Technology technology;
  base::JsonValue technology_document;  ///< as read, for resolved.json
  model::PrecisionPlan plan;
  /// One per layer; of a file with problems, widths in doubt are as narrow as they can be.
  std::vector<numeric::Precision> precisions;
  std::optional<base::JsonValue> mapping;  ///< as read; checked against the tasks
  std::int64_t batch = 1;
  mapping::Objective objective = mapping::Objective::Latency;
  /// Role → file or name, for provenance.
  std::vector<std::pair<std::string, std::string>> inputs;
  AppliedSets sets;                ///< for messages that blame an option
  std::vector<std::string> notes;  ///< of the report
  /// Per layer, where tensors were measured (pim_planes.h); else empty.
  std::vector<mapping::PimPlanes> pim_planes;
};

/// A network that comes with its tensors: it and its widths stand for the document's parts network
/// and precision, which the document then does not have.
struct GivenNetwork {
  model::Network network;
  std::vector<numeric::Precision> precisions;  ///< one per layer
  std::string precision_name;
};

/// Reads the parts and applies the sets; the document a RunConfig is made from.
base::JsonValue assemble_document(const RunRequest& request, const Catalog& catalog,
                                  std::vector<std::pair<std::string, std::string>>& inputs);

/// Checks a document and resolves it. Throws UserError with every problem of every part.
RunConfig resolve_config(const base::JsonValue& document);

/// What a request must name. Tensors: a network with tensors stands for network and precision.
/// Design: neither they nor a mapping are read. Parts: a run's, but its network may be missing.
enum class Scope { Run, Tensors, Design, Parts };

/// The parts of a document that were read without a problem.
struct PartsRead {
  bool arch = false, network = false, tech = false, precision = false;
};

/// What of a configuration can be relied on. `widths`: the precision of every layer. `priced`: the
/// design has prices in the technology, and a clock it reaches (a clock that is too high is a
/// problem, and replaced by f_max). `mapping`: a mapping that was asked for was read.
struct Settled {
  PartsRead parts;
  bool widths = false, priced = false, mapping = true;
};

/// A request resolved as far as what is right of it allows: the configuration is right if there is
/// no problem, else in what is settled.
struct Loaded {
  RunConfig config;
  Settled settled;
  base::Problems problems;  ///< those of what --set changed are placed at the option
};

/// Assembles and resolves. With Scope::Tensors `given` stands for network and precision; without it
/// only the other parts are judged.
Loaded load_all(const RunRequest& request, const Catalog& catalog, Scope scope,
                const GivenNetwork* given = nullptr);

/// The same, throwing UserError with every problem.
RunConfig load_config(const RunRequest& request, const Catalog& catalog);

/// The same for a network with tensors; the request names none.
RunConfig load_config(const RunRequest& request, const Catalog& catalog, const GivenNetwork& given);

/// The steps of resolve_config; problems are collected in `problems`, the reader's own, and none
/// keeps the others from being found. First the parts but those in `lost`.
PartsRead read_parts(base::JsonReader& reader, RunConfig& config, const base::Problems& problems,
                     const std::vector<std::string>& lost = {});
/// Then the widths of every layer, no accumulator wider than the PE's, and the clock, each as far
/// as the parts allow.
Settled settle(RunConfig& config, base::JsonReader& reader, const PartsRead& parts,
               base::Problems& problems);

/// A design in a technology, where no network runs.
struct DesignConfig {
  spec::AcceleratorSpec accelerator;  ///< clock_mhz is one the technology reaches
  cost::Technology technology;
};

/// The request's design and technology; the config's other members are left unread.
DesignConfig load_design(const RunRequest& request, const Catalog& catalog);

}  // namespace bitscale::run

#endif  // BITSCALE_SIM_RUN_RUN_CONFIG_H_
