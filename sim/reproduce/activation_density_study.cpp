// Reading configs/papers/activation_density_2021/totals.json.
#include "arch/base/error.h"
#include "arch/base/json_reader.h"
#include "sim/reproduce/activation_density.h"
#include "sim/run/load_part.h"

namespace bitscale::reproduce {
namespace {

constexpr const char* kFile = "configs/papers/activation_density_2021/totals.json";
constexpr int kSchemaVersion = 1;
constexpr base::NumberRange kFigure{1e-9, 1e9};  // energies in uJ and gains, beyond any network

// What the file names, before it is looked up.
struct Names {
  std::string design, tech;
};

Names read_totals(base::JsonReader& reader, DensityStudy& study) {
  Names names;
  reader.schema_version(kSchemaVersion);
  study.source = reader.string("source");
  names.design = reader.string("design");
  names.tech = reader.string("tech");
  for (base::JsonReader& item : reader.array("traces")) study.traces.emplace_back(item.as_string());
  for (base::JsonReader& item : reader.array("models")) study.models.emplace_back(item.as_string());
  for (base::JsonReader& item : reader.array("recipes")) study.recipes.push_back(item.as_string());
  study.tolerance_percent = reader.number("tolerance_percent", {0, 100, true});
  for (base::JsonReader& item : reader.array("networks")) {
    DensityStudy::Published network;
    network.network = item.string("network");
    network.note = item.string("note");
    network.uj_16_bits = item.number("uj_16_bits", kFigure);
    network.uj_mixed = item.number("uj_mixed", kFigure);
    network.gain_mixed = item.number("gain_mixed", kFigure);
    network.gain_pruned = item.number("gain_pruned", kFigure);
    item.finish();
    study.networks.push_back(network);
  }
  base::JsonReader status = reader.object("status");
  study.total_status = status.string("uj_16_bits");
  study.mixed_status = status.string("uj_mixed");
  study.gain_status = status.string("gain_mixed");
  study.pruned_status = status.string("gain_pruned");
  study.overestimate_status = status.string("overestimate");
  status.finish();
  base::JsonReader overestimate = reader.object("overestimate");
  study.overestimate_low = overestimate.number("low", kFigure);
  study.overestimate_high = overestimate.number("high", kFigure);
  overestimate.finish();
  reader.finish();
  return names;
}

}  // namespace

DensityStudy load_density_study(const run::Catalog& catalog) {
  return load_density_study(catalog.root() / kFile, catalog);
}

DensityStudy load_density_study(const std::filesystem::path& file, const run::Catalog& catalog) {
  const base::JsonValue document = base::parse_json_file(file);
  base::Problems problems;
  base::JsonReader reader(document, problems);
  DensityStudy study;
  const Names names = read_totals(reader, study);
  problems.throw_if_any();
  const std::filesystem::path folder = file.parent_path();
  const auto find = [&](run::Shelf shelf, const std::string& name, const char* key) {
    return catalog.find(shelf, name, folder, file.string() + ":/" + key);
  };
  study.design = run::load_accelerator(find(run::Shelf::Archs, names.design, "design"));
  if (!study.design.pim) throw base::UserError(file.string(), "design has no PIM arrays");
  study.technology = cost::load_technology(find(run::Shelf::Techs, names.tech, "tech"));
  study.root = catalog.root();
  for (std::filesystem::path& path : study.traces) path = catalog.root() / path;
  for (std::filesystem::path& path : study.models) path = catalog.root() / path;
  for (const DensityStudy::Published& network : study.networks) {
    study.documents.push_back(
        base::parse_json_file(find(run::Shelf::Networks, network.network, "networks")));
  }
  return study;
}

}  // namespace bitscale::reproduce
