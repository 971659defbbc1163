#include "sim/report/pim_costs.h"

#include <algorithm>

#include "sim/report/html_parts.h"
#include "sim/report/units.h"

namespace bitscale::report {
namespace {

// Layers that any source prices, in the order of the network.
std::vector<std::string> priced_layers(const Report& report) {
  std::vector<std::string> names;
  for (const LayerReport& layer : report.layers) {
    const bool priced = std::any_of(
        report.pim_costs.begin(), report.pim_costs.end(),
        [&](const PimCost& cost) { return pim_layer_cost(cost, layer.name) != nullptr; });
    if (priced) names.push_back(layer.name);
  }
  return names;
}

std::string nanojoules(double pj) { return significant(pj / 1e3); }

std::string marked(const PimCost& cost) {
  return cost.source + (cost.prices_report ? " (prices this report)" : "");
}

void cost_cells(HtmlWriter& html, const PimCost& cost, const std::string& layer) {
  const PimLayerCost* found = pim_layer_cost(cost, layer);
  for (double PimLayerCost::*energy : {&PimLayerCost::resident_pj, &PimLayerCost::reloaded_pj}) {
    if (found == nullptr) {
      html.element("td", "–", {{"class", "soft"}});
    } else {
      number_cell(html, found->*energy, nanojoules(found->*energy));
    }
  }
}

void cost_table(HtmlWriter& html, const Report& report) {
  html.open("div", {{"class", "scroll"},
                    {"tabindex", "0"},
                    {"role", "region"},
                    {"aria-label", "Energy of the PIM arrays by cost source"}});
  html.open("table", {{"class", "data"}, {"id", "pim-cost-table"}}).open("thead").open("tr");
  heading_cell(html, "layer");
  for (const PimCost& cost : report.pim_costs) {
    heading_cell(html, cost.source + ", resident", "nJ");
    heading_cell(html, cost.source + ", reloaded", "nJ");
  }
  html.close().close().open("tbody");
  for (const std::string& layer : priced_layers(report)) {
    html.open("tr").element("th", layer, {{"scope", "row"}});
    for (const PimCost& cost : report.pim_costs) cost_cells(html, cost, layer);
    html.close();
  }
  html.close().open("tfoot").open("tr").element("th", "total", {{"scope", "row"}});
  for (const PimCost& cost : report.pim_costs) {
    for (const double pj : {cost.resident_pj, cost.reloaded_pj}) {
      if (cost.missing) {
        html.element("td", "–", {{"class", "soft"}});
      } else {
        number_cell(html, pj, nanojoules(pj));
      }
    }
  }
  html.close().close().close().close();
}

// Components with an energy, none for sources that know no components.
std::vector<PimPartCost> priced_parts(const Report& report) {
  std::vector<PimPartCost> parts;
  for (const PimCost& cost : report.pim_costs) {
    for (const PimPartCost& part : cost.parts) {
      if (part.energy_pj > 0) parts.push_back(part);
    }
  }
  return parts;
}

std::string parts_text(const Report& report) {
  const std::vector<PimPartCost> parts = priced_parts(report);
  std::vector<std::vector<std::string>> rows = {{"component model", "nJ"}};
  for (const PimPartCost& part : parts) rows.push_back({part.part, nanojoules(part.energy_pj)});
  return parts.empty() ? "" : text_table(rows);
}

void parts_table(HtmlWriter& html, const Report& report) {
  const std::vector<PimPartCost> parts = priced_parts(report);
  if (parts.empty()) return;
  html.open("table", {{"class", "data"}, {"id", "pim-part-table"}}).open("thead").open("tr");
  heading_cell(html, "component model");
  heading_cell(html, "energy", "nJ");
  html.close().close().open("tbody");
  for (const PimPartCost& part : parts) {
    html.open("tr").element("th", part.part, {{"scope", "row"}});
    number_cell(html, part.energy_pj, nanojoules(part.energy_pj));
    html.close();
  }
  html.close().close();
}

}  // namespace

const PimLayerCost* pim_layer_cost(const PimCost& cost, const std::string& layer) {
  const auto found = std::find_if(cost.layers.begin(), cost.layers.end(),
                                  [&](const PimLayerCost& one) { return one.layer == layer; });
  return found == cost.layers.end() ? nullptr : &*found;
}

std::string pim_arrays_text(const Design& design) {
  if (!design.pim_arrays) return "";
  return std::to_string(*design.pim_arrays) + " PIM arrays of " +
         std::to_string(design.pim_wordlines.value_or(0)) + " × " +
         std::to_string(design.pim_bitlines.value_or(0)) + " cells";
}

std::string pim_costs_text(const Report& report) {
  if (report.pim_costs.empty()) return "";
  std::vector<std::vector<std::string>> rows = {{"PIM energy, nJ"}};
  for (const PimCost& cost : report.pim_costs) {
    rows[0].push_back(cost.source);
    rows[0].emplace_back("reloaded");
  }
  const auto add = [&](const PimCost& cost, const PimLayerCost* layer) {
    const bool none = cost.missing || layer == nullptr;
    rows.back().push_back(none ? "-" : nanojoules(layer->resident_pj));
    rows.back().push_back(none ? "-" : nanojoules(layer->reloaded_pj));
  };
  for (const std::string& layer : priced_layers(report)) {
    rows.push_back({layer});
    for (const PimCost& cost : report.pim_costs) add(cost, pim_layer_cost(cost, layer));
  }
  rows.push_back({"total"});
  for (const PimCost& cost : report.pim_costs) {
    const PimLayerCost total{"total", cost.resident_pj, cost.reloaded_pj};
    add(cost, &total);
  }
  std::string text = "\n" + text_table(rows) +
                     "Under a source's name: weights resident; reloaded: the cells written in "
                     "this batch.\n";
  for (const PimCost& cost : report.pim_costs) {
    text += "  " + marked(cost) + ": " + cost.missing.value_or(cost.origin) + "\n";
  }
  return text + parts_text(report);
}

void pim_costs_section(HtmlWriter& html, const Report& report) {
  html.open("section", {{"id", "pim-costs"}}).element("h2", "PIM cost sources");
  html.element("p",
               "Energy of the PIM arrays by each of their cost sources: with weights resident, and "
               "reloaded, with the cells written in this batch. DRAM, buffers, leakage are not in "
               "it.");
  cost_table(html, report);
  parts_table(html, report);
  html.open("dl");
  for (const PimCost& cost : report.pim_costs) {
    html.element("dt", marked(cost)).element("dd", cost.missing.value_or(cost.origin));
  }
  html.close().close();
}

}  // namespace bitscale::report
