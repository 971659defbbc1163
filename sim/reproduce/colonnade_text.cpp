// How the Colonnade comparison is shown.

#include "sim/report/units.h"
#include "sim/reproduce/colonnade.h"

namespace bitscale::reproduce {
namespace {

using report::fixed;

std::string error_text(bool fit, double model, double published) {
  return fit ? "fitted" : fixed(100 * (model / published - 1), 1) + " %";
}

}  // namespace

std::string colonnade_text(const ColonnadeSilicon& silicon, const ColonnadeResult& result) {
  std::string text = "Published: " + silicon.source + "\n\n" + targets_text(result.targets) + '\n';
  std::vector<std::vector<std::string>> rows{{"W/A", "published fJ/MAC", "model", "error"}};
  for (std::size_t i = 0; i < silicon.energy.size(); ++i) {
    const auto& point = silicon.energy[i];
    rows.push_back({std::to_string(point.weight_bits) + "/" + std::to_string(point.act_bits),
                    fixed(point.fj, 1), fixed(result.energy_fj[i], 1),
                    error_text(point.fit, result.energy_fj[i], point.fj) +
                        (point.fit || result.energy_tested[i] ? "" : " (widths fitted above)")});
  }
  text += report::text_table(rows);
  text += "  act_bits x (" + fixed(result.cell_fj, 2) + " fJ x weight_bits + " +
          fixed(result.wordline_fj, 2) + " fJ); error mean " +
          fixed(100 * result.mean_energy_error, 1) + " %, largest " +
          fixed(100 * result.max_energy_error, 1) + " %\n\n";
  rows = {{"bits", "published GOPS", "model", "error"}};
  for (std::size_t i = 0; i < silicon.throughput.size(); ++i) {
    const auto& point = silicon.throughput[i];
    rows.push_back({std::to_string(point.bits), fixed(point.gops, 1), fixed(result.gops[i], 1),
                    error_text(point.fit, result.gops[i], point.gops)});
  }
  text += report::text_table(rows);
  text += "  period " + fixed(result.period_base_ns, 2) + " ns + " +
          fixed(result.period_per_bit_ns, 3) + " ns x bits\n\n";
  rows = {{"part", "published %", "model %", "model um2"}};
  for (std::size_t i = 0; i < kColonnadeParts.size(); ++i) {
    rows.push_back({kColonnadeParts[i], fixed(silicon.area_percent[i], 1),
                    fixed(100 * result.part_um2[i] / result.area_um2, 1),
                    fixed(result.part_um2[i], 0)});
  }
  text += report::text_table(rows);
  text += "  published " + fixed(silicon.area_um2, 0) + " um2, counted " +
          fixed(result.area_um2, 0) + " um2 (unit areas " + silicon.units_source + ")\n";
  return text;
}

std::string colonnade_json(const ColonnadeSilicon& silicon, const ColonnadeResult& result) {
  base::JsonWriter json;
  json.begin_object();
  write_targets(json, result.targets);
  json.member("source", silicon.source).member("cell_fj", result.cell_fj);
  json.member("wordline_fj", result.wordline_fj);
  json.member("mean_energy_error", result.mean_energy_error);
  json.member("max_energy_error", result.max_energy_error);
  json.begin_array("energy");
  for (std::size_t i = 0; i < silicon.energy.size(); ++i) {
    const auto& point = silicon.energy[i];
    json.begin_object().member("weight_bits", point.weight_bits);
    json.member("act_bits", point.act_bits).member("published_fj", point.fj);
    json.member("model_fj", result.energy_fj[i]).member("fitted", point.fit);
    json.member("tested", static_cast<bool>(result.energy_tested[i])).end();
  }
  json.end().member("period_base_ns", result.period_base_ns);
  json.member("period_per_bit_ns", result.period_per_bit_ns).begin_array("throughput");
  for (std::size_t i = 0; i < silicon.throughput.size(); ++i) {
    const auto& point = silicon.throughput[i];
    json.begin_object().member("bits", point.bits).member("published_gops", point.gops);
    json.member("model_gops", result.gops[i]).member("fitted", point.fit).end();
  }
  json.end().member("units_source", silicon.units_source).begin_array("area");
  for (std::size_t i = 0; i < kColonnadeParts.size(); ++i) {
    json.begin_object().member("part", kColonnadeParts[i]);
    json.member("published_percent", silicon.area_percent[i]);
    json.member("model_um2", result.part_um2[i]).end();
  }
  return json.end().end().take();
}

}  // namespace bitscale::reproduce
