#include "sim/report/pim_notes.h"

#include <algorithm>

namespace bitscale::report {
namespace {

bool on_pim(const cost::LayerActivity& layer) { return layer.count(cost::Action::PimMac) > 0; }

// Bits that hold every sum of a full column: weight_bits + act_bits + ceil(log2 wordlines).
int column_bits(const spec::PimArraySpec& pim, const numeric::Precision& precision) {
  int line_bits = 0;
  while ((std::int64_t{1} << line_bits) < pim.wordlines) ++line_bits;
  return precision.weight_bits + precision.act_bits + line_bits;
}

std::string accumulator_note(const spec::PimArraySpec& pim,
                             const std::vector<cost::LayerActivity>& layers) {
  int narrow = 0, most = 0;
  for (const cost::LayerActivity& layer : layers) {
    if (!on_pim(layer) || column_bits(pim, layer.precision) <= pim.acc_bits) continue;
    ++narrow;
    most = std::max(most, column_bits(pim, layer.precision));
  }
  if (narrow == 0) return "";
  return "The shift-add accumulators of the PIM arrays have " + std::to_string(pim.acc_bits) +
         " bits; a full column of " + std::to_string(narrow) + " layers there can need up to " +
         std::to_string(most) + ": sums may overflow. Runs with tensors count it.";
}

}  // namespace

std::vector<std::string> pim_notes(const cost::RunActivity& run) {
  std::vector<std::string> notes;
  if (!run.accelerator.pim) return notes;
  const spec::PimArraySpec& pim = *run.accelerator.pim;
  if (std::none_of(run.layers.begin(), run.layers.end(), on_pim)) {
    notes.push_back("No layer runs on the design's " + std::to_string(pim.arrays) +
                    " PIM arrays (their widths, pim/layers and pim/assignment decide): their area "
                    "and leakage are counted all the same.");
    return notes;
  }
  const std::string narrow = accumulator_note(pim, run.layers);
  if (!narrow.empty()) notes.push_back(narrow);
  if (pim.sign == numeric::SliceSign::Offset) {
    notes.emplace_back(
        "PIM arrays with sign = offset have the price of two's complement. Synthesized with its "
        "correction (a count of the activation bits, one more addend), rtl/pim_array.sv takes 0.92 "
        "to 1.05 times that energy per MAC and 0.92 to 0.97 times that area "
        "(arch/cost/README.md).");
  }
  notes.emplace_back(
      "The mapping is chosen anew for every pair of widths: where a width grows its objective does "
      "not fall, other figures may by a few percent (sim/mapping/README.md); --mapping replays one "
      "mapping, under which neither cycles nor energy fall.");
  return notes;
}

}  // namespace bitscale::report
