#include "sim/sweep/own_waterfall.h"

#include "sim/run/gain.h"

namespace bitscale::sweep {
namespace {

constexpr const char* kOwnTiles = "with the baseline's tiles, nothing resident";

}  // namespace

OwnWaterfall own_waterfall(const run::RunConfig& config, const cost::CostModel& prices,
                           const mapping::TaskGraph& graph,
                           const mapping::NetworkMapping& mapping) {
  const run::OwnGain gain = run::own_gain(config, prices, graph, mapping);
  OwnWaterfall own;
  own.reason = gain.reason;
  if (!gain.reason.empty()) return own;
  const run::GainFactors& factors = gain.factors;
  report::GainWaterfall& waterfall = own.waterfall.emplace();
  waterfall.baseline = "its estimate with weights of " + std::to_string(gain.weight_bits) +
                       " and activations of " + std::to_string(gain.act_bits) +
                       " bits, as wide as the PEs take" +
                       (config.accelerator.pim ? " (16 on PIM arrays)" : "");
  waterfall.subject = "the analytic estimate of this run";
  waterfall.steps = {
      {"peak", factors.peak, "MACs per cycle, of the layer that gains most"},
      {"other layers", factors.other_layers, "layers that gain less, weighted by ideal cycles"},
      {"utilization", factors.utilization, std::string("array fill, drain and edges ") + kOwnTiles},
      {"DRAM", factors.dram, std::string("stalls ") + kOwnTiles},
      {"tile reuse", factors.tile_reuse, "tiles of its own in the same buffers"},
      {"residency", factors.residency,
       "what staying on chip gains, over what it gave the baseline; below 1 where that was more"}};
  return own;
}

}  // namespace bitscale::sweep
