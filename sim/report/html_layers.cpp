#include "sim/report/html_layers.h"

#include <algorithm>
#include <string_view>

#include "arch/base/file.h"
#include "sim/report/html_parts.h"
#include "sim/report/html_tensors.h"
#include "sim/report/report_csv.h"
#include "sim/report/units.h"

namespace bitscale::report {
namespace {

void missing_cell(HtmlWriter& html) { html.element("td", "–", {{"class", "soft"}}); }

void layer_row(HtmlWriter& html, const LayerReport& layer, bool disagreement) {
  html.open("tr").element("th", layer.name, {{"scope", "row"}, {"title", layer.name}});
  html.element("td", layer.kind, {{"class", "left"}});
  html.element("td", layer.unit.value_or("–"), {{"class", "left"}});
  for (const int bits : {layer.weight_bits, layer.act_bits, layer.acc_bits}) {
    layer.macs > 0 ? number_cell(html, bits) : missing_cell(html);
  }
  number_cell(html, layer.macs);
  number_cell(html, layer.latency_cycles);
  number_cell(html, layer.compute_cycles);
  number_cell(html, layer.dram_stall_cycles);
  number_cell(html, layer.other_stall_cycles);
  html.open("td", {{"data-v", base::format_number(layer.utilization)}})
      .text(percent(layer.utilization));
  html.open("span", {{"class", "meter"}, {"aria-hidden", "true"}});
  html.element("span", "", {{"style", "width:" + std::to_string(100 * layer.utilization) + "%"}});
  html.close().close();
  number_cell(html, layer.energy_pj, significant(layer.energy_pj / 1e3));
  number_cell(html, layer.dram_bytes);
  if (disagreement) {
    const auto difference = disagreement_percent(layer);
    difference ? number_cell(html, *difference, percent(*difference / 100))
               : [&] { html.element("td", ""); }();
  }
  html.close();
}

/// One row of a strip: a label, then a coloured number per layer.
template <class Cell>
void strip_row(HtmlWriter& html, const std::string& label, const Report& report, Cell cell) {
  html.open("tr").element("th", label, {{"scope", "row"}});
  for (const LayerReport& layer : report.layers) {
    if (layer.macs > 0) cell(layer);
  }
  html.close();
}

void bits_cell(HtmlWriter& html, int bits, int most) {
  html.element(
      "td", std::to_string(bits),
      {{"class", "bits"}, {"style", "--depth:" + std::to_string(8 + 62 * bits / most) + "%"}});
}

void precision_strip(HtmlWriter& html, const Report& report) {
  html.open("div", {{"class", "strip"},
                    {"tabindex", "0"},
                    {"role", "region"},
                    {"aria-label", "Bit widths by layer"}});
  html.open("table").element("caption", "Bits per layer with MACs; darker is wider");
  html.open("thead").open("tr").element("td", "");
  for (const LayerReport& layer : report.layers) {
    if (layer.macs == 0) continue;
    html.open("th", {{"scope", "col"}, {"title", layer.name}}).element("span", layer.name).close();
  }
  html.close().close().open("tbody");
  const auto row = [&](const std::string& label, int LayerReport::*member, int most) {
    strip_row(html, label, report,
              [&](const LayerReport& layer) { bits_cell(html, layer.*member, most); });
  };
  row("weights", &LayerReport::weight_bits, 16);
  row("activations", &LayerReport::act_bits, 16);
  row("outputs", &LayerReport::output_bits, 16);
  row("accumulator", &LayerReport::acc_bits, 48);
  row("partial sums", &LayerReport::psum_bits, 48);
  if (!report.accumulators.empty()) {
    strip_row(html, "outputs overflowed", report, [&](const LayerReport& layer) {
      const auto use = std::find_if(report.accumulators.begin(), report.accumulators.end(),
                                    [&](const AccumulatorUse& u) { return u.layer == layer.name; });
      if (use == report.accumulators.end() || !use->overflowed_outputs || !use->outputs) {
        html.element("td", "–", {{"class", "soft"}});
        return;
      }
      const double share = *use->outputs == 0 ? 0
                                              : static_cast<double>(*use->overflowed_outputs) /
                                                    static_cast<double>(*use->outputs);
      const int depth = share == 0 ? 0 : 15 + static_cast<int>(75 * share);
      html.element("td", percent(share),
                   {{"class", "loss"}, {"style", "--depth:" + std::to_string(depth) + "%"}});
    });
  }
  html.close().close().close();
}

template <class T>
void optional_cell(HtmlWriter& html, const std::optional<T>& value) {
  value ? number_cell(html, static_cast<std::int64_t>(*value)) : missing_cell(html);
}

void accumulator_table(HtmlWriter& html, const Report& report) {
  html.element("h3", "Accumulators");
  html.open("div", {{"class", "scroll"},
                    {"tabindex", "0"},
                    {"role", "region"},
                    {"aria-label", "Accumulators by layer"}});
  html.open("table", {{"class", "data"}});
  html.element("caption", "Width given, widths that can never overflow, and what happened");
  html.open("thead").open("tr");
  heading_cell(html, "layer");
  text_heading_cell(html, "policy");
  heading_cell(html, "accumulator", "bits");
  heading_cell(html, "data-type bound", "bits");
  heading_cell(html, "ℓ1 bound", "bits");
  heading_cell(html, "exact", "bits");
  heading_cell(html, "outputs");
  heading_cell(html, "overflowed");
  html.close().close().open("tbody");
  for (const AccumulatorUse& use : report.accumulators) {
    html.open("tr").element("th", use.layer, {{"scope", "row"}});
    html.element("td", use.policy, {{"class", "left"}});
    number_cell(html, use.acc_bits);
    optional_cell(html, use.data_type_bound_bits);
    optional_cell(html, use.l1_bound_bits);
    optional_cell(html, use.exact_bound_bits);
    optional_cell(html, use.outputs);
    optional_cell(html, use.overflowed_outputs);
    html.close();
  }
  html.close().close().close();
}

}  // namespace

void layer_table_section(HtmlWriter& html, const Report& report) {
  const bool both = std::any_of(report.layers.begin(), report.layers.end(), [](const auto& layer) {
    return disagreement_percent(layer).has_value();
  });
  html.open("section", {{"id", "layers"}}).element("h2", "Layers");
  html.element("p",
               "One cold batch. Utilization is ideal cycles over latency; energy includes "
               "idle, leakage and DRAM.");
  html.open("div", {{"class", "toolbar"},
                    {"data-filter-for", "layer-table"},
                    {"data-hint", "conv  energy >= 10  W = 4"}});
  download_link(html, "layers.csv", "text/csv", layers_csv(report));
  html.close();
  html.open("div",
            {{"class", "scroll"}, {"tabindex", "0"}, {"role", "region"}, {"aria-label", "Layers"}});
  html.open("table", {{"class", "data"}, {"id", "layer-table"}});
  html.element(
      "caption",
      "Bits of weights (W), activations (A) and accumulators; cycles, energy and DRAM traffic");
  html.open("thead").open("tr");
  struct Column {
    const char *label, *unit;
    double scale = 1;
  };
  const std::vector<Column> columns = {{"layer", ""},
                                       {"kind", ""},
                                       {"unit", ""},
                                       {"W", ""},
                                       {"A", ""},
                                       {"acc", ""},
                                       {"MACs", ""},
                                       {"latency", "cycles"},
                                       {"compute", "cycles"},
                                       {"DRAM stall", "cycles"},
                                       {"other stall", "cycles"},
                                       {"utilization", "", 100},
                                       {"energy", "nJ", 1e-3},
                                       {"DRAM", "bytes"}};
  for (const auto& [label, unit, scale] : columns) {
    const bool text = std::string_view(label) == "kind" || std::string_view(label) == "unit";
    text ? text_heading_cell(html, label) : heading_cell(html, label, unit, scale);
  }
  if (both) heading_cell(html, "vs analytic");
  html.close().close().open("tbody");
  for (const LayerReport& layer : report.layers) layer_row(html, layer, both);
  html.close().open("tfoot").open("tr").element("th", "total", {{"scope", "row"}});
  for (int i = 0; i < 5; ++i) html.element("td", "");
  const Totals& totals = report.totals;
  for (const std::int64_t value : {totals.macs, totals.latency_cycles, totals.compute_cycles,
                                   totals.dram_stall_cycles, totals.other_stall_cycles}) {
    number_cell(html, value);
  }
  number_cell(html, totals.utilization, percent(totals.utilization));
  number_cell(html, totals.energy_pj, significant(totals.energy_pj / 1e3));
  number_cell(html, totals.dram_bytes);
  if (both) html.element("td", "");
  html.close().close().close().close().close();
}

void precision_section(HtmlWriter& html, const Report& report) {
  html.open("section", {{"id", "precision"}}).element("h2", "Precision");
  html.element("p",
               "Accumulator bits hold inside one reduction on the array, partial-sum bits "
               "across reduction tiles.");
  precision_strip(html, report);
  if (!report.accumulators.empty()) accumulator_table(html, report);
  overflow_table(html, report);
  accumulator_sweep_table(html, report);
  activity_table(html, report);
  html.close();
}

}  // namespace bitscale::report
