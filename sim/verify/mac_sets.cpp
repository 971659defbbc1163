// The named sets with operands in every cycle: mac_unit, and the units with a protocol of their
// own.
#include <algorithm>

#include "rtl/cosim/mac_check.h"
#include "rtl/cosim/unit_check.h"
#include "sim/verify/cosim_run.h"
#include "sim/verify/digits_vectors.h"

namespace bitscale::verify {
namespace {

/// Position of each wanted set among all of its bank.
std::size_t position(const std::vector<cosim::NamedSet>& bank, const std::string& name) {
  const auto found = std::find_if(bank.begin(), bank.end(),
                                  [&](const cosim::NamedSet& set) { return set.name == name; });
  return static_cast<std::size_t>(found - bank.begin());
}

}  // namespace

std::vector<SetOutcome> check_mac_sets(const std::vector<cosim::NamedSet>& sets,
                                       const CosimInputs& inputs) {
  const auto model = cosim::make_mac_bank();
  const std::vector<cosim::NamedSet> bank = cosim::named_sets_of("mac_unit");
  std::vector<cosim::MacUnderTest> macs;
  macs.reserve(sets.size());
  for (const cosim::NamedSet& set : sets) {
    macs.push_back({position(bank, set.name), cosim::mac_spec(set)});
  }
  std::vector<cosim::MacOperands> vectors =
      cosim::mac_vectors(macs, inputs.vectors, inputs.seed, model->can_preload());
  append_digits(inputs.digits, macs, vectors);
  const cosim::MacCheckReport report = cosim::check_macs(*model, macs, vectors, inputs.seed);
  std::vector<SetOutcome> outcomes;
  for (std::size_t i = 0; i < sets.size(); ++i) {
    const cosim::MacSpec& mac = macs[i].spec;
    SetOutcome outcome = outcome_of(sets[i]);
    outcome.vectors = report.vectors;
    outcome.digits_vectors = held_macs(inputs.digits, mac);
    outcome.mismatches = report.results[i].mismatches;
    outcome.coverage = report.results[i].coverage;
    outcome.corners =
        cosim::count_corners(outcome.coverage, mac.weights.codes().is_signed, mac.acts.is_signed);
    outcome.count_ends({mac.can_rise(), mac.can_fall()});
    outcome.failure = report.results[i].failure;
    outcomes.push_back(std::move(outcome));
  }
  return outcomes;
}

std::vector<SetOutcome> check_unit_sets(const std::vector<cosim::NamedSet>& sets,
                                        const CosimInputs& inputs) {
  const auto model = cosim::make_unit_bank();
  const std::vector<cosim::NamedSet> bank = cosim::unit_sets();
  std::vector<cosim::UnitUnderTest> units;
  units.reserve(sets.size());
  for (const cosim::NamedSet& set : sets) units.push_back({position(bank, set.name), set});
  std::vector<cosim::UnitInputs> cycles = cosim::unit_inputs(inputs.vectors, inputs.seed);
  append_digits(inputs.digits, cycles);
  const cosim::UnitCheckReport report = cosim::check_units(*model, units, cycles, inputs.seed);
  std::vector<SetOutcome> outcomes;
  for (std::size_t i = 0; i < sets.size(); ++i) {
    SetOutcome outcome = outcome_of(sets[i]);
    outcome.vectors = report.cycles;
    outcome.digits_vectors = held_macs(inputs.digits, sets[i]);
    outcome.mismatches = report.results[i].mismatches;
    outcome.coverage = report.results[i].coverage;
    // Their operands are signed or not by the cycle; a bare accumulator has addends alone.
    outcome.corners = cosim::count_corners(outcome.coverage, true, true);
    if (sets[i].module == "narrow_accumulator") {
      outcome.corners.possible = 4;
    } else if (sets[i].module == "bit_serial_mac" && sets[i].get("WeightSigned", 1) == 0) {
      outcome.corners.possible = 7;
    }
    outcome.count_ends({true, true});
    outcome.failure = report.results[i].failure;
    outcomes.push_back(std::move(outcome));
  }
  return outcomes;
}

}  // namespace bitscale::verify
