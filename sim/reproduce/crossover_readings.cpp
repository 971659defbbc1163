// Other operating points of the crossover's PIM macro.
#include "arch/cost/scaling.h"
#include "sim/reproduce/crossover.h"

namespace bitscale::reproduce {
namespace {

// Where the macro's silicon was measured (Colonnade, JSSC 2021).
constexpr cost::ProcessPoint kSilicon{65, 0.8, cost::Device::HighPerformance};

}  // namespace

std::vector<PimReading> pim_readings(const spec::AcceleratorSpec& pim,
                                     const cost::Technology& tech) {
  PimReading silicon{"silicon",
                     "the macro as it was measured, 65 nm and 0.8 V: the clock and the component "
                     "model's energies of that point; areas and the other sources' energies stay",
                     pim};
  silicon.design.clock_mhz *= cost::delay_scale(kSilicon, tech.point);
  const double energy = cost::energy_scale(kSilicon, tech.point);
  spec::PimCostSpec& cost = silicon.design.pim->cost;
  for (double* const part : {&cost.cell_fj, &cost.adder_tree_fj, &cost.driver_fj, &cost.decoder_fj,
                             &cost.control_fj, &cost.register_fj, &cost.wordline_fj}) {
    *part /= energy;
  }
  PimReading no_leakage{"no_leakage", "the macro's leakage, which is assumed, left out", pim};
  no_leakage.design.pim->cost.leakage_mw_per_mm2 = 0;
  return {silicon, no_leakage};
}

}  // namespace bitscale::reproduce
