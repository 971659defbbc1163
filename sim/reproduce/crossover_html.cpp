// The crossover's heat maps.
#include <algorithm>
#include <cmath>

#include "sim/report/html_page.h"
#include "sim/report/html_writer.h"
#include "sim/report/svg_plot.h"
#include "sim/report/units.h"
#include "sim/reproduce/crossover.h"

namespace bitscale::reproduce {
namespace {

constexpr double kFullStrength = 4;  // a margin that gives a cell its full colour

using report::fixed;

std::string title_of(CrossoverMetric metric, std::size_t source) {
  return "least " + std::string(kCrossoverMetricNames.name(metric)) +
         (sources_of(metric) > 1 ? ", " + pim_source_name(source) : "");
}

report::HeatMap heat_map(const CrossoverPart& part, CrossoverMetric metric, std::size_t source) {
  report::HeatMap map;
  map.title = title_of(metric, source);
  map.x_label = "activation bits";
  map.y_label = "weight bits";
  map.classes.assign(kContenders.begin(), kContenders.end());
  for (const CrossoverPoint& point : part.points) {
    if (point.weight_bits == part.points.front().weight_bits) {
      map.columns.push_back(std::to_string(point.act_bits));
    }
    if (point.act_bits == part.points.front().act_bits) {
      map.rows.push_back(std::to_string(point.weight_bits));
    }
    const double margin = point.margin(metric, source);
    report::HeatCell cell;
    cell.winner = point.winner(metric, source);
    cell.strength = std::min(1.0, std::log2(margin) / std::log2(kFullStrength));
    cell.flagged = point.depends_on_source(metric);
    cell.hover = "W" + std::to_string(point.weight_bits) + " A" + std::to_string(point.act_bits) +
                 ": " + kContenders[cell.winner] + ", the next " + fixed(margin, 2) + " times" +
                 (cell.flagged ? "; depends on the source" : "");
    map.cells.push_back(std::move(cell));
  }
  return map;
}

void legend(report::HtmlWriter& html) {
  const std::string letters = report::class_letters({kContenders.begin(), kContenders.end()});
  html.open("p");
  for (std::size_t i = 0; i < kContenders.size(); ++i) {
    html.element("strong", std::string(1, letters[i]),
                 {{"style", "color:" + report::class_colour(i)}});
    html.text(std::string(" ") + kContenders[i] + ", ");
  }
  html.text(
      "in full colour where the next best takes four times as much or more. A star and a frame: "
      "the winner depends on the source of PIM's prices.");
  html.close();
}

void designs_table(report::HtmlWriter& html, const CrossoverStudy& study) {
  html.open("table").open("tr");
  for (const char* head : {"design", "area mm2", "PEs", "PIM arrays", "clock MHz"}) {
    html.element("th", head);
  }
  html.close();
  for (std::size_t i = 0; i < study.designs.size(); ++i) {
    const spec::AcceleratorSpec& design = study.designs[i];
    html.open("tr").element("td", kContenders[i]).element("td", fixed(study.area_mm2[i], 2));
    html.element("td", std::to_string(design.mac_array.rows) + " x " +
                           std::to_string(design.mac_array.cols));
    html.element("td", design.pim ? std::to_string(design.pim->arrays) : "-");
    html.element("td", fixed(design.clock_mhz, 0)).close();
  }
  html.close();
}

void section(report::HtmlWriter& html, const CrossoverPart& part, const std::string& id) {
  html.open("section", {{"id", id}}).element("h2", part.name);
  std::string names;
  for (const std::string& layer : part.layers) names += (names.empty() ? "" : ", ") + layer;
  html.element("p", names.empty() ? "Every layer, and what runs between them." : names);
  html.open("div", {{"style", "display:flex;flex-wrap:wrap;gap:1rem"}});
  for (const CrossoverMetric metric : kCrossoverMetrics) {
    for (std::size_t source = 0; source < sources_of(metric); ++source) {
      html.open("div").markup(crossover_svg(part, metric, source)).close();
    }
  }
  html.close().close();
}

}  // namespace

std::string crossover_svg(const CrossoverPart& part, CrossoverMetric metric, std::size_t source) {
  return report::svg_heat_map(heat_map(part, metric, source));
}

std::string crossover_html(const CrossoverStudy& study, const CrossoverResult& result) {
  report::Page page;
  page.title = "MAC arrays against PIM arrays, layer by layer";
  page.subtitle = study.network.name + ", " + study.technology.name +
                  ", chips of equal area, one cold batch, estimated";
  report::HtmlWriter html;
  html.open("section", {{"id", "designs"}}).element("h2", "Designs");
  designs_table(html, study);
  legend(html);
  for (const PimReading& reading : study.readings) {
    html.element("p", "PIM read as " + reading.name + " (" + fixed(reading.design.clock_mhz, 0) +
                          " MHz): " + reading.note + ".");
  }
  html.close();
  page.sections.emplace_back("designs", "Designs");
  std::vector<CrossoverPart> parts{result.parts.front()};
  for (std::size_t i = 0; i < result.readings.size(); ++i) {  // the network's only
    parts.push_back(result.readings[i].front());
    parts.back().name += ", PIM read as " + study.readings[i].name;
  }
  parts.insert(parts.end(), result.parts.begin() + 1, result.parts.end());
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const std::string id = "part" + std::to_string(i);
    page.sections.emplace_back(id, parts[i].name);
    section(html, parts[i], id);
  }
  page.body = html.take();
  return report::html_page(page);
}

}  // namespace bitscale::reproduce
