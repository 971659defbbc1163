#include "arch/cost/cost_model.h"

#include <cmath>
#include <utility>

#include "arch/base/error.h"
#include "arch/cost/activity_note.h"
#include "arch/cost/pim_cost.h"
#include "arch/spec/dram_presets.h"

namespace bitscale::cost {
namespace {

constexpr double kUm2PerMm2 = 1e6;
constexpr double kPjPerMwUs = 1000;  // 1 mW × 1 µs = 1 nJ
constexpr double kNsToMhz = 1000;

std::size_t index(Component component) { return static_cast<std::size_t>(component); }
std::size_t index(Action action) { return static_cast<std::size_t>(action); }

// Share of the MACs whose operands are both non-zero.
double active_share(const LayerActivity& layer) {
  if (layer.zero_operand_rate >= 0) return 1 - layer.zero_operand_rate;
  const auto density = [](double measured) { return measured < 0 ? 1 : measured; };
  return density(layer.act_density) * density(layer.weight_density);
}

// The design's own source, of the figure before that of the whole memory; else the preset's, for
// the preset's figure only.
ProvenanceNote dram_note(const spec::AcceleratorSpec& accelerator) {
  const std::string what = "dram energy";
  for (const char* figure : {"/dram/energy_pj_per_bit", "/dram"}) {
    for (const auto& [pointer, source] : accelerator.sources) {
      if (pointer != figure) continue;
      return {what, source.rfind("assumed", 0) == 0 ? "assumed" : "published", source};
    }
  }
  const spec::DramSpec& dram = accelerator.dram;
  const auto preset = spec::kDramPresetNames.find(dram.preset);
  if (!preset) return {what, "assumed", "assumed"};
  const spec::DramSpec own = spec::dram_preset(*preset);
  if (dram.energy_pj_per_bit == own.energy_pj_per_bit &&
      dram.energy_low_pj_per_bit == own.energy_low_pj_per_bit &&
      dram.energy_high_pj_per_bit == own.energy_high_pj_per_bit) {
    return {what, "assumed", std::string(spec::dram_preset_source(*preset))};
  }
  return {what, "assumed",
          "assumed: given by the design beside its preset '" + dram.preset + "', without a source"};
}

// Prices of a PIM macro belong to the design, at the macro's node.
void check_pim_node(const spec::AcceleratorSpec& accelerator, const Technology& technology) {
  if (!accelerator.pim || accelerator.pim->cost.node_nm == technology.point.node_nm) return;
  throw base::UserError(
      "design '" + accelerator.name + "'",
      "its PIM macro is priced at " + std::to_string(accelerator.pim->cost.node_nm) +
          " nm, technology '" + technology.name + "' is of " +
          std::to_string(technology.point.node_nm) +
          " nm; nodes are not mixed unscaled: name a technology of the macro's node, or give "
          "the macro's cost at the technology's");
}

}  // namespace

double EnergyReport::dynamic_total_pj() const {
  double total = 0;
  for (std::size_t i = 0; i < kComponentCount; ++i) {
    if (i != index(Component::Dram)) total += dynamic_pj[i].value;
  }
  return total;
}

double EnergyReport::dram_pj() const { return dynamic_pj[index(Component::Dram)].value; }

double EnergyReport::total_pj() const {
  return dynamic_total_pj() + dram_pj() + idle_pj.value + leakage_pj.value;
}

CostModel::CostModel(const spec::AcceleratorSpec& accelerator, const Technology& technology)
    : accelerator_(accelerator), pe_(accelerator.mac_array, technology), provenance_(pe_.notes()) {
  check_pim_node(accelerator, technology);
  if (technology.mac_activity) operand_energy_.emplace(*technology.mac_activity);
  price_buffers(technology);
  find_area(technology);
  find_leakage(technology);
  find_prices(technology);
  find_f_max();
  note_blocks(technology);
}

void CostModel::price_buffers(const Technology& technology) {
  const SramModel model(technology);
  const auto add = [&](Component component, const spec::BufferSpec& buffer) {
    buffers_.push_back({component, model.buffer(buffer)});
    provenance_.push_back(note_of(std::string(name(component)) + " sram", technology.sram.origin,
                                  buffers_.back().cost.basis));
  };
  add(Component::WeightBuffer, accelerator_.buffers.weight);
  if (accelerator_.buffers.shared) return;
  add(Component::ActBuffer, accelerator_.buffers.act);
  add(Component::OutputBuffer, accelerator_.buffers.output);
}

void CostModel::find_area(const Technology& technology) {
  const auto cores = static_cast<double>(accelerator_.cores);
  const spec::MacArraySpec& array = accelerator_.mac_array;
  auto& by_component = area_.by_component;
  double pim_area_um2 = 0;
  Estimate array_area = pe_.area_um2() * static_cast<double>(accelerator_.total_pes());
  if (array.pe.overflow == numeric::OverflowPolicy::SaturateAtEnd) {  // one saturator per column
    array_area += technology.saturation_area_um2_per_acc_bit.estimate *
                  (cores * static_cast<double>(array.cols * array.pe.acc_bits));
  }
  by_component[index(Component::MacArray)] = array_area;
  by_component[index(Component::PostProcessing)] =
      technology.post_processing_area_um2_per_lane.estimate *
      (cores * static_cast<double>(accelerator_.post_processing.lanes));
  if (accelerator_.pim) {  // a macro: placed as it is
    pim_area_um2 = cores * static_cast<double>(accelerator_.pim->arrays) *
                   pim_array_area(*accelerator_.pim).total_um2();
  }
  by_component[index(Component::Dma)] = technology.dma_area_um2_per_core.estimate * cores;
  if (accelerator_.cores > 1) {
    by_component[index(Component::Interconnect)] =
        technology.link_area_um2_per_bit.estimate *
        (cores * 8 * accelerator_.interconnect.bytes_per_cycle);
  }
  if (const SwitchedFigure& placement = technology.placement_utilization; placement.enabled) {
    const Estimate& share = placement.figure.estimate;
    for (Estimate& area : by_component) {  // logic only: the buffers are added below
      area = {area.value / share.value, area.low / share.high, area.high / share.low};
    }
  }
  for (const Buffer& buffer : buffers_) {
    by_component[index(buffer.component)] = buffer.cost.area_um2 * cores;
  }
  by_component[index(Component::PimArray)] = Estimate::exact(pim_area_um2);
  for (const Estimate& area : by_component) area_.total_um2 += area.value;
}

void CostModel::find_leakage(const Technology& technology) {
  const auto cores = static_cast<double>(accelerator_.cores);
  double utilization = 1;  // leaking cells do not grow with the space between them
  if (technology.placement_utilization.enabled) {
    utilization = technology.placement_utilization.figure.estimate.value;
  }
  for (const Component component :
       {Component::MacArray, Component::PostProcessing, Component::Dma, Component::Interconnect}) {
    leakage_mw_ += technology.logic_leakage_mw_per_mm2.estimate *
                   (area_.of(component).value * utilization / kUm2PerMm2);
  }
  for (const Buffer& buffer : buffers_) leakage_mw_ += buffer.cost.leakage_mw * cores;
  if (accelerator_.pim) {
    leakage_mw_ +=
        accelerator_.pim->cost.leakage_mw_per_mm2 / kUm2PerMm2 * area_.of(Component::PimArray);
  }
}

void CostModel::find_prices(const Technology& technology) {
  const auto price = [this](Action action) -> Estimate& { return prices_[index(action)]; };
  const auto buffer_of = [this](Action action) -> const SramCost& {
    const Component component = place_of(action);
    for (const Buffer& buffer : buffers_) {
      if (buffer.component == component) return buffer.cost;
    }
    throw base::InternalError("an action of a buffer that does not exist");
  };
  for (const Action read : {Action::WeightReadBit, Action::ActReadBit, Action::OutputReadBit}) {
    price(read) = buffer_of(read).read_pj_per_bit;
  }
  for (const Action write : {Action::WeightWriteBit, Action::ActWriteBit, Action::OutputWriteBit}) {
    price(write) = buffer_of(write).write_pj_per_bit;
  }
  const Estimate write_register =
      technology.register_data_pj_per_bit.estimate + technology.register_clock_pj_per_bit.estimate;
  price(Action::StationaryLoadBit) = write_register;
  price(Action::PostOperation) = technology.post_processing_pj_per_operation.estimate;
  price(Action::DmaBit) = technology.dma_pj_per_bit.estimate;
  // A register at each end and the wire to the next core: the side of a core's square.
  const double core_side_mm =
      std::sqrt(area_.total_um2 / static_cast<double>(accelerator_.cores) / kUm2PerMm2);
  price(Action::InterconnectBit) =
      2 * write_register + technology.wire_pj_per_bit_mm.estimate * core_side_mm;
  const spec::DramSpec& dram = accelerator_.dram;
  price(Action::DramReadBit) = {dram.energy_pj_per_bit, dram.energy_low_pj_per_bit,
                                dram.energy_high_pj_per_bit};
  price(Action::DramWriteBit) = price(Action::DramReadBit);
}

void CostModel::find_f_max() {
  double longest_ns = pe_.delay_ns();
  f_max_component_ = name(Component::MacArray);
  for (const Buffer& buffer : buffers_) {
    if (buffer.cost.cycle_ns > longest_ns) {
      longest_ns = buffer.cost.cycle_ns;
      f_max_component_ = name(buffer.component);
    }
  }
  f_max_mhz_ = kNsToMhz / longest_ns;
}

void CostModel::note_blocks(const Technology& technology) {
  const auto add = [this](std::string what, const Figure& figure) {
    provenance_.push_back(note_of(std::move(what), figure.origin));
  };
  if (technology.mac_activity && !accelerator_.mac_array.pe.zero_gating) {
    provenance_.push_back(note_of(kOperandStatisticsNote, technology.mac_activity->origin));
  }
  add("post-processing area", technology.post_processing_area_um2_per_lane);
  add("post-processing energy", technology.post_processing_pj_per_operation);
  add("memory macros", technology.sram_macro_bytes);
  add("dma area", technology.dma_area_um2_per_core);
  add("dma energy", technology.dma_pj_per_bit);
  if (accelerator_.cores > 1) {
    add("interconnect area", technology.link_area_um2_per_bit);
    add("interconnect wire energy", technology.wire_pj_per_bit_mm);
  }
  add("logic leakage", technology.logic_leakage_mw_per_mm2);
  provenance_.push_back(note_of("mac delay", pe_.delay_from_table()
                                                 ? technology.mac_area.origin
                                                 : technology.mac_delay_level_ns.origin));
  add("narrow operands on wide multipliers", technology.narrow_operand_share);
  if (technology.placement_utilization.enabled) {
    add("placement utilization", technology.placement_utilization.figure);
  }
  if (technology.clock_tree_factor.enabled) {
    add("clock tree", technology.clock_tree_factor.figure);
  }
  if (technology.wire_load_factor.enabled) add("wire load", technology.wire_load_factor.figure);
  provenance_.push_back(dram_note(accelerator_));
}

Component CostModel::place_of(Action action) const {
  const Component component = component_of(action);
  const bool buffer = component == Component::ActBuffer || component == Component::OutputBuffer;
  return buffer && accelerator_.buffers.shared ? Component::WeightBuffer : component;
}

// Data energy of the layer's MACs, relative to random operands.
double CostModel::data_share(const LayerActivity& layer) const {
  const spec::PeSpec& pe = accelerator_.mac_array.pe;
  if (pe.zero_gating) return active_share(layer);
  if (!operand_energy_ || !layer.has_operand_rates()) return 1;
  return operand_energy_->ratio(
      {layer.precision.weight_bits, layer.precision.act_bits, pe.acc_bits},
      {layer.weight_density, layer.weight_bit_density, layer.weight_toggle_rate},
      {layer.act_density, layer.act_bit_density, layer.act_toggle_rate},
      layer.sum_toggle_rate < 0 ? std::nullopt
                                : std::optional<double>(layer.sum_toggle_rate * pe.acc_bits));
}

EnergyReport CostModel::energy(const LayerActivity& layer, double clock_mhz) const {
  BITSCALE_INVARIANT(clock_mhz > 0, "a layer without a clock");
  EnergyReport report{};
  for (std::size_t i = 0; i < kActionCount; ++i) {
    const auto action = static_cast<Action>(i);
    if (action == Action::Mac || action == Action::IdlePeCycle) continue;
    report.dynamic_pj[index(place_of(action))] += prices_[i] * static_cast<double>(layer.counts[i]);
  }
  if (accelerator_.pim) {
    report.dynamic_pj[index(Component::PimArray)] = Estimate::exact(
        pim_energy(*accelerator_.pim, accelerator_.pim->cost.source, layer).total_pj());
  }
  const spec::PeSpec& pe = accelerator_.mac_array.pe;
  if (layer.count(Action::Mac) > 0) {
    report.dynamic_pj[index(Component::MacArray)] +=
        pe_.mac_pj(layer.precision.weight_bits, layer.precision.act_bits, data_share(layer)) *
        static_cast<double>(layer.count(Action::Mac));
  }
  if (!pe.clock_gating) {
    report.idle_pj =
        pe_.idle_pj_per_cycle() * static_cast<double>(layer.count(Action::IdlePeCycle));
  }
  report.leakage_pj =
      leakage_mw_ * (static_cast<double>(layer.latency_cycles) / clock_mhz * kPjPerMwUs);
  return report;
}

}  // namespace bitscale::cost
