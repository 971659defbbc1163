#include "arch/cost/activity.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace bitscale::cost {
namespace {

struct ActionEntry {
  const char* name;
  Component component;
};

// In the order of Action: one line for a new action.
constexpr std::array<ActionEntry, kActionCount> kActions{{
    {"macs", Component::MacArray},
    {"idle_pe_cycles", Component::MacArray},
    {"stationary_load_bits", Component::MacArray},
    {"weight_read_bits", Component::WeightBuffer},
    {"weight_write_bits", Component::WeightBuffer},
    {"act_read_bits", Component::ActBuffer},
    {"act_write_bits", Component::ActBuffer},
    {"output_read_bits", Component::OutputBuffer},
    {"output_write_bits", Component::OutputBuffer},
    {"post_operations", Component::PostProcessing},
    {"dma_bits", Component::Dma},
    {"interconnect_bits", Component::Interconnect},
    {"dram_read_bits", Component::Dram},
    {"dram_write_bits", Component::Dram},
    {"pim_macs", Component::PimArray},
    {"pim_cell_bits", Component::PimArray},
    {"pim_wordline_bits", Component::PimArray},
    {"pim_shift_add_bits", Component::PimArray},
    {"pim_write_bits", Component::PimArray},
    {"pim_operand_bits", Component::PimArray},
}};
static_assert(kActions.back().name != nullptr, "every action has a name");

// In the order of Component.
constexpr std::array<const char*, kComponentCount> kComponents{
    "mac_array",       "pim_array", "weight_buffer", "act_buffer", "output_buffer",
    "post_processing", "dma",       "interconnect",  "dram"};
static_assert(kComponents.back() != nullptr, "every component has a name");

constexpr base::IntegerRange kCount{0};

/// Measured operand statistics, each 0–1 and absent when not measured.
struct RateField {
  const char* name;
  double LayerActivity::*member;
};
constexpr RateField kRates[] = {{"act_density", &LayerActivity::act_density},
                                {"weight_density", &LayerActivity::weight_density},
                                {"zero_operand_rate", &LayerActivity::zero_operand_rate},
                                {"act_bit_density", &LayerActivity::act_bit_density},
                                {"act_toggle_rate", &LayerActivity::act_toggle_rate},
                                {"weight_bit_density", &LayerActivity::weight_bit_density},
                                {"weight_toggle_rate", &LayerActivity::weight_toggle_rate},
                                {"sum_toggle_rate", &LayerActivity::sum_toggle_rate}};

void write_precision(base::JsonWriter& json, const numeric::Precision& precision) {
  json.begin_object("precision");
  json.member("weight_bits", precision.weight_bits).member("act_bits", precision.act_bits);
  json.member("output_bits", precision.output_bits);
  json.member("acc_bits", precision.acc_bits).member("psum_bits", precision.psum_bits);
  json.member("weight_signed", precision.weight_signed);
  json.member("act_signed", precision.act_signed);
  json.member("weight_encoding", numeric::kWeightEncodingNames.name(precision.weight_encoding));
  json.end();
}

numeric::Precision read_precision(base::JsonReader reader) {
  const base::IntegerRange operand{1, numeric::kMaxOperandBits};
  const base::IntegerRange sum{numeric::kMinAccBits, numeric::kMaxAccBits};
  numeric::Precision precision;
  precision.weight_bits = static_cast<int>(reader.integer("weight_bits", operand));
  precision.act_bits = static_cast<int>(reader.integer("act_bits", operand));
  precision.output_bits = static_cast<int>(reader.integer("output_bits", operand));
  precision.acc_bits = static_cast<int>(reader.integer("acc_bits", sum));
  precision.psum_bits = static_cast<int>(reader.integer("psum_bits", sum));
  precision.weight_signed = reader.boolean("weight_signed");
  precision.act_signed = reader.boolean("act_signed");
  precision.weight_encoding = reader.one_of("weight_encoding", numeric::kWeightEncodingNames);
  reader.finish();
  return precision;
}

// Zero counts are left out: a count that is absent is zero.
void write_layer(base::JsonWriter& json, const LayerActivity& layer) {
  json.begin_object().member("name", layer.name).member("kind", layer.kind);
  write_precision(json, layer.precision);
  json.member("macs", layer.macs).member("padding_macs", layer.padding_macs);
  json.member("tiles", layer.tiles).member("compute_cycles", layer.compute_cycles);
  json.member("stall_cycles", layer.stall_cycles);
  json.member("dram_stall_cycles", layer.dram_stall_cycles);
  json.member("other_stall_cycles", layer.other_stall_cycles);
  json.member("latency_cycles", layer.latency_cycles).member("ideal_cycles", layer.ideal_cycles);
  for (const RateField& field : kRates) {
    if (layer.*field.member >= 0) json.member(field.name, layer.*field.member);
  }
  json.begin_object("counts");
  for (std::size_t i = 0; i < kActionCount; ++i) {
    if (layer.counts[i] != 0) json.member(kActions[i].name, layer.counts[i]);
  }
  json.end().end();
}

LayerActivity read_layer(base::JsonReader& reader) {
  LayerActivity layer;
  layer.name = reader.string("name");
  layer.kind = reader.string("kind");
  layer.precision = read_precision(reader.object("precision"));
  layer.macs = reader.integer("macs", kCount);
  layer.padding_macs = reader.integer("padding_macs", kCount);
  layer.tiles = reader.integer("tiles", kCount);
  layer.compute_cycles = reader.integer("compute_cycles", kCount);
  layer.stall_cycles = reader.integer("stall_cycles", kCount);
  layer.dram_stall_cycles = reader.integer("dram_stall_cycles", kCount);
  layer.other_stall_cycles = reader.integer("other_stall_cycles", kCount);
  layer.latency_cycles = reader.integer("latency_cycles", kCount);
  layer.ideal_cycles = reader.number("ideal_cycles", {0, 1e19});
  for (const RateField& field : kRates) {
    layer.*field.member = reader.number(field.name, {0, 1}, layer.*field.member);
  }
  base::JsonReader counts = reader.object("counts");
  for (std::size_t i = 0; i < kActionCount; ++i) {
    layer.counts[i] = counts.integer(kActions[i].name, kCount, 0);
  }
  counts.finish();
  reader.finish();
  return layer;
}

void write_layers(base::JsonWriter& json, std::string_view key,
                  const std::vector<LayerActivity>& layers) {
  json.begin_array(key);
  for (const LayerActivity& layer : layers) write_layer(json, layer);
  json.end();
}

std::vector<LayerActivity> read_layers(base::JsonReader& reader, std::string_view key,
                                       const spec::AcceleratorSpec& accelerator) {
  const spec::PeSpec& pe = accelerator.mac_array.pe;
  std::vector<LayerActivity> layers;
  for (base::JsonReader& item : reader.array(key)) {
    layers.push_back(read_layer(item));
    const numeric::Precision& precision = layers.back().precision;
    if (layers.back().count(Action::Mac) > 0 &&
        !supports(pe, precision.weight_bits, precision.act_bits)) {
      item.problem("a layer with MACs is wider than the accelerator's PE, which takes weights of " +
                       std::to_string(pe.weight_bits) + " and activations of " +
                       std::to_string(pe.act_bits) + " bits",
                   "precision");
    }
    if (layers.back().count(Action::PimMac) > 0 &&
        !(accelerator.pim &&
          supports(*accelerator.pim, precision.weight_bits, precision.act_bits))) {
      item.problem("a layer on PIM arrays that the accelerator does not have at these widths",
                   "precision");
    }
  }
  return layers;
}

}  // namespace

std::string_view name(Component component) {
  return kComponents.at(static_cast<std::size_t>(component));
}

std::string_view name(Action action) { return kActions.at(static_cast<std::size_t>(action)).name; }

Component component_of(Action action) {
  return kActions.at(static_cast<std::size_t>(action)).component;
}

void LayerActivity::attribute_stalls(std::int64_t without_dram) {
  const std::int64_t least = std::clamp(without_dram, compute_cycles, latency_cycles);
  stall_cycles = latency_cycles - compute_cycles;
  dram_stall_cycles = latency_cycles - least;
  other_stall_cycles = least - compute_cycles;
}

std::int64_t RunActivity::latency_cycles() const {
  std::int64_t total = 0;
  for (const LayerActivity& layer : layers) total += layer.latency_cycles;
  return total;
}

void write_counts(base::JsonWriter& json, const RunActivity& run) {
  base::JsonWriter accelerator;
  spec::write_accelerator(accelerator, run.accelerator);
  json.begin_object().member("schema_version", kCountsSchemaVersion);
  json.member("network", run.network).member("engine", run.engine);
  json.member("batch", run.batch).member("clock_mhz", run.clock_mhz);
  json.member("steady_latency_cycles", run.steady_latency_cycles);
  json.member("accelerator", base::parse_json(accelerator.take(), ""));
  write_layers(json, "layers", run.layers);
  write_layers(json, "steady_layers", run.steady_layers);
  json.end();
}

RunActivity read_counts(base::JsonReader& reader) {
  RunActivity run;
  reader.schema_version(kCountsSchemaVersion);
  run.network = reader.string("network");
  run.engine = reader.string("engine");
  run.batch = reader.integer("batch", {1});
  run.clock_mhz = reader.number("clock_mhz", {0.001, 1e5});
  run.steady_latency_cycles = reader.integer("steady_latency_cycles", kCount);
  base::JsonReader accelerator = reader.object("accelerator");
  run.accelerator = spec::read_accelerator(accelerator);
  run.layers = read_layers(reader, "layers", run.accelerator);
  run.steady_layers = read_layers(reader, "steady_layers", run.accelerator);
  reader.finish();
  return run;
}

}  // namespace bitscale::cost
