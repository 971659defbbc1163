// Accumulators of layers on a design: a rule of the precision may not ask for more bits than the
// PE's register has; a layer that no rule gives acc_bits gets the usual ones, or the PE's where
// those are fewer, and its psum_bits follow.
#ifndef BITSCALE_SIM_RUN_ACCUMULATORS_H_
#define BITSCALE_SIM_RUN_ACCUMULATORS_H_

#include <string>
#include <vector>

#include "arch/spec/mac_array.h"
#include "workloads/model/precision_plan.h"

namespace bitscale::run {

/// Whether no rule of the plan asks for more accumulator bits than the PE has.
bool accumulators_fit(const model::PrecisionPlan& plan, const spec::PeSpec& pe);

/// A problem for every such rule. `precision` reads the plan's document.
void check_accumulators(const model::PrecisionPlan& plan, const spec::PeSpec& pe,
                        base::JsonReader& precision);

/// The widths of every layer. Throws UserError as model::resolve_precision() does.
std::vector<numeric::Precision> precisions_on(const spec::PeSpec& pe,
                                              const model::PrecisionPlan& plan,
                                              const model::Network& network);
/// The same, adding problems of a plan that may have been read with some (precision_plan.h).
std::vector<numeric::Precision> precisions_on(const spec::PeSpec& pe,
                                              const model::PrecisionPlan& plan,
                                              const model::Network& network,
                                              base::Problems& problems);

/// What a reader of the report should know: layers whose accumulator is narrower than usual because
/// the PE's is. Empty where there are none.
std::string accumulator_note(const spec::PeSpec& pe, const model::PrecisionPlan& plan,
                             const model::Network& network,
                             const std::vector<numeric::Precision>& precisions);

/// The same for saturate_at_end, whose register must hold every exact sum: of shapes without codes
/// it is priced at acc_bits. Empty under other policies.
std::string exact_register_note(const spec::PeSpec& pe);

}  // namespace bitscale::run

#endif  // BITSCALE_SIM_RUN_ACCUMULATORS_H_
