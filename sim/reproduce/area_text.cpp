// How the area study's result is shown.

#include "arch/base/json_writer.h"
#include "sim/report/units.h"
#include "sim/reproduce/area.h"

namespace bitscale::reproduce {
namespace {

using Rows = std::vector<std::vector<std::string>>;

std::string number(std::optional<double> value) { return value ? report::fixed(*value) : "–"; }

std::string share(std::optional<double> value) { return value ? report::percent(*value) : "–"; }

std::string density_table(const std::vector<AreaDensity>& all) {
  Rows rows{{"who", "accumulator", "to 8 bits", "to 4", "to 2"}};
  for (const AreaDensity& density : all) {
    rows.push_back({density.who, density.accumulator, number(density.to_8), number(density.to_4),
                    number(density.to_2)});
  }
  return report::text_table(rows);
}

std::string share_table(const std::vector<AreaShare>& ours, const std::vector<AreaShare>& others) {
  Rows rows{{"who", "operands", "saved against 32 bits", "saturation adds"}};
  for (const auto* all : {&ours, &others}) {
    for (const AreaShare& one : *all) {
      rows.push_back(
          {one.who, std::to_string(one.bits) + " bits", share(one.saved), share(one.saturates)});
    }
  }
  return report::text_table(rows);
}

std::string overhead_table(const std::vector<AreaOverhead>& all) {
  Rows rows{{"unit", "area", "area per MAC and cycle", "elsewhere"}};
  for (const AreaOverhead& one : all) {
    rows.push_back({one.unit, number(one.area_ratio), number(one.per_mac_cycle), one.beside});
  }
  return report::text_table(rows);
}

// What the same accumulators give elsewhere, which says whether a miss is the library's.
std::string elsewhere_text(const AreaStudy& study, const AreaResult& result) {
  std::string text;
  for (const int acc_bits : study.fixed_acc_bits) {
    const std::string accumulator = std::to_string(acc_bits) + " bits";
    std::string figures;
    for (const AreaDensity& density : result.independent) {
      if (density.accumulator != accumulator) continue;
      figures += figures.empty() ? "" : "; ";
      figures.append(number(density.to_2)).append(" ").append(density.who);
    }
    if (figures.empty()) continue;
    text.append("  accumulator of ").append(accumulator).append(": ").append(figures).append("\n");
  }
  return text.empty() ? text : "From 16 to 2 bits elsewhere\n" + text + "\n";
}

void optional_member(base::JsonWriter& json, const char* key, std::optional<double> value) {
  if (value) json.member(key, *value);
}

void write_densities(base::JsonWriter& json, const char* key, const std::vector<AreaDensity>& all) {
  json.begin_array(key);
  for (const AreaDensity& density : all) {
    json.begin_object().member("who", density.who).member("accumulator", density.accumulator);
    optional_member(json, "to_8_bits", density.to_8);
    optional_member(json, "to_4_bits", density.to_4);
    optional_member(json, "to_2_bits", density.to_2);
    json.end();
  }
  json.end();
}

void write_shares(base::JsonWriter& json, const char* key, const std::vector<AreaShare>& all) {
  json.begin_array(key);
  for (const AreaShare& one : all) {
    json.begin_object().member("who", one.who).member("bits", one.bits);
    optional_member(json, "saved_by_narrow_accumulator", one.saved);
    optional_member(json, "added_by_saturation", one.saturates);
    json.end();
  }
  json.end();
}

}  // namespace

std::string area_text(const AreaStudy& study, const AreaResult& result) {
  std::string text = "Area of MACs, measured by synthesis: " + study.areas.origin() + "\n\n";
  text += targets_text(result.targets) + "\n" + elsewhere_text(study, result);
  text += "MACs in the area of one of 16 bits, by the accumulator's width (b bits of operands)\n" +
          density_table(result.densities) + "\n";
  text += "The same elsewhere\n" + density_table(result.independent) + "\n";
  text += "Share of a MAC's area that an accumulator of 2b + " +
          std::to_string(study.chosen_guard_bits) + " saves, and that saturating each step adds\n" +
          share_table(result.shares, result.independent_shares) + "\n";
  text += "Flexible units over a fixed MAC of 8 bits with an accumulator of 24\n" +
          overhead_table(result.overheads) + "\n";
  text +=
      "Energy per MAC of whole arrays and PIM tiles, gate-level simulation, unplaced: beside their "
      "elements alone and bare MACs\n" +
      tile_energy_text(study.tile_energies) + "\nSources\n";
  for (const Expected* expected :
       {&study.density, &study.fixed_density, &study.decomposable, &study.bit_serial}) {
    text += "  [" + expected->status + "] " + expected->source + "\n";
  }
  for (const IndependentAreas& other : study.independent) {
    text += "  " + other.name + " [" + other.status + "] " + other.source + "\n";
  }
  return text;
}

std::string area_json(const AreaStudy& study, const AreaResult& result) {
  base::JsonWriter json;
  json.begin_object();
  write_targets(json, result.targets);
  json.begin_object("synthesis").member("library", study.areas.library);
  json.member("tool", study.areas.tool).member("placed", false).end();
  write_densities(json, "densities", result.densities);
  write_densities(json, "independent_densities", result.independent);
  write_shares(json, "shares", result.shares);
  write_shares(json, "independent_shares", result.independent_shares);
  json.begin_array("overheads");
  for (const AreaOverhead& one : result.overheads) {
    json.begin_object().member("unit", one.unit).member("area_ratio", one.area_ratio);
    json.member("area_per_mac_cycle", one.per_mac_cycle).member("elsewhere", one.beside).end();
  }
  json.end();
  write_tile_energies(json, study.tile_energies);
  return json.end().take();
}

}  // namespace bitscale::reproduce
