// What provenance calls the model of operand_energy.h; its source there has the model's error.
//
// The model knows operands, not the toggles of their sums (runs measure operands; rtl/synth has a
// second model with them, which misses less than half as much): its error against gate-level
// simulation is in the technology's mac_activity.source and printed wherever its energy is.
#ifndef BITSCALE_ARCH_COST_ACTIVITY_NOTE_H_
#define BITSCALE_ARCH_COST_ACTIVITY_NOTE_H_

namespace bitscale::cost {

inline constexpr char kOperandStatisticsNote[] = "mac energy by operand statistics";

}  // namespace bitscale::cost

#endif  // BITSCALE_ARCH_COST_ACTIVITY_NOTE_H_
