#include "sim/report/report_csv.h"

#include <string>
#include <type_traits>

#include "arch/base/file.h"
#include "sim/report/pim_costs.h"
#include "sim/report/report_fields.h"

namespace bitscale::report {
namespace {

/// Visitor that appends one cell per member; an unset optional is an empty cell.
struct CellWriter {
  std::string& row;

  void cell(std::string_view text) const {
    if (!row.empty()) row += ',';
    row += csv_field(text);
  }
  void operator()(std::string_view, const std::string& member) const { cell(member); }
  template <class T>
  void operator()(std::string_view key, const std::optional<T>& member) const {
    member ? (*this)(key, *member) : cell("");
  }
  template <class T>
  std::enable_if_t<std::is_arithmetic_v<T>> operator()(std::string_view, const T& member) const {
    if constexpr (std::is_floating_point_v<T>) {
      cell(base::format_number(member));
    } else {
      cell(std::to_string(member));
    }
  }
};

}  // namespace

std::string csv_field(std::string_view field) {
  if (field.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(field);
  std::string quoted = "\"";
  for (const char c : field) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

std::string layers_csv(const Report& report) {
  std::string text;
  const LayerReport blank;
  visit_layer(blank, [&](std::string_view key, const auto&) { CellWriter{text}.cell(key); });
  for (const Part& part : report.energy) CellWriter{text}.cell("energy_" + part.name + "_pj");
  for (const PimCost& cost : report.pim_costs) {
    CellWriter{text}.cell("pim_" + cost.source + "_resident_pj");
    CellWriter{text}.cell("pim_" + cost.source + "_reloaded_pj");
  }
  text += '\n';
  for (const LayerReport& layer : report.layers) {
    std::string row;
    visit_layer(layer, CellWriter{row});
    for (const Part& part : layer.energy) CellWriter{row}("", part.value);
    for (const PimCost& cost : report.pim_costs) {
      const PimLayerCost* found = pim_layer_cost(cost, layer.name);
      found == nullptr ? CellWriter{row}.cell("") : CellWriter{row}("", found->resident_pj);
      found == nullptr ? CellWriter{row}.cell("") : CellWriter{row}("", found->reloaded_pj);
    }
    text += row + '\n';
  }
  return text;
}

}  // namespace bitscale::report
