#include "arch/cost/technology.h"

#include <array>
#include <cmath>

#include "arch/base/file.h"
#include "arch/base/is_sound.h"

namespace bitscale::cost {
namespace {

/// What a figure measures: decides how it scales and its range. The last four do not scale.
enum class Quantity { Area, Energy, Delay, Share, Factor, Bytes, Other };

// Far beyond any technology, and no run of them reaches infinity. Units: technology.h.
constexpr base::NumberRange kFigureRange{0, 1e9};
constexpr base::NumberRange kPositiveRange{1e-12, 1e9};

base::NumberRange range_of(Quantity quantity) {
  switch (quantity) {
    case Quantity::Share:
      return {0, 1};
    case Quantity::Factor:  // below half, three levels of fusion would cost less than nothing
      return {0.5, 1000};
    case Quantity::Bytes:
      return {1, 1e9};
    default:
      return kFigureRange;
  }
}

struct FigureKey {
  const char* key;
  Figure Technology::*member;
  Quantity quantity;
  bool required = true;
};

const std::array kFigures{
    FigureKey{"register_area_um2_per_bit", &Technology::register_area_um2_per_bit, Quantity::Area},
    FigureKey{"register_clock_pj_per_bit", &Technology::register_clock_pj_per_bit,
              Quantity::Energy},
    FigureKey{"register_data_pj_per_bit", &Technology::register_data_pj_per_bit, Quantity::Energy},
    FigureKey{"saturation_area_um2_per_acc_bit", &Technology::saturation_area_um2_per_acc_bit,
              Quantity::Area},
    FigureKey{"saturation_pj_per_acc_bit", &Technology::saturation_pj_per_acc_bit,
              Quantity::Energy},
    FigureKey{"narrow_operand_share", &Technology::narrow_operand_share, Quantity::Share},
    FigureKey{"decomposable_area_factor", &Technology::decomposable_area_factor, Quantity::Factor},
    FigureKey{"decomposable_energy_factor", &Technology::decomposable_energy_factor,
              Quantity::Factor},
    FigureKey{"bit_serial_area_time_factor", &Technology::bit_serial_area_time_factor,
              Quantity::Factor},
    FigureKey{"bit_serial_energy_factor", &Technology::bit_serial_energy_factor, Quantity::Factor},
    FigureKey{"configurable_area_factor", &Technology::configurable_area_factor, Quantity::Factor},
    FigureKey{"configurable_energy_factor", &Technology::configurable_energy_factor,
              Quantity::Factor},
    FigureKey{"sram_area_per_extra_port", &Technology::sram_area_per_extra_port, Quantity::Other},
    FigureKey{"sram_macro_bytes", &Technology::sram_macro_bytes, Quantity::Bytes},
    FigureKey{"post_processing_area_um2_per_lane", &Technology::post_processing_area_um2_per_lane,
              Quantity::Area},
    FigureKey{"post_processing_pj_per_operation", &Technology::post_processing_pj_per_operation,
              Quantity::Energy},
    FigureKey{"dma_area_um2_per_core", &Technology::dma_area_um2_per_core, Quantity::Area},
    FigureKey{"dma_pj_per_bit", &Technology::dma_pj_per_bit, Quantity::Energy},
    FigureKey{"link_area_um2_per_bit", &Technology::link_area_um2_per_bit, Quantity::Area},
    FigureKey{"wire_pj_per_bit_mm", &Technology::wire_pj_per_bit_mm, Quantity::Other},
    FigureKey{"logic_leakage_mw_per_mm2", &Technology::logic_leakage_mw_per_mm2, Quantity::Other},
    FigureKey{"mac_delay_base_ns", &Technology::mac_delay_base_ns, Quantity::Delay},
    FigureKey{"mac_delay_level_ns", &Technology::mac_delay_level_ns, Quantity::Delay},
    FigureKey{"mac_delay_carry_ns", &Technology::mac_delay_carry_ns, Quantity::Delay, false},
    FigureKey{"decomposable_delay_factor", &Technology::decomposable_delay_factor, Quantity::Factor,
              false},
    FigureKey{"configurable_delay_factor", &Technology::configurable_delay_factor, Quantity::Factor,
              false},
};

struct SwitchedKey {
  const char* key;
  SwitchedFigure Technology::*member;
  base::NumberRange range;
};

const std::array kSwitched{
    SwitchedKey{"placement_utilization", &Technology::placement_utilization, {0, 1, true}},
    SwitchedKey{"clock_tree_factor", &Technology::clock_tree_factor, {1, 100}},
    SwitchedKey{"wire_load_factor", &Technology::wire_load_factor, {1, 100}},
};

constexpr base::IntegerRange kNodeRange{1, 1000};
constexpr base::NumberRange kVoltageRange{0.1, 5};

/// The factors that bring figures of an origin to the technology's process point.
struct Factors {
  double area = 1;
  double energy = 1;
  double delay = 1;

  double of(Quantity quantity) const {
    switch (quantity) {
      case Quantity::Area:
        return area;
      case Quantity::Energy:
        return energy;
      case Quantity::Delay:
        return delay;
      default:
        return 1;
    }
  }
};

std::string nodes_text() {
  std::string text;
  for (const int node : scalable_nodes()) text += (text.empty() ? "" : ", ") + std::to_string(node);
  return text;
}

/// Of a technology whose own point has a problem: nothing is held against it.
constexpr int kUnknownNode = 0;

/// Node and voltage of a technology, or of one of its tables where they differ from it.
void read_point(base::JsonReader& reader) {
  reader.integer("node_nm", kNodeRange, kNodeRange.low);
  reader.number("voltage", kVoltageRange, kVoltageRange.low);
  reader.one_of("device", kDeviceNames, ProcessPoint{}.device);
}

/// Reads the provenance keys of a table or figure and says how to scale it to `target`.
Factors read_origin(base::JsonReader& reader, const ProcessPoint& target, Origin& origin) {
  origin.source = reader.string("source");
  const base::JsonValue* source = reader.value().find("source");
  if (source != nullptr && source->kind == base::JsonValue::Kind::String && source->text.empty()) {
    reader.problem("an empty source; write where the number comes from, or \"assumed\"", "source");
  }
  origin.status = reader.one_of("status", kStatusNames);
  if (origin.status == Status::Scaled) {
    reader.problem("is set by the program; give the source's own status and \"scale\": true",
                   "status");
  }
  origin.valid = reader.string("valid");
  origin.point.node_nm = static_cast<int>(reader.integer("node_nm", kNodeRange, target.node_nm));
  origin.point.voltage = reader.number("voltage", kVoltageRange, target.voltage);
  origin.point.device = reader.one_of("device", kDeviceNames, target.device);
  const bool scale = reader.boolean("scale", false);
  if (target.node_nm == kUnknownNode || !base::is_sound(reader, read_point)) return {};
  if (!scale) {
    if (origin.point.node_nm != target.node_nm) {
      reader.problem("a figure of " + std::to_string(origin.point.node_nm) + " nm in a " +
                         std::to_string(target.node_nm) +
                         " nm technology; nodes are not mixed unscaled: add \"scale\": true",
                     "node_nm");
    }
    return {};
  }
  if (!can_scale(origin.point.node_nm) || !can_scale(target.node_nm)) {
    reader.problem("scaling knows the nodes " + nodes_text() + " nm", "scale");
    return {};
  }
  Factors factors{area_scale(origin.point.node_nm, target.node_nm),
                  energy_scale(origin.point, target), delay_scale(origin.point, target)};
  for (const double factor : {factors.energy, factors.delay}) {
    if (!std::isfinite(factor) || factor <= 0) {
      reader.problem("these supply voltages are outside the range of the scaling fits", "scale");
      return {};
    }
  }
  origin.source += " [" + std::string(kStatusNames.name(origin.status)) + "; scaled from " +
                   std::to_string(origin.point.node_nm) + " nm by Stillmaker & Baas 2017]";
  origin.status = Status::Scaled;
  return factors;
}

Figure read_figure(base::JsonReader& reader, base::NumberRange range, Quantity quantity,
                   const ProcessPoint& target) {
  Figure figure;
  Estimate& estimate = figure.estimate;
  estimate.value = reader.number("value", range);
  estimate.low = reader.number("low", range, estimate.value);
  estimate.high = reader.number("high", range, estimate.value);
  const auto read_ends = [&](base::JsonReader& alone) {
    for (const char* key : {"value", "low", "high"}) alone.number(key, range, 0);
  };
  if ((estimate.low > estimate.value || estimate.high < estimate.value) &&
      base::is_sound(reader, read_ends)) {
    const std::string value = base::format_number(estimate.value);
    if (estimate.low > estimate.value) {
      reader.problem(
          "expected at most the value " + value + ", given " + base::format_number(estimate.low),
          "low");
    }
    if (estimate.high < estimate.value) {
      reader.problem(
          "expected at least the value " + value + ", given " + base::format_number(estimate.high),
          "high");
    }
  }
  const Factors factors = read_origin(reader, target, figure.origin);
  estimate = estimate * factors.of(quantity);
  return figure;
}

HoldOutError read_hold_out(base::JsonReader reader) {
  HoldOutError error;
  error.mean = reader.number("mean", kFigureRange);
  error.max = reader.number("max", kFigureRange);
  error.rows = static_cast<int>(reader.integer("rows", {1, 1000000}));
  reader.finish();
  return error;
}

MacFit read_fit(base::JsonReader reader, std::size_t coefficients, double factor) {
  MacFit fit;
  reader.string("formula");
  for (base::JsonReader& item : reader.array("coefficients")) {
    fit.coefficients.push_back(item.as_number(kFigureRange) * factor);
  }
  if (fit.coefficients.size() != coefficients) {
    reader.problem("needs " + std::to_string(coefficients) + " numbers", "coefficients");
  }
  fit.hold_out = read_hold_out(reader.object("hold_out"));
  read_hold_out(reader.object("hold_out_from_2_bits"));
  reader.finish();
  return fit;
}

MacTable read_mac_table(base::JsonReader reader, const char* value_key, Quantity quantity,
                        const ProcessPoint& target) {
  MacTable table;
  const Factors factors = read_origin(reader, target, table.origin);
  const double factor = factors.of(quantity);
  table.low_factor = reader.number("low_factor", {0, 1, true}, 1);
  table.high_factor = reader.number("high_factor", {1, 1000}, 1);
  if (quantity == Quantity::Energy && reader.has("glitch_factors")) {
    table.glitches = read_glitch_factors(reader.object("glitch_factors"));
  }
  const base::IntegerRange operand{1, numeric::kMaxOperandBits};
  for (base::JsonReader& item : reader.array("rows")) {
    MacRow row;
    row.design = item.one_of("design", kMacDesignNames);
    row.weight_bits = static_cast<int>(item.integer("weight_bits", operand));
    row.act_bits = static_cast<int>(item.integer("act_bits", operand));
    row.acc_bits =
        static_cast<int>(item.integer("acc_bits", {numeric::kMinAccBits, numeric::kMaxAccBits}));
    row.value = item.number(value_key, kPositiveRange) * factor;
    if (quantity == Quantity::Area) {
      row.path_ns = item.number("path_ns", kPositiveRange, 0) * factors.delay;
    }
    if (quantity == Quantity::Energy) {
      row.value -= item.number("clock_pj", kFigureRange) * factor;
      const auto read_energies = [&](base::JsonReader& alone) {
        alone.number(value_key, kPositiveRange);
        alone.number("clock_pj", kFigureRange);
      };
      if (row.value <= 0 && base::is_sound(item, read_energies)) {
        item.problem("is not below pj, which includes it", "clock_pj");
      }
    }
    item.finish();
    table.rows.push_back(row);
  }
  if (table.rows.empty()) reader.problem("needs at least one row", "rows");
  if (reader.has("fit")) {
    const bool area = quantity == Quantity::Area;
    table.fit =
        read_fit(reader.object("fit"), area ? kAreaCoefficients : kEnergyCoefficients, factor);
  }
  reader.finish();
  return table;
}

Characterization read_characterization(base::JsonReader reader) {
  Characterization flow;
  flow.library = reader.string("library");
  flow.liberty_sha256 = reader.string("liberty_sha256");
  flow.tool = reader.string("tool");
  flow.flow = reader.string("flow");
  flow.target_period_ns = reader.number("target_period_ns", base::NumberRange{1e-6, 1e9});
  reader.finish();
  return flow;
}

SumTerms read_sum_terms(base::JsonReader reader, double factor) {
  const auto pj = [&](const char* name) { return reader.number(name, kFigureRange) * factor; };
  const SumTerms terms{pj("pp_pj"), pj("weight_pj"), pj("act_pj"), pj("sum_pj"), pj("ones_pj")};
  reader.finish();
  return terms;
}

ActivityTable read_activity_table(base::JsonReader reader, const ProcessPoint& target) {
  ActivityTable table;
  const double factor = read_origin(reader, target, table.origin).energy;
  for (base::JsonReader& item : reader.array("rows")) {
    ActivityRow row;
    row.bits = static_cast<int>(item.integer("bits", {1, numeric::kMaxOperandBits}));
    row.acc_bits =
        static_cast<int>(item.integer("acc_bits", {numeric::kMinAccBits, numeric::kMaxAccBits}));
    row.pp_pj = item.number("pp_pj", kPositiveRange) * factor;
    row.weight_pj = item.number("weight_pj", kFigureRange) * factor;
    row.act_pj = item.number("act_pj", kFigureRange) * factor;
    row.acc_pj = item.number("acc_pj", kFigureRange) * factor;
    row.ones_pj = item.number("ones_pj", kFigureRange) * factor;
    if (item.has("with_sums")) row.with_sums = read_sum_terms(item.object("with_sums"), factor);
    item.finish();
    const auto read_bits = [](base::JsonReader& alone) {
      alone.integer("bits", {1, numeric::kMaxOperandBits});
    };
    if (!table.rows.empty() && row.bits <= table.rows.back().bits &&
        base::is_sound(item, read_bits)) {
      item.problem("rows must be in order of their bits", "bits");
    }
    table.rows.push_back(row);
  }
  if (table.rows.empty()) reader.problem("needs at least one row", "rows");
  reader.finish();
  return table;
}

SramTable read_sram(base::JsonReader reader, const ProcessPoint& target) {
  SramTable table;
  const Factors factors = read_origin(reader, target, table.origin);
  table.pipelined = reader.boolean("pipelined", table.pipelined);
  for (base::JsonReader& item : reader.array("rows")) {
    SramRow row;
    row.capacity_bytes = item.integer("capacity_bytes", {1, std::int64_t{1} << 40});
    row.word_bits = item.integer("word_bits", {1, 65536});
    row.read_pj = item.number("read_pj", kPositiveRange) * factors.energy;
    row.write_pj = item.number("write_pj", kPositiveRange) * factors.energy;
    // Leakage power follows the area (constant leakage density): the fits say nothing about it.
    row.leakage_mw = item.number("leakage_mw", kFigureRange) * factors.area;
    row.area_um2 = item.number("area_um2", kPositiveRange) * factors.area;
    row.access_ns = item.number("access_ns", kPositiveRange) * factors.delay;
    row.cycle_ns = item.number("cycle_ns", kPositiveRange) * factors.delay;
    item.finish();
    table.rows.push_back(row);
  }
  if (table.rows.empty()) reader.problem("needs at least one row", "rows");
  reader.finish();
  return table;
}

}  // namespace

Technology read_technology(base::JsonReader& reader) {
  Technology tech;
  reader.schema_version(kTechSchemaVersion);
  tech.name = reader.string("name");
  tech.description = reader.string("description", "");
  tech.point.node_nm = static_cast<int>(reader.integer("node_nm", kNodeRange));
  tech.point.voltage = reader.number("voltage", kVoltageRange);
  tech.point.device = reader.one_of("device", kDeviceNames, tech.point.device);
  if (!base::is_sound(reader, read_point)) tech.point.node_nm = kUnknownNode;
  if (reader.has("characterization")) {
    tech.characterization = read_characterization(reader.object("characterization"));
  }
  if (reader.has("mac_activity")) {
    tech.mac_activity = read_activity_table(reader.object("mac_activity"), tech.point);
  }
  tech.mac_area = read_mac_table(reader.object("mac_area"), "um2", Quantity::Area, tech.point);
  tech.mac_energy = read_mac_table(reader.object("mac_energy"), "pj", Quantity::Energy, tech.point);
  tech.sram = read_sram(reader.object("sram"), tech.point);
  base::JsonReader figures = reader.object("figures");
  for (const FigureKey& entry : kFigures) {
    if (!entry.required && !figures.has(entry.key)) continue;
    base::JsonReader item = figures.object(entry.key);
    tech.*entry.member = read_figure(item, range_of(entry.quantity), entry.quantity, tech.point);
    item.finish();
  }
  figures.finish();
  base::JsonReader corrections = reader.object("layout_corrections");
  for (const SwitchedKey& entry : kSwitched) {
    base::JsonReader item = corrections.object(entry.key);
    SwitchedFigure& correction = tech.*entry.member;
    correction.enabled = item.boolean("enabled");
    correction.figure = read_figure(item, entry.range, Quantity::Other, tech.point);
    item.finish();
  }
  corrections.finish();
  reader.finish();
  return tech;
}

Technology load_technology(const std::filesystem::path& path) {
  const base::JsonValue document = base::parse_json_file(path);
  base::Problems problems;
  base::JsonReader reader(document, problems);
  Technology tech = read_technology(reader);
  problems.throw_if_any();
  return tech;
}

}  // namespace bitscale::cost
