#include "arch/cost/pim_cost.h"

#include <algorithm>
#include <cmath>

#include "arch/base/error.h"

namespace bitscale::cost {
namespace {

constexpr double kPjPerFj = 1e-3;

// Share of the compute energy that gating leaves.
double active_share(const spec::PimArraySpec& pim, const LayerActivity& layer) {
  const auto density = [](bool gated, double measured) {
    return gated && measured >= 0 ? measured : 1;
  };
  return density(pim.gate_zero_acts, layer.act_density) *
         density(pim.gate_zero_weights, layer.weight_density);
}

// The same of the bits that were applied.
double active_share_of_applied(const spec::PimArraySpec& pim, const LayerActivity& layer) {
  return std::min(1.0, active_share(pim, layer) / pim_plane_share(layer));
}

// Between rows: log-log over the product of the widths, which is bits² on the rows.
double interpolated_fj(const std::vector<spec::PimMacEnergy>& rows, int weight_bits, int act_bits) {
  const double bits = std::sqrt(static_cast<double>(weight_bits) * act_bits);
  if (bits <= rows.front().bits) return rows.front().fj;
  for (std::size_t i = 1; i < rows.size(); ++i) {
    const spec::PimMacEnergy& low = rows[i - 1];
    const spec::PimMacEnergy& high = rows[i];
    if (bits > high.bits) continue;
    const double share =
        std::log(bits / low.bits) / std::log(static_cast<double>(high.bits) / low.bits);
    return low.fj * std::pow(high.fj / low.fj, share);
  }
  return rows.back().fj;
}

double components_pj(const spec::PimCostSpec& cost, const LayerActivity& layer) {
  const auto count = [&](Action action) { return static_cast<double>(layer.count(action)); };
  return kPjPerFj * (cost.weight_bit_fj() * count(Action::PimCellBit) +
                     cost.act_bit_fj() * count(Action::PimWordlineBit) +
                     cost.shift_add_fj * count(Action::PimShiftAddBit));
}

double analytical_pj(const spec::PimCostSpec& cost, const LayerActivity& layer) {
  const int bits = std::max(layer.precision.weight_bits, layer.precision.act_bits);
  return cost.mem_pj_per_bit * static_cast<double>(layer.count(Action::PimOperandBit)) +
         (cost.mac_pj_per_bit * bits + cost.mac_pj) *
             static_cast<double>(layer.count(Action::PimMac));
}

// What the energies under a pointer rest on, each source once.
std::string source_of(const spec::AcceleratorSpec& accelerator, const std::string& pointer) {
  std::vector<std::string> named;
  for (const auto& [given, source] : accelerator.sources) {
    const bool energy =
        given.find("um2") == std::string::npos && given.find("leakage") == std::string::npos;
    if (given.rfind(pointer, 0) != 0 || !energy) continue;
    if (std::find(named.begin(), named.end(), source) == named.end()) named.push_back(source);
  }
  std::string text;
  for (const std::string& source : named) text += (text.empty() ? "" : "; ") + source;
  return text.empty() ? "assumed" : text;
}

}  // namespace

double pim_plane_share(const LayerActivity& layer) {
  const auto bits = static_cast<double>(layer.count(Action::PimMac) * layer.precision.act_bits);
  return bits == 0 ? 1 : static_cast<double>(layer.count(Action::PimWordlineBit)) / bits;
}

double pim_mac_fj(const spec::PimCostSpec& cost, int weight_bits, int act_bits) {
  const int bits = std::max(weight_bits, act_bits);
  if (cost.per_mac.empty() || bits > cost.per_mac.back().bits) {
    throw base::UserError("pim/cost/per_mac", "has no row for MACs of " + std::to_string(bits) +
                                                  " bits; add one or price by another source");
  }
  if (!cost.round_up) return interpolated_fj(cost.per_mac, weight_bits, act_bits);
  return std::find_if(cost.per_mac.begin(), cost.per_mac.end(),
                      [bits](const spec::PimMacEnergy& row) { return row.bits >= bits; })
      ->fj;
}

PimEnergy pim_energy(const spec::PimArraySpec& pim, spec::PimCostSource source,
                     const LayerActivity& layer) {
  PimEnergy energy;
  if (layer.count(Action::PimMac) == 0) return energy;
  energy.write_pj =
      kPjPerFj * pim.cost.write_fj * static_cast<double>(layer.count(Action::PimWriteBit));
  switch (source) {
    case spec::PimCostSource::PerMacTable:
      energy.compute_pj =
          kPjPerFj * std::min(active_share(pim, layer), pim_plane_share(layer)) *
          pim_mac_fj(pim.cost, layer.precision.weight_bits, layer.precision.act_bits) *
          static_cast<double>(layer.count(Action::PimMac));
      break;
    case spec::PimCostSource::Components:
      energy.compute_pj = active_share_of_applied(pim, layer) * components_pj(pim.cost, layer);
      break;
    case spec::PimCostSource::Analytical:
      energy.compute_pj = analytical_pj(pim.cost, layer);
      break;
  }
  return energy;
}

PimEnergy pim_energy(const spec::PimArraySpec& pim, spec::PimCostSource source,
                     const std::vector<LayerActivity>& layers) {
  PimEnergy sum;
  for (const LayerActivity& layer : layers) {
    const PimEnergy energy = pim_energy(pim, source, layer);
    sum.compute_pj += energy.compute_pj;
    sum.write_pj += energy.write_pj;
  }
  return sum;
}

std::vector<std::pair<std::string, double>> pim_component_pj(
    const spec::PimArraySpec& pim, const std::vector<LayerActivity>& layers) {
  struct Part {
    const char* name;
    double fj;
    Action action;
  };
  const spec::PimCostSpec& cost = pim.cost;
  const Part parts[] = {{"cells", cost.cell_fj, Action::PimCellBit},
                        {"adder_tree", cost.adder_tree_fj, Action::PimCellBit},
                        {"shift_add", cost.shift_add_fj, Action::PimShiftAddBit},
                        {"drivers", cost.driver_fj, Action::PimWordlineBit},
                        {"decoder", cost.decoder_fj, Action::PimWordlineBit},
                        {"control", cost.control_fj, Action::PimWordlineBit},
                        {"registers", cost.register_fj, Action::PimWordlineBit},
                        {"wordlines", cost.wordline_fj, Action::PimWordlineBit},
                        {"writes", cost.write_fj, Action::PimWriteBit}};
  std::vector<std::pair<std::string, double>> energies;
  for (const Part& part : parts) {
    double sum = 0;
    for (const LayerActivity& layer : layers) {
      if (layer.count(Action::PimMac) == 0) continue;
      const double share =
          part.action == Action::PimWriteBit ? 1 : active_share_of_applied(pim, layer);
      sum += share * kPjPerFj * part.fj * static_cast<double>(layer.count(part.action));
    }
    energies.emplace_back(part.name, sum);
  }
  return energies;
}

PimArea pim_array_area(const spec::PimArraySpec& pim) {
  return {pim.cost.cell_um2 * static_cast<double>(pim.cells()),
          pim.cost.wordline_um2 * static_cast<double>(pim.wordlines),
          pim.cost.column_um2 * static_cast<double>(pim.bitlines)};
}

PimEnergy PimSourceCost::total() const {
  PimEnergy sum;
  for (const auto& [name, energy] : layers) {
    sum.compute_pj += energy.compute_pj;
    sum.write_pj += energy.write_pj;
  }
  return sum;
}

std::vector<PimSourceCost> pim_source_costs(const RunActivity& run) {
  constexpr std::pair<spec::PimCostSource, const char*> kSources[] = {
      {spec::PimCostSource::PerMacTable, "/pim/cost/per_mac"},
      {spec::PimCostSource::Components, "/pim/cost/components"},
      {spec::PimCostSource::Analytical, "/pim/cost/analytical"}};
  std::vector<PimSourceCost> costs;
  if (!run.accelerator.pim) return costs;
  for (const auto& [source, pointer] : kSources) {
    PimSourceCost cost;
    cost.source = source;
    cost.origin = source_of(run.accelerator, pointer);
    try {
      for (const LayerActivity& layer : run.layers) {
        if (layer.count(Action::PimMac) == 0) continue;
        cost.layers.emplace_back(layer.name, pim_energy(*run.accelerator.pim, source, layer));
      }
    } catch (const base::UserError& error) {  // a width beyond the table
      cost.layers.clear();
      cost.missing = error.what();
    }
    if (source == spec::PimCostSource::Components) {
      cost.parts_pj = pim_component_pj(*run.accelerator.pim, run.layers);
    }
    costs.push_back(std::move(cost));
  }
  return costs;
}

}  // namespace bitscale::cost
