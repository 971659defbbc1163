#include <algorithm>

#include "arch/base/json_writer.h"
#include "sim/report/compare.h"
#include "sim/report/html_page.h"
#include "sim/report/html_parts.h"
#include "sim/report/html_writer.h"
#include "sim/report/units.h"

namespace bitscale::report {
namespace {

void ratio_cell(HtmlWriter& html, double ratio, int better) {
  if (ratio == 0) {
    html.element("td", "–", {{"class", "soft"}});
    return;
  }
  const char* words = better > 0 ? " better" : better < 0 ? " worse" : "";
  html.element("td", "× " + significant(ratio) + words,
               {{"data-v", std::to_string(ratio)},
                {"class", better > 0   ? "good"
                          : better < 0 ? "bad"
                                       : "soft"}});
}

void run_headings(HtmlWriter& html, const Comparison& comparison, const std::string& unit = "",
                  double scale = 1) {
  for (std::size_t i = 0; i < comparison.names.size(); ++i) {
    heading_cell(html, comparison.names[i], unit, scale);
    if (i > 0) heading_cell(html, "ratio");
  }
}

void totals_section(HtmlWriter& html, const Comparison& comparison) {
  html.open("section", {{"id", "totals"}}).element("h2", "Totals");
  html.element("p",
               "Ratios are run over " + comparison.names.front() + ". " + std::string(kOpsNote));
  html.open("div",
            {{"class", "scroll"}, {"tabindex", "0"}, {"role", "region"}, {"aria-label", "Totals"}});
  html.open("table", {{"id", "totals-table"}}).open("thead").open("tr");
  heading_cell(html, "quantity");
  run_headings(html, comparison);
  html.close().close().open("tbody");
  for (const ComparedValue& total : comparison.totals) {
    const std::string unit = total.unit.empty() ? "" : " [" + total.unit + "]";
    html.open("tr").element("th", total.key + unit, {{"scope", "row"}});
    for (std::size_t i = 0; i < total.values.size(); ++i) {
      number_cell(html, total.values[i], significant(total.values[i]));
      if (i > 0) ratio_cell(html, total.ratios[i], verdict(total, i));
    }
    html.close();
  }
  html.close().close().close();
  chart_figure(html, "ratio-chart", "Gain over " + comparison.names.front(),
               "Bars above 1 are better than the baseline. The table above has the ratios.");
  html.close();
}

void gains_section(HtmlWriter& html, const Comparison& comparison) {
  html.open("section", {{"id", "gain"}}).element("h2", "Where the gain comes from");
  for (const GainWaterfall& gain : comparison.gains) {
    html.element("h3", gain.subject);
    html.element("p", significant(gain.total()) + "× the speed of " + gain.baseline +
                          ", the product of the factors below.");
    waterfall_table(html, gain);
  }
  chart_figure(html, "gain-chart", "Gain by factor over " + comparison.names.front(),
               "Bars on a logarithmic axis. The tables above have the factors.");
  html.close();
}

void differences_section(HtmlWriter& html, const Comparison& comparison) {
  html.open("section", {{"id", "differences"}}).element("h2", "What differs");
  if (comparison.differences.empty()) {
    html.element("p", "The design points are the same.");
  } else {
    html.open("table").open("thead").open("tr");
    heading_cell(html, "fact");
    for (const std::string& name : comparison.names) heading_cell(html, name);
    html.close().close().open("tbody");
    for (const Difference& fact : comparison.differences) {
      html.open("tr").element("th", fact.key, {{"scope", "row"}});
      for (const std::string& value : fact.values) html.element("td", value, {{"class", "wrap"}});
      html.close();
    }
    html.close().close();
  }
  html.close();
}

/// Cells of one layer: value, and its ratio where both the run and the baseline have it.
template <class T>
void layer_cells(HtmlWriter& html, const std::vector<std::optional<T>>& values, double scale) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (values[i]) {
      const auto value = static_cast<double>(*values[i]);
      number_cell(html, value, significant(value * scale));
    } else {
      html.element("td", "–", {{"class", "soft"}});
    }
    if (i == 0) continue;
    const bool both = values[i] && values[0] && *values[0] != 0;
    const double ratio =
        both ? static_cast<double>(*values[i]) / static_cast<double>(*values[0]) : 0;
    ratio_cell(html, ratio, ratio == 1 || !both ? 0 : ratio < 1 ? 1 : -1);
  }
}

bool any_on_pim(const Comparison& comparison) {
  return std::any_of(comparison.layers.begin(), comparison.layers.end(), ran_on_pim);
}

void layers_section(HtmlWriter& html, const Comparison& comparison, bool energy) {
  const bool units = any_on_pim(comparison);
  const std::string id = energy ? "layer-energy" : "layer-latency";
  html.open("section", {{"id", id}});
  html.element("h2", energy ? "Energy by layer" : "Latency by layer");
  html.element("p", "Layers are matched by name.");
  html.open("div", {{"class", "toolbar"},
                    {"data-filter-for", id + "-table"},
                    {"data-hint", "conv  ratio < 0.5"}})
      .close();
  html.open("div", {{"class", "scroll"},
                    {"tabindex", "0"},
                    {"role", "region"},
                    {"aria-label", energy ? "Energy by layer" : "Latency by layer"}});
  html.open("table", {{"class", "data"}, {"id", id + "-table"}}).open("thead").open("tr");
  heading_cell(html, "layer");
  if (units) heading_cell(html, "ran on");
  run_headings(html, comparison, energy ? "nJ" : "cycles", energy ? 1e-3 : 1);
  html.close().close().open("tbody");
  for (const ComparedLayer& layer : comparison.layers) {
    html.open("tr").element("th", layer.name, {{"scope", "row"}});
    if (units) html.element("td", units_text(layer), {{"class", "wrap"}});
    if (energy) {
      layer_cells(html, layer.energy_pj, 1e-3);
    } else {
      layer_cells(html, layer.latency_cycles, 1);
    }
    html.close();
  }
  html.close().close().close();
  chart_figure(html, id + "-chart", energy ? "Energy by layer, nJ" : "Latency by layer, cycles",
               "Grouped bars, one per run. The table above has the numbers.");
  html.close();
}

}  // namespace

std::string comparison_html(const Comparison& comparison) {
  HtmlWriter html;
  totals_section(html, comparison);
  differences_section(html, comparison);
  if (!comparison.gains.empty()) gains_section(html, comparison);
  layers_section(html, comparison, false);
  layers_section(html, comparison, true);
  Page page;
  page.title = "Comparison of " + std::to_string(comparison.names.size()) + " runs";
  page.subtitle = "baseline: " + comparison.names.front();
  page.sections = {{"totals", "Totals"}, {"differences", "What differs"}};
  if (!comparison.gains.empty()) page.sections.emplace_back("gain", "Gain");
  page.sections.insert(page.sections.end(),
                       {{"layer-latency", "Latency"}, {"layer-energy", "Energy"}});
  page.body = html.take();
  base::JsonWriter json;
  write_comparison(json, comparison);
  page.data = {{"data", json.take()}};
  page.scripts = {"filter.js", "tables.js", "compare.js"};
  return html_page(page);
}

}  // namespace bitscale::report
