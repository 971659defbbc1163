// The study's plots.
#include <algorithm>

#include "arch/base/file.h"
#include "sim/report/html_page.h"
#include "sim/report/html_parts.h"
#include "sim/report/html_writer.h"
#include "sim/report/svg_plot.h"
#include "sim/report/units.h"
#include "sim/reproduce/activation_density.h"

namespace bitscale::reproduce {
namespace {

// Uniform widths come first and are joined, mixed ones are points.
constexpr std::size_t kUniform = 4;

std::string over_estimation_label(const DensityStudy& study) {
  return "the paper's " + base::format_number(study.overestimate_low) + " to " +
         base::format_number(study.overestimate_high) + " [" + study.overestimate_status + "]";
}

template <class Energy>
void add_series(const std::vector<AssignmentEnergy>& assignments, const std::string& name,
                Energy energy, report::ScatterPlot& plot) {
  report::PlotSeries uniform{name + ", uniform", {}, true}, mixed{name + ", mixed", {}, false};
  for (std::size_t i = 0; i < assignments.size(); ++i) {
    (i < kUniform ? uniform : mixed)
        .points.emplace_back(assignments[i].mean_bits, energy(assignments[i]));
  }
  plot.series.push_back(std::move(uniform));
  plot.series.push_back(std::move(mixed));
}

void figure(report::HtmlWriter& html, const std::string& svg) {
  html.open("figure").markup(svg).close();
}

void measured_row(report::HtmlWriter& html, const MeasuredNetwork& measured) {
  html.open("tr").element("th", measured.name, {{"scope", "row"}});
  if (measured.samples == 0) {
    html.element("td", "did not run: " + measured.made, {{"class", "left wrap"}, {"colspan", "6"}});
    html.close();
    return;
  }
  std::string densities, widths;
  for (const MeasuredLayer& layer : measured.layers) {
    densities += (densities.empty() ? "" : ", ") + report::fixed(layer.density, 2);
    widths += (widths.empty() ? "" : ", ") + std::to_string(layer.bits);
  }
  const AssignmentEnergy& wide = measured.energies.front();
  const AssignmentEnergy& rule = measured.energies.back();
  const std::string caution = width_caution(measured);
  if (!caution.empty()) densities += " (" + caution + ")";
  html.element("td", densities, {{"class", "left wrap"}}).element("td", widths);
  report::number_cell(html, rule.mean_bits, report::fixed(rule.mean_bits));
  for (double AssignmentEnergy::*energy :
       {&AssignmentEnergy::table_uj, &AssignmentEnergy::components_uj,
        &AssignmentEnergy::analytical_uj}) {
    const double gain = wide.*energy / rule.*energy;
    report::number_cell(html, gain, report::fixed(gain) + "x");
  }
  html.close();
}

// The paper's procedure, trained here.
void trained_row(report::HtmlWriter& html, const DensityTraining& training) {
  const DensityEpoch& last = training.epochs.back();
  std::string widths, channels;
  for (const int bits : last.bits) widths += (widths.empty() ? "" : ", ") + std::to_string(bits);
  for (const std::int64_t count : last.channels) {
    channels += (channels.empty() ? "" : ", ") + std::to_string(count);
  }
  html.open("tr").element("th", training.recipe + ", trained by the procedure", {{"scope", "row"}});
  html.element("td", "channels " + channels, {{"class", "left wrap"}}).element("td", widths);
  html.element("td", "–");
  report::number_cell(html, training.gain(), report::fixed(training.gain()) + "x");
  html.element("td", "–").element("td", "–").close();
}

// D2 on networks that really run here.
void measured_section(const DensityStudy& study, const DensityResult& result,
                      report::HtmlWriter& html) {
  html.open("section", {{"id", "measured"}}).element("h2", "D2: widths by the rule");
  html.element("p",
               "Widths by round(16 x density) [the rule is recalled] from densities measured on "
               "networks that ran here [ours]. The rule was applied ONCE and nothing was trained "
               "again, but for those trained by the paper's procedure, which goes on until the "
               "densities settle (configs/training, LeNet on Fashion-MNIST). Gains are 16 bits "
               "over the rule's widths.");
  html.open("table", {{"id", "measured-table"}}).open("thead").open("tr");
  for (const char* head : {"network", "densities", "bits", "mean bits", "gain by table",
                           "by components", "by the analytical model"}) {
    report::heading_cell(html, head);
  }
  html.close().close().open("tbody");
  for (const MeasuredNetwork& measured : result.measured) measured_row(html, measured);
  for (const DensityTraining& training : result.trained) trained_row(html, training);
  for (const DensityStudy::Published& published : study.networks) {
    html.open("tr").element("th", "the paper's " + published.network, {{"scope", "row"}});
    html.element("td", "not published").element("td", "not published").element("td", "–");
    report::number_cell(
        html, published.gain_mixed,
        base::format_number(published.gain_mixed) + "x [" + study.gain_status + "]");
    html.element("td", "–").element("td", "–").close();
  }
  html.close().close().close();
}

}  // namespace

std::string density_bits_svg(const DensityStudy& study, const DensityResult& result,
                             std::size_t index) {
  const DensityStudy::Published& published = study.networks[index];
  report::ScatterPlot plot;
  plot.title = published.network + ": PIM energy against mean bits";
  plot.x_label = "mean bits, weighted by MACs";
  plot.y_label = "energy, uJ";
  plot.log_y = true;
  const std::vector<AssignmentEnergy>& all = result.networks[index].assignments;
  add_series(
      all, "table", [](const auto& at) { return at.table_uj; }, plot);
  add_series(
      all, "components", [](const auto& at) { return at.components_uj; }, plot);
  add_series(
      all, "analytical", [](const auto& at) { return at.analytical_uj; }, plot);
  plot.marks = {{published.uj_mixed,
                 "the paper, mixed: " + base::format_number(published.uj_mixed) + " uJ, " +
                     base::format_number(published.gain_mixed) + "x [" + study.mixed_status + "]"}};
  return report::svg_scatter(plot);
}

std::string density_pruning_svg(const DensityStudy& study, const DensityResult& result,
                                std::size_t index) {
  const DensityStudy::Published& published = study.networks[index];
  const NetworkResult& network = result.networks[index];
  report::ScatterPlot plot;
  plot.title = published.network + ": gain over 16 bits unpruned";
  plot.x_label = "channels kept in every layer, ratio";
  plot.y_label = "gain";
  plot.log_y = true;
  for (std::size_t i = 0; i < kUniformBits.size(); ++i) {
    const auto& ratio = network.reaching_ratio[i];
    const std::string gain = base::format_number(published.gain_pruned) + "x";
    report::PlotSeries series;
    series.name = std::to_string(kUniformBits[i]) + " bits: " +
                  (ratio ? gain + " reached at " + base::format_number(*ratio)
                         : gain + " not reached by any ratio tried");
    series.line = true;
    for (const PrunedEnergy& point : network.pruned) {
      series.points.emplace_back(point.ratio, network.uj_16_bits / point.table_uj[i]);
    }
    plot.series.push_back(std::move(series));
  }
  plot.marks = {{published.gain_pruned, "the paper's " +
                                            base::format_number(published.gain_pruned) + "x [" +
                                            study.pruned_status + "]"}};
  return report::svg_scatter(plot);
}

std::string density_overestimate_svg(const DensityStudy& study, const DensityResult& result) {
  report::ScatterPlot plot;
  plot.title = "savings by the analytical model over those by the table";
  plot.x_label = "mean bits, weighted by MACs";
  plot.y_label = "ratio, above 1: over-estimated";
  plot.log_y = true;
  for (std::size_t i = 0; i < result.networks.size(); ++i) {
    const std::vector<AssignmentEnergy>& all = result.networks[i].assignments;
    report::PlotSeries series{study.networks[i].network, {}, false};
    for (const AssignmentEnergy& at : all) {
      series.points.emplace_back(at.mean_bits, overestimate(all.front(), at));
    }
    plot.series.push_back(std::move(series));
  }
  plot.marks = {{study.overestimate_low, ""},
                {study.overestimate_high, over_estimation_label(study)}};
  return report::svg_scatter(plot);
}

std::string density_html(const DensityStudy& study, const DensityResult& result) {
  report::Page page;
  page.title = "Activation density: mixed precision on PIM arrays";
  page.subtitle = study.source;
  report::HtmlWriter html;
  measured_section(study, result, html);
  page.sections.emplace_back("measured", "D2");
  for (std::size_t i = 0; i < result.networks.size(); ++i) {
    const std::string& name = study.networks[i].network;
    html.open("section", {{"id", name}}).element("h2", name);
    html.element("p",
                 "Energy by each price source, every assignment chosen here [ours]; the "
                 "paper's widths per layer are not published. D3: every layer's channels times "
                 "the ratio, energies by the table.");
    html.open("div", {{"style", "display:flex;flex-wrap:wrap"}});
    figure(html, density_bits_svg(study, result, i));
    figure(html, density_pruning_svg(study, result, i));
    html.close().close();
    page.sections.emplace_back(name, name);
  }
  html.open("section", {{"id", "analytical"}}).element("h2", "D4: the analytical model");
  html.element(
      "p",
      "The same assignments priced by the paper's analytical model and by its table. Where "
      "points lie outside the paper's band, its sentence is not confirmed by these "
      "constants, which are recalled.");
  figure(html, density_overestimate_svg(study, result));
  html.element("p", "Energy per MAC, 16 over 2 bits: table " +
                        base::format_number(result.table_ratio) + ", our own synthesized MAC " +
                        base::format_number(result.mac_ratio) + ".");
  html.close();
  page.sections.emplace_back("analytical", "Analytical model");
  page.body = html.take();
  return report::html_page(page);
}

}  // namespace bitscale::reproduce
