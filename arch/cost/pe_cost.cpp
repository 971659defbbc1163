#include "arch/cost/pe_cost.h"

#include <algorithm>
#include <cmath>
#include <string>

namespace bitscale::cost {
namespace {

using spec::Dataflow;
using spec::PeKind;

constexpr int kSerialReferenceBits = 8;  // the activation width at which area × cycles was measured
constexpr int kFactorLevels = 2;         // levels of fusion for which the decomposable factors hold

/// narrow + share · (full − narrow).
Estimate between(const Estimate& narrow, const Estimate& full, const Estimate& share) {
  return {narrow.value + share.value * (full.value - narrow.value),
          narrow.low + share.low * (full.low - narrow.low),
          narrow.high + share.high * (full.high - narrow.high)};
}

/// Doublings from a 2-bit brick to the widest operand.
int fusion_levels(const spec::PeSpec& pe) {
  int levels = 0;
  while ((2 << levels) < std::max(pe.weight_bits, pe.act_bits)) ++levels;
  return levels;
}

/// The factors are those of an 8-bit unit of 2-bit bricks; no brick fused has neither.
Basis basis_of_levels(const spec::PeSpec& pe) {
  const int levels = fusion_levels(pe);
  if (levels == kFactorLevels) return Basis::Table;
  return levels < kFactorLevels ? Basis::Interpolated : Basis::Extrapolated;
}

/// 1 + (factor − 1) · levels / kFactorLevels. Elsewhere than at kFactorLevels the interval also has
/// what the factor would be if every level multiplied it alike, and if levels beyond the first
/// changed nothing.
Estimate by_levels(const Estimate& factor, int levels) {
  if (levels == 0) return Estimate::exact(1);
  const double share = static_cast<double>(levels) / kFactorLevels;
  const auto scaled = [share](double value) { return 1 + (value - 1) * share; };
  const auto least = [&](double value) {
    return std::min({scaled(value), std::pow(value, share), value});
  };
  const auto most = [&](double value) {
    return std::max({scaled(value), std::pow(value, share), value});
  };
  return {scaled(factor.value), least(factor.low), most(factor.high)};
}

/// Of a figure of decomposable PEs.
ProvenanceNote note_of_levels(const char* what, const Origin& origin, const spec::PeSpec& pe) {
  const Basis basis = basis_of_levels(pe);
  ProvenanceNote note = note_of(what, origin, basis);
  if (basis != Basis::Table && fusion_levels(pe) > 0) {
    note.source +=
        "; for " + std::to_string(fusion_levels(pe)) +
        " levels of fusion in proportion, the interval assumed: from no growth by levels to growth "
        "by the same factor each";
  }
  return note;
}

MacDesign fixed_design(Dataflow dataflow) {
  return dataflow == Dataflow::OutputStationary ? MacDesign::PeOutputStationary
                                                : MacDesign::PeWeightStationary;
}

MacDesign own_design(PeKind kind) {
  switch (kind) {
    case PeKind::Decomposable:
      return MacDesign::DecomposablePe;
    case PeKind::BitSerial:
      return MacDesign::BitSerialPe;
    case PeKind::Configurable:
      return MacDesign::ConfigurablePe;
    case PeKind::Fixed:
      break;
  }
  throw base::InternalError("a fixed PE has the design of its dataflow");
}

std::string widths_text(const MacWidths& widths) {
  return "w" + std::to_string(widths.weight_bits) + " a" + std::to_string(widths.act_bits) +
         " acc" + std::to_string(widths.acc_bits);
}

}  // namespace

PeCost::PeCost(const spec::MacArraySpec& array, const Technology& technology)
    : pe_(array.pe),
      dataflow_(array.dataflow),
      technology_(technology),
      area_surface_(technology.mac_area, MacQuantity::Area),
      energy_surface_(technology.mac_energy, MacQuantity::Energy) {
  if (!area_surface_.has(MacDesign::MacAccRegister) ||
      !energy_surface_.has(MacDesign::MacAccRegister)) {
    throw base::UserError("technology '" + technology.name + "'",
                          "mac_area and mac_energy need rows of mac_acc_register: the other "
                          "circuits are priced from them");
  }
  area_um2_ = find_area();
  energy_factor_ = find_kind_energy_factor();
  notes_.push_back(mac_note(pe_.weight_bits, pe_.act_bits));
  notes_.push_back(note_of("register clock energy", technology_.register_clock_pj_per_bit.origin));
}

MacWidths PeCost::full_widths() const { return {pe_.weight_bits, pe_.act_bits, pe_.acc_bits}; }

Estimate PeCost::fixed_area(int act_bits) {
  const MacWidths widths{pe_.weight_bits, act_bits, pe_.acc_bits};
  const MacDesign design = fixed_design(dataflow_);
  const bool own_rows = area_surface_.has(design);
  const MacReading reading =
      area_surface_.at(own_rows ? design : MacDesign::MacAccRegister, widths);
  notes_.push_back(note_of("pe area, " + widths_text(widths), area_surface_, reading.basis));
  Estimate area = reading.estimate;
  if (!own_rows) {
    area += technology_.register_area_um2_per_bit.estimate *
            static_cast<double>(pe_.weight_bits + act_bits);
  }
  if (pe_.overflow == numeric::OverflowPolicy::SaturateEachStep) {
    area +=
        technology_.saturation_area_um2_per_acc_bit.estimate * static_cast<double>(pe_.acc_bits);
    notes_.push_back(
        note_of("saturation area", technology_.saturation_area_um2_per_acc_bit.origin));
  }
  return area;
}

Estimate PeCost::find_area() {
  if (pe_.kind == PeKind::Fixed) return fixed_area(pe_.act_bits);
  if (const auto own = area_surface_.table_row(own_design(pe_.kind), full_widths())) {
    notes_.push_back(note_of("pe area, " + widths_text(full_widths()), area_surface_.origin()));
    return *own;
  }
  if (pe_.kind == PeKind::BitSerial) {
    notes_.push_back(note_of("bit-serial area", technology_.bit_serial_area_time_factor.origin));
    return fixed_area(kSerialReferenceBits) * technology_.bit_serial_area_time_factor.estimate *
           (1.0 / kSerialReferenceBits);
  }
  const Estimate fixed = fixed_area(pe_.act_bits);
  if (pe_.kind == PeKind::Decomposable) {
    notes_.push_back(
        note_of_levels("decomposable area", technology_.decomposable_area_factor.origin, pe_));
    return fixed * by_levels(technology_.decomposable_area_factor.estimate, fusion_levels(pe_));
  }
  notes_.push_back(note_of("configurable area", technology_.configurable_area_factor.origin));
  return fixed * technology_.configurable_area_factor.estimate;
}

Estimate PeCost::find_kind_energy_factor() {
  switch (pe_.kind) {
    case PeKind::Fixed:
      return Estimate::exact(1);
    case PeKind::Decomposable:
      notes_.push_back(note_of_levels("decomposable energy",
                                      technology_.decomposable_energy_factor.origin, pe_));
      return by_levels(technology_.decomposable_energy_factor.estimate, fusion_levels(pe_));
    case PeKind::BitSerial:
      notes_.push_back(note_of("bit-serial energy", technology_.bit_serial_energy_factor.origin));
      return technology_.bit_serial_energy_factor.estimate;
    case PeKind::Configurable:
      notes_.push_back(
          note_of("configurable energy", technology_.configurable_energy_factor.origin));
      return technology_.configurable_energy_factor.estimate;
  }
  throw base::InternalError("PE kind without an energy");
}

// Multiplier, adder and accumulator data at these operands, saturation included.
Estimate PeCost::data_pj(int weight_bits, int act_bits) const {
  const auto surface = [this](int weights, int acts) {
    return energy_surface_.estimate_at(MacDesign::MacAccRegister, {weights, acts, pe_.acc_bits},
                                       pe_.overflow);
  };
  Estimate data = between(surface(weight_bits, act_bits), surface(pe_.weight_bits, pe_.act_bits),
                          technology_.narrow_operand_share.estimate);
  if (pe_.overflow == numeric::OverflowPolicy::SaturateEachStep) {
    data += technology_.saturation_pj_per_acc_bit.estimate * static_cast<double>(pe_.acc_bits);
  }
  const SwitchedFigure& wires = technology_.wire_load_factor;
  return wires.enabled ? data * wires.figure.estimate : data;
}

// Operands handed on to the neighbouring PE: those that are not stationary.
Estimate PeCost::pass_pj(int weight_bits, int act_bits) const {
  int narrow = 0;
  int full = 0;
  if (dataflow_ != Dataflow::WeightStationary) {
    narrow += weight_bits;
    full += pe_.weight_bits;
  }
  if (dataflow_ != Dataflow::InputStationary) {
    narrow += act_bits;
    full += pe_.act_bits;
  }
  const Estimate& bit = technology_.register_data_pj_per_bit.estimate;
  return between(bit * static_cast<double>(narrow), bit * static_cast<double>(full),
                 technology_.narrow_operand_share.estimate);
}

// One cycle's clock of a fixed PE with this many activation bits.
Estimate PeCost::clock_pj(int act_bits) const {
  const Estimate clock = technology_.register_clock_pj_per_bit.estimate *
                         static_cast<double>(pe_.acc_bits + pe_.weight_bits + act_bits);
  const SwitchedFigure& tree = technology_.clock_tree_factor;
  return tree.enabled ? clock * tree.figure.estimate : clock;
}

Estimate PeCost::idle_pj_per_cycle() const {
  if (pe_.kind != PeKind::BitSerial) return clock_pj(pe_.act_bits) * energy_factor_;
  return clock_pj(kSerialReferenceBits) * energy_factor_ * (1.0 / kSerialReferenceBits);
}

Estimate PeCost::mac_pj(int weight_bits, int act_bits, double active_share) const {
  BITSCALE_INVARIANT(supports(pe_, weight_bits, act_bits), "operands wider than the PE");
  BITSCALE_INVARIANT(active_share >= 0, "energy is never negative");
  switch (pe_.kind) {
    case PeKind::Fixed:
      return data_pj(weight_bits, act_bits) * active_share + pass_pj(weight_bits, act_bits) +
             clock_pj(pe_.act_bits);
    case PeKind::BitSerial:
      return (data_pj(weight_bits, act_bits) * active_share + pass_pj(weight_bits, act_bits)) *
                 energy_factor_ +
             idle_pj_per_cycle() * static_cast<double>(act_bits);
    case PeKind::Decomposable:
    case PeKind::Configurable:
      break;
  }
  const Estimate clock = idle_pj_per_cycle();
  const auto own = energy_surface_.table_row(own_design(pe_.kind), full_widths());
  const Estimate data = own ? *own : data_pj(pe_.weight_bits, pe_.act_bits) * energy_factor_;
  const Estimate cycle =
      data * active_share + pass_pj(pe_.weight_bits, pe_.act_bits) * energy_factor_ + clock;
  return cycle * (1 / macs_per_pe_cycle(pe_, weight_bits, act_bits));
}

std::optional<double> PeCost::table_path_ns() const {
  const bool saturates = pe_.overflow == numeric::OverflowPolicy::SaturateEachStep;
  if (pe_.kind != PeKind::Fixed || saturates) return std::nullopt;
  return area_surface_.path_ns(fixed_design(dataflow_), full_widths());
}

double PeCost::delay_ns() const {
  if (const auto path_ns = table_path_ns()) return *path_ns;
  // Rows that the tree adds: partial products and the accumulator; a serial lane has one product.
  const int products = pe_.kind == PeKind::BitSerial ? 1 : std::min(pe_.weight_bits, pe_.act_bits);
  const double tree_rows = products + 1.0;
  const double levels =
      std::log(tree_rows / 2) / std::log(1.5) + std::log2(static_cast<double>(pe_.acc_bits));
  const double fixed_ns = technology_.mac_delay_base_ns.estimate.value +
                          technology_.mac_delay_level_ns.estimate.value * levels +
                          technology_.mac_delay_carry_ns.estimate.value * pe_.acc_bits;
  switch (pe_.kind) {
    case PeKind::Decomposable:
      return fixed_ns *
             by_levels(technology_.decomposable_delay_factor.estimate, fusion_levels(pe_)).value;
    case PeKind::Configurable:
      return fixed_ns * technology_.configurable_delay_factor.estimate.value;
    case PeKind::Fixed:
    case PeKind::BitSerial:
      break;
  }
  return fixed_ns;
}

ProvenanceNote PeCost::mac_note(int weight_bits, int act_bits) const {
  return note_of("mac energy, " + widths_text({weight_bits, act_bits, pe_.acc_bits}),
                 energy_surface_, energy_basis(weight_bits, act_bits));
}

Basis PeCost::energy_basis(int weight_bits, int act_bits) const {
  return energy_surface_.at(MacDesign::MacAccRegister, {weight_bits, act_bits, pe_.acc_bits}).basis;
}

}  // namespace bitscale::cost
