#include "sim/sweep/sensitivity.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>

#include "arch/base/error.h"
#include "arch/base/json_reader.h"
#include "arch/base/names.h"
#include "arch/numeric/precision.h"

namespace bitscale::sweep {
namespace {

using Losses = std::vector<std::vector<double>>;
constexpr base::IntegerRange kBits{1, numeric::kMaxOperandBits};

// The layers that want a width, by the name of the network's layer.
std::map<std::string, std::size_t> rows_of(const LayerTable& table) {
  std::map<std::string, std::size_t> rows;
  for (const TableLayer& layer : table.layers) {
    if (layer.has_macs) rows.emplace(layer.layer, rows.size());
  }
  return rows;
}

std::vector<std::string> names_of(const std::map<std::string, std::size_t>& rows) {
  std::vector<std::string> names;
  names.reserve(rows.size());
  for (const auto& [name, row] : rows) names.push_back(name);
  return names;
}

// Reads the name of a layer, once each; nothing when it is unknown or repeated.
class LayerNames {
 public:
  explicit LayerNames(const LayerTable& table) : rows_(rows_of(table)) {}

  std::optional<std::size_t> read(base::JsonReader& reader) {
    const std::string name = reader.string("layer");
    const auto found = rows_.find(name);
    if (found == rows_.end()) {
      reader.problem(base::unknown_name_message("layer with MACs", name, names_of(rows_)), "layer");
      return std::nullopt;
    }
    if (!seen_.emplace(name, true).second) {
      reader.problem("layer '" + name + "' comes twice", "layer");
      return std::nullopt;
    }
    return found->second;
  }

  void require_all(base::JsonReader& reader, const std::string& member) const {
    for (const auto& [name, row] : rows_) {
      if (seen_.count(name) == 0) reader.problem("has no entry for layer '" + name + "'", member);
    }
  }

 private:
  std::map<std::string, std::size_t> rows_;
  std::map<std::string, bool> seen_;
};

void read_layer_losses(base::JsonReader& layer, const LayerTable& table, std::vector<double>& row) {
  std::map<std::pair<std::int64_t, std::int64_t>, double> given;
  for (base::JsonReader& entry : layer.array("losses")) {
    const std::int64_t weight_bits = entry.integer("weight_bits", kBits);
    const std::int64_t act_bits = entry.integer("act_bits", kBits);
    const double loss = entry.number("loss", {-1e100, 1e100});
    if (!given.emplace(std::pair{weight_bits, act_bits}, loss).second) {
      entry.problem("these widths come twice");
    }
    entry.finish();
  }
  for (const WidthOption& option : table.options) {
    const auto found = given.find({option.weight_bits, option.act_bits});
    if (found == given.end()) {
      layer.problem("has no loss for the option " + option.name(), "losses");
    } else {
      row.push_back(found->second);
    }
  }
}

Losses from_losses(base::JsonReader& reader, const LayerTable& table) {
  LayerNames names(table);
  Losses losses(rows_of(table).size());
  for (base::JsonReader& layer : reader.array("layers")) {
    const auto row = names.read(layer);
    std::vector<double> unused;
    read_layer_losses(layer, table, row ? losses[*row] : unused);
    layer.finish();
  }
  names.require_all(reader, "layers");
  return losses;
}

double lacking(double wanted, int bits) { return std::max(0.0, wanted - bits); }

Losses from_densities(base::JsonReader& reader, const LayerTable& table) {
  LayerNames names(table);
  const auto start = static_cast<double>(reader.integer("start_bits", kBits));
  std::vector<double> densities(rows_of(table).size());
  for (base::JsonReader& layer : reader.array("densities")) {
    const auto row = names.read(layer);
    const double density = layer.number("density", {0, 1});
    if (row) densities[*row] = density;
    layer.finish();
  }
  names.require_all(reader, "densities");
  double macs = 0;
  for (const TableLayer& layer : table.layers) macs += static_cast<double>(layer.macs);
  Losses losses;
  for (const TableLayer& layer : table.layers) {
    if (!layer.has_macs) continue;
    const double wanted = std::max(1.0, std::round(start * densities[losses.size()]));
    std::vector<double> row;
    for (const WidthOption& option : table.options) {
      const double square = std::pow(lacking(wanted, option.weight_bits), 2) +
                            std::pow(lacking(wanted, option.act_bits), 2);
      row.push_back(static_cast<double>(layer.macs) / macs * square);
    }
    losses.push_back(std::move(row));
  }
  return losses;
}

}  // namespace

Losses read_losses(const base::JsonValue& document, const LayerTable& table) {
  base::Problems problems;
  base::JsonReader reader(document, problems);
  reader.schema_version(kSensitivitySchemaVersion);
  reader.string("source");
  const bool measured = reader.has("layers");
  if (measured == reader.has("densities")) {
    reader.problem("expected either layers (measured losses) or densities");
    problems.throw_if_any();
  }
  Losses losses = measured ? from_losses(reader, table) : from_densities(reader, table);
  reader.finish();
  problems.throw_if_any();
  return losses;
}

}  // namespace bitscale::sweep
