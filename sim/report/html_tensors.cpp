#include "sim/report/html_tensors.h"

#include <algorithm>

#include "sim/report/html_parts.h"
#include "sim/report/tensor_text.h"
#include "sim/report/units.h"

namespace bitscale::report {
namespace {

struct Column {
  std::string label, unit;
};

/// Opens a scrolling table up to its body.
void open_table(HtmlWriter& html, const std::string& title, const std::string& caption,
                const std::vector<Column>& columns) {
  html.element("h3", title);
  html.open("div",
            {{"class", "scroll"}, {"tabindex", "0"}, {"role", "region"}, {"aria-label", title}});
  html.open("table", {{"class", "data"}}).element("caption", caption);
  html.open("thead").open("tr");
  for (const Column& column : columns) heading_cell(html, column.label, column.unit);
  html.close().close().open("tbody");
}

void close_table(HtmlWriter& html) { html.close().close().close(); }

void share_cell(HtmlWriter& html, double share) { number_cell(html, share, percent(share)); }

}  // namespace

void overflow_table(HtmlWriter& html, const Report& report) {
  const auto& uses = report.accumulators;
  if (std::none_of(uses.begin(), uses.end(), [](const auto& use) { return use.steps; })) return;
  open_table(
      html, "Overflow on these tensors",
      "Accumulation steps whose exact sum did not fit, outputs with a sum that wrapped or was "
      "clamped on their way, and the bits the data needed",
      {{"layer", ""},
       {"steps", ""},
       {"overflows", ""},
       {"rate", ""},
       {"outputs hit", ""},
       {"largest |sum|", ""},
       {"observed", "bits"},
       {"unused", "bits"},
       {"observed across passes", "bits"},
       {"unused across passes", "bits"},
       {"worst channel's overflows", ""}});
  for (const AccumulatorUse& use : uses) {
    if (!use.steps) continue;
    std::int64_t worst = 0;
    for (const ChannelUse& channel : use.channels) worst = std::max(worst, channel.overflows);
    html.open("tr").element("th", use.layer, {{"scope", "row"}});
    number_cell(html, *use.steps);
    number_cell(html, use.overflows.value_or(0));
    number_cell(html, use.overflow_rate.value_or(0), significant(use.overflow_rate.value_or(0)));
    number_cell(html, use.overflowed_outputs.value_or(0));
    number_cell(html, use.max_abs_partial_sum.value_or(0));
    number_cell(html, static_cast<std::int64_t>(use.observed_bits.value_or(0)));
    number_cell(html, static_cast<std::int64_t>(use.wasted_bits.value_or(0)));
    for (const std::optional<int>& bits : {use.psum_observed_bits, use.psum_wasted_bits}) {
      number_cell(html, bits.value_or(0), bits ? std::to_string(*bits) : "–");
    }
    number_cell(html, worst);
    html.close();
  }
  close_table(html);
}

void accumulator_sweep_table(HtmlWriter& html, const Report& report) {
  if (report.accumulator_sweep.empty()) return;
  open_table(html, "Accumulator width against accuracy and cost",
             "Every layer at one width, on the design with that accumulator: " +
                 report.accumulator_sweep.front().overflow,
             {{"accumulator", "bits"},
              {"top-1", ""},
              {"overflow rate", ""},
              {"outputs hit", ""},
              {"energy", "nJ"},
              {"area", "mm²"},
              {"latency", "cycles"}});
  for (const AccumulatorPoint& point : report.accumulator_sweep) {
    html.open("tr").element("th", std::to_string(point.acc_bits), {{"scope", "row"}});
    number_cell(html, point.top1.value_or(0), point.top1 ? significant(*point.top1) : "–");
    number_cell(html, point.overflow_rate.value_or(0),
                point.overflow_rate ? significant(*point.overflow_rate) : "–");
    number_cell(html, point.overflowed_output_rate.value_or(0),
                point.overflowed_output_rate ? percent(*point.overflowed_output_rate) : "–");
    number_cell(html, point.energy_pj, significant(point.energy_pj / 1e3));
    number_cell(html, point.area_um2, significant(point.area_um2 / 1e6));
    number_cell(html, point.latency_cycles);
    html.close();
  }
  close_table(html);
}

void activity_table(HtmlWriter& html, const Report& report) {
  if (report.activity.empty()) return;
  open_table(html, "Operands",
             "Measured on the tensors; the last column is the energy if nothing were known of them",
             {{"layer", ""},
              {"activation density", ""},
              {"MACs with zero activation", ""},
              {"MACs with zero weight", ""},
              {"MACs with a zero operand", ""},
              {"activation bits that toggle", ""},
              {"weight bits that toggle", ""},
              {"energy", "nJ"},
              {"fixed activity", "nJ"}});
  for (const OperandActivity& layer : report.activity) {
    html.open("tr").element("th", layer.layer, {{"scope", "row"}});
    for (const double share :
         {layer.activation_density, layer.zero_act_rate, layer.zero_weight_rate,
          layer.zero_operand_rate, layer.act_toggle_rate, layer.weight_toggle_rate}) {
      share_cell(html, share);
    }
    number_cell(html, layer.energy_pj, significant(layer.energy_pj / 1e3));
    number_cell(html, layer.fixed_activity_energy_pj,
                significant(layer.fixed_activity_energy_pj / 1e3));
    html.close();
  }
  close_table(html);
  if (const std::string line = activity_model_line(report); !line.empty()) html.element("p", line);
}

}  // namespace bitscale::report
