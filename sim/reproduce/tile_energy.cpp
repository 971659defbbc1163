#include "sim/reproduce/tile_energy.h"

#include <cstdio>

#include "arch/base/json_reader.h"
#include "sim/report/units.h"

namespace bitscale::reproduce {
namespace {

std::string number(std::optional<double> value) {
  if (!value) return "–";
  char text[48];
  std::snprintf(text, sizeof text, "%.2f", *value);
  return text;
}

std::optional<double> over(double above, std::optional<double> below) {
  if (!below) return std::nullopt;
  return above / *below;
}

double sum(base::JsonReader& point, const std::string& prefix, const char* kind) {
  return point.number((prefix + "clock_pj").c_str(), base::kNonNegative) +
         point.number((prefix + kind).c_str(), base::kNonNegative);
}

TileEnergy read_point(const std::string& set, base::JsonReader& point) {
  TileEnergy energy;
  energy.set = set;
  energy.point = point.string("point");
  energy.clock_pj = point.number("clock_pj", base::kNonNegative);
  energy.tile_pj = energy.clock_pj + point.number("settled_pj", base::kPositive);
  energy.glitch_factor =
      (energy.clock_pj + point.number("unit_pj", base::kPositive)) / energy.tile_pj;
  if (point.has("settled_standard_error_pj")) {
    energy.standard_error_pj = point.number("settled_standard_error_pj", base::kNonNegative);
  }
  if (point.has("reset_clock_pj")) energy.reset_pj = sum(point, "reset_", "settled_pj");
  if (point.has("elements_clock_pj")) energy.elements_pj = sum(point, "elements_", "settled_pj");
  if (point.has("mac_clock_pj")) energy.mac_pj = sum(point, "mac_", "settled_pj");
  return energy;
}

}  // namespace

std::vector<TileEnergy> load_tile_energies(const std::filesystem::path& file) {
  const base::JsonValue document = base::parse_json_file(file);
  base::Problems problems;
  base::JsonReader reader(document, problems);
  std::vector<TileEnergy> all;
  for (base::JsonReader& row : reader.array("rows")) {
    const std::string module = row.string("module");
    if (module != "mac_array" && module != "pim_array") continue;
    const std::string set = row.string("name");
    for (base::JsonReader& point : row.array("points")) all.push_back(read_point(set, point));
  }
  problems.throw_if_any();
  return all;
}

std::string tile_energy_text(const std::vector<TileEnergy>& all) {
  std::vector<std::vector<std::string>> rows{
      {"set", "operands", "pJ per MAC", "std. error", "clock pins", "elements alone", "bare MAC",
       "over elements", "over MAC", "with glitches", "a reset, pJ"}};
  for (const TileEnergy& one : all) {
    rows.push_back({one.set, one.point, number(one.tile_pj), number(one.standard_error_pj),
                    number(one.clock_pj), number(one.elements_pj), number(one.mac_pj),
                    number(over(one.tile_pj, one.elements_pj)),
                    number(over(one.tile_pj, one.mac_pj)), "x " + number(one.glitch_factor),
                    number(one.reset_pj)});
  }
  return report::text_table(rows);
}

void write_tile_energies(base::JsonWriter& json, const std::vector<TileEnergy>& all) {
  json.begin_array("tile_energies");
  for (const TileEnergy& one : all) {
    json.begin_object().member("set", one.set).member("operands", one.point);
    json.member("tile_pj_per_mac", one.tile_pj).member("clock_pj_per_mac", one.clock_pj);
    json.member("glitch_factor", one.glitch_factor);
    if (one.standard_error_pj) {
      json.member("standard_error_pj_per_mac", *one.standard_error_pj);
    }
    if (one.reset_pj) json.member("reset_pj", *one.reset_pj);
    if (one.elements_pj) json.member("elements_pj_per_mac", *one.elements_pj);
    if (one.mac_pj) json.member("bare_mac_pj_per_mac", *one.mac_pj);
    json.end();
  }
  json.end();
}

}  // namespace bitscale::reproduce
