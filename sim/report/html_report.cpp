#include "sim/report/html_report.h"

#include <algorithm>

#include "arch/base/json_writer.h"
#include "sim/report/html_layers.h"
#include "sim/report/html_page.h"
#include "sim/report/html_parts.h"
#include "sim/report/pim_costs.h"
#include "sim/report/report_json.h"
#include "sim/report/timeline.h"
#include "sim/report/units.h"

namespace bitscale::report {
namespace {

void tile(HtmlWriter& html, const std::string& label, const std::string& value,
          const std::string& note) {
  html.open("div", {{"class", "tile"}}).element("dt", label).open("dd").text(value);
  html.element("small", note).close().close();
}

void fact(HtmlWriter& html, const std::string& label, const std::string& value) {
  if (value.empty()) return;
  html.open("tr").element("th", label, {{"scope", "row"}});
  html.element("td", value, {{"class", "left wrap"}}).close();
}

void design_table(HtmlWriter& html, const Report& report) {
  const Design& design = report.design;
  html.open("div").element("h3", "Design point").open("table").open("tbody");
  fact(html, "architecture", design.architecture);
  fact(html, "network", design.network);
  fact(html, "precision", design.precision);
  fact(html, "technology", design.technology);
  fact(html, "engine", design.engine);
  fact(html, "array",
       std::to_string(design.cores) + " core(s) of " + std::to_string(design.rows) + " × " +
           std::to_string(design.cols) + ", " + design.dataflow);
  fact(html, "PE",
       design.pe_kind + ", up to " + std::to_string(design.pe_weight_bits) + " × " +
           std::to_string(design.pe_act_bits) + " bits, accumulator " +
           std::to_string(design.pe_acc_bits) + " bits (" + design.overflow_policy + ")");
  if (design.pim_arrays) {
    fact(html, "PIM arrays",
         pim_arrays_text(design) + " in each core, accumulator " +
             std::to_string(design.pim_acc_bits.value_or(0)) + " bits");
  }
  fact(html, "clock", significant(design.clock_mhz) + " MHz");
  fact(html, "buffers", binary_bytes(design.buffer_bytes) + ", residency " + design.residency);
  fact(html, "DRAM",
       design.dram_infinite
           ? "infinite bandwidth, no latency"
           : significant(design.dram_bandwidth_gbps) + " GB/s usable (10⁹ bytes/s)");
  html.close().close().close();
}

void steady_table(HtmlWriter& html, const Report& report) {
  const Totals& cold = report.totals;
  const SteadyState& steady = report.steady;
  html.open("div").element("h3", "Cold batch and steady state").open("table").open("thead");
  html.open("tr");
  for (const char* label : {"quantity", "cold batch", "steady state"}) heading_cell(html, label);
  html.close().close().open("tbody");
  const auto row = [&](const char* label, double first, double second, auto show) {
    html.open("tr").element("th", label, {{"scope", "row"}});
    number_cell(html, first, show(first));
    number_cell(html, second, show(second));
    html.close();
  };
  const auto cycles = [](double value) { return grouped(static_cast<std::int64_t>(value)); };
  row("latency, cycles", static_cast<double>(cold.latency_cycles),
      static_cast<double>(steady.latency_cycles), cycles);
  row("latency", cold.latency_ms, steady.latency_ms,
      [](double value) { return engineering(value, "s", -3); });
  row("energy", cold.energy_pj, steady.energy_pj,
      [](double value) { return engineering(value, "J", -12); });
  row("DRAM traffic", static_cast<double>(cold.dram_bytes), static_cast<double>(steady.dram_bytes),
      [](double value) { return engineering(value, "B"); });
  row("utilization", cold.utilization, steady.utilization, percent);
  row("TOPS", cold.tops, steady.tops, significant);
  row("TOPS/W", cold.tops_per_watt, steady.tops_per_watt, significant);
  html.close().close().close();
}

void summary_section(HtmlWriter& html, const Report& report) {
  const Totals& totals = report.totals;
  const auto share = [](std::int64_t part, std::int64_t whole) {
    return percent(whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole));
  };
  html.open("section", {{"id", "summary"}}).element("h2", "Summary");
  html.element("p", "Latency and energy are of one cold batch of " + std::to_string(totals.batch) +
                        "; throughput is of the steady state.");
  html.open("dl", {{"class", "tiles"}});
  tile(html, "Latency", engineering(totals.latency_ms, "s", -3),
       grouped(totals.latency_cycles) + " cycles");
  tile(html, "Throughput", significant(totals.inferences_per_second) + "/s",
       "inferences per second");
  tile(html, "Energy", engineering(totals.energy_pj, "J", -12),
       engineering(totals.energy_pj / static_cast<double>(totals.batch), "J", -12) +
           " per inference");
  tile(html, "Efficiency", significant(totals.tops_per_watt) + " TOPS/W",
       significant(totals.tops) + " TOPS");
  tile(html, "Utilization", percent(totals.utilization),
       share(totals.dram_stall_cycles, totals.latency_cycles) + " waiting for DRAM");
  tile(html, "Area", significant(report.area.total_um2 / 1e6) + " mm²",
       significant(report.area.total_um2) + " µm²");
  tile(html, "DRAM traffic", engineering(static_cast<double>(totals.dram_bytes), "B"),
       grouped(totals.dram_bytes) + " bytes");
  tile(html, "MACs", engineering(static_cast<double>(totals.macs), "MAC"), grouped(totals.macs));
  if (report.accuracy) {
    const Accuracy& accuracy = *report.accuracy;
    tile(html, "Accuracy (top-1)", significant(accuracy.top1),
         grouped(accuracy.samples) + " samples, " + accuracy.dataset +
             (accuracy.reference ? ", float " + significant(*accuracy.reference) : ""));
  }
  html.close().open("div", {{"class", "columns"}});
  design_table(html, report);
  steady_table(html, report);
  html.close().close();
}

void breakdown_section(HtmlWriter& html, const Report& report) {
  const Totals& totals = report.totals;
  const auto cycles = [](std::int64_t value, const char* name) {
    const auto exact = static_cast<double>(value);
    return Part{name, exact, exact, exact};
  };
  html.open("section", {{"id", "breakdown"}}).element("h2", "Where energy, time and area go");
  html.open("div", {{"class", "columns"}});
  parts_figure(html, "energy-parts", "Energy by component", report.energy, 1e-6, "µJ");
  parts_figure(html, "area-parts", "Area by component", report.area.by_component, 1e-6, "mm²");
  parts_figure(
      html, "time-parts", "Latency by cause",
      {cycles(totals.compute_cycles, "compute"), cycles(totals.dram_stall_cycles, "dram_stall"),
       cycles(totals.other_stall_cycles, "other_stall")},
      1, "cycles");
  html.close().close();
}

void per_layer_section(HtmlWriter& html) {
  html.open("section", {{"id", "per-layer"}, {"class", "needs-js"}});
  html.element("h2", "Energy and latency by layer");
  html.element("p",
               "The table of layers below has the same numbers. Click a legend entry to hide it.");
  chart_figure(html, "layer-latency", "Latency by layer, cycles",
               "Stacked bars: compute, DRAM stall, other stall. See the table of layers.");
  chart_figure(html, "layer-energy", "Energy by layer, nJ",
               "Stacked bars by component. See the table of layers.");
  html.close();
}

void roofline_section(HtmlWriter& html) {
  html.open("section", {{"id", "roofline"}, {"class", "needs-js"}}).element("h2", "Roofline");
  html.element("p",
               "Each point is a layer: operations per byte of DRAM traffic against the "
               "performance it reached. The roofs are the DRAM bandwidth and the array's peak "
               "at each precision in use. Layers without DRAM traffic stand at the right edge.");
  chart_figure(html, "roofline-chart", "Performance against operational intensity",
               "Scatter on logarithmic axes. The table of layers has MACs, DRAM bytes and latency.",
               "tall");
  html.close();
}

void waterfall_section(HtmlWriter& html, const GainWaterfall& waterfall) {
  html.open("section", {{"id", "gain"}}).element("h2", "Where the gain comes from");
  html.element("p", waterfall.subject + " over " + waterfall.baseline + ": " +
                        significant(waterfall.total()) + "×, the product of the factors below.");
  html.open("div", {{"class", "columns"}});
  chart_figure(html, "gain-chart", "Gain by factor", "Waterfall on a logarithmic axis.");
  waterfall_table(html, waterfall);
  html.close().close();
}

void timeline_section(HtmlWriter& html, const Report& report) {
  std::vector<std::pair<std::string, std::int64_t>> busy;
  for (const Span& span : report.timeline) {
    auto track = std::find_if(busy.begin(), busy.end(),
                              [&](const auto& entry) { return entry.first == span.track; });
    if (track == busy.end()) track = busy.insert(busy.end(), {span.track, 0});
    track->second += span.end_cycle - span.start_cycle;
  }
  html.open("section", {{"id", "timeline"}}).element("h2", "Timeline");
  html.element("p",
               "Drag or use the arrow keys to move, the wheel or + and − to zoom, 0 to see "
               "everything.",
               {{"class", "needs-js"}});
  html.open("figure", {{"class", "needs-js"}});
  html.element("canvas", "",
               {{"id", "timeline-chart"},
                {"tabindex", "0"},
                {"role", "img"},
                {"aria-label",
                 "Busy spans of each track over time; the table below "
                 "has the busy cycles"}});
  html.element("p", "", {{"id", "timeline-status"}, {"class", "status"}, {"aria-live", "polite"}});
  html.close();
  html.open("table").open("thead").open("tr");
  heading_cell(html, "track");
  heading_cell(html, "busy", "cycles");
  html.close().close().open("tbody");
  for (const auto& [track, cycles] : busy) {
    html.open("tr").element("th", track, {{"scope", "row"}});
    number_cell(html, cycles);
    html.close();
  }
  html.close().close().close();
}

std::string timeline_json(const std::vector<Span>& spans) {
  base::JsonWriter json;
  json.begin_array();
  for (const Span& span : spans) {
    json.begin_object().member("track", span.track).member("name", span.name);
    json.member("start", span.start_cycle).member("end", span.end_cycle).end();
  }
  return json.end().take();
}

}  // namespace

std::string html_report(const Report& report) {
  HtmlWriter html;
  Page page;
  page.title = report.design.network + " on " + report.design.architecture;
  page.subtitle = report.design.precision + " · " + report.design.technology + " · " +
                  significant(report.design.clock_mhz) + " MHz · " + report.design.engine;
  page.sections = {{"summary", "Summary"},
                   {"breakdown", "Breakdown"},
                   {"per-layer", "By layer"},
                   {"roofline", "Roofline"}};
  summary_section(html, report);
  breakdown_section(html, report);
  per_layer_section(html);
  roofline_section(html);
  if (report.waterfall) {
    waterfall_section(html, *report.waterfall);
    page.sections.emplace_back("gain", "Gain");
  }
  if (!report.pim_costs.empty()) {
    pim_costs_section(html, report);
    page.sections.emplace_back("pim-costs", "PIM costs");
  }
  precision_section(html, report);
  layer_table_section(html, report);
  page.sections.insert(page.sections.end(), {{"precision", "Precision"}, {"layers", "Layers"}});
  if (!report.timeline.empty()) {
    timeline_section(html, report);
    page.sections.emplace_back("timeline", "Timeline");
  }
  checks_section(html, report.checks);
  provenance_section(html, report.provenance, report.notes);
  page.sections.insert(page.sections.end(),
                       {{"checks", "Self-checks"}, {"provenance", "Provenance"}});
  page.body = html.take();
  base::JsonWriter json;
  write_report(json, report);
  page.data = {{"data", json.take()},
               {"spans", timeline_json(thin_timeline(report.timeline, kShownSpans))}};
  page.scripts = {"filter.js", "tables.js", "run.js", "timeline.js"};
  return html_page(page);
}

}  // namespace bitscale::report
