#include "workloads/exec/overflow_report.h"

#include <algorithm>

#include "arch/base/error.h"

namespace bitscale::exec {
namespace {

void widen(int data_type_bits, int l1_bits, int exact_bits, LayerBounds* bounds) {
  bounds->data_type_bits = std::max(bounds->data_type_bits, data_type_bits);
  bounds->l1_bits = std::max(bounds->l1_bits, l1_bits);
  bounds->exact_bits = std::max(bounds->exact_bits, exact_bits);
}

void add_channel(const ChannelOverflow& channel, LayerOverflow* layer) {
  const numeric::OverflowStats& acc = channel.account.acc;
  const numeric::OverflowStats& psum = channel.account.psum;
  layer->steps += acc.steps + psum.steps;
  layer->overflows += acc.overflows + psum.overflows;
  layer->outputs += acc.reductions;
  layer->lossy_outputs += channel.account.lossy_outputs;
  layer->max_abs_sum = std::max({layer->max_abs_sum, acc.max_abs_sum(), psum.max_abs_sum()});
  layer->observed_acc_bits = std::max(layer->observed_acc_bits, acc.observed_bits());
  if (psum.steps > 0) {
    layer->observed_psum_bits = std::max(layer->observed_psum_bits, psum.observed_bits());
  }
  layer->observed_bits =
      std::max({layer->observed_bits, acc.observed_bits(), psum.observed_bits()});
  const MacBounds& bounds = channel.bounds;
  widen(bounds.data_type_bits(), bounds.l1_bits(), bounds.exact_bits(), &layer->bounds);
  widen(bounds.codes.data_type_bits, bounds.codes.l1_bits, bounds.codes.exact_bits,
        &layer->code_bounds);
}

bool has_constant_weights(const MacLayer* mac) {
  return mac != nullptr && !mac->layer().weights_are_activations();
}

}  // namespace

double LayerOverflow::overflow_rate() const {
  return steps == 0 ? 0.0 : static_cast<double>(overflows) / static_cast<double>(steps);
}

std::vector<LayerOverflow> overflow_report(const IntegerExecutor& executor,
                                           const RunRecord& record) {
  const model::QuantizedGraph& graph = executor.graph();
  std::vector<LayerOverflow> report;
  for (std::size_t n = 0; n < graph.nodes.size(); ++n) {
    const MacLayer* mac = executor.mac(n);
    if (!has_constant_weights(mac)) continue;
    LayerOverflow layer;
    layer.node = n;
    layer.name = graph.nodes[n].name;
    layer.order = mac->options().order;
    const std::vector<numeric::ChannelAccount>& accounts = record.nodes[n].accounts;
    BITSCALE_INVARIANT(static_cast<std::int64_t>(accounts.size()) == mac->layer().out_channels,
                       "an overflow report needs a record with accounts");
    for (std::size_t c = 0; c < accounts.size(); ++c) {
      layer.channels.push_back(
          {accounts[c], mac_bounds(*mac, graph, static_cast<std::int64_t>(c))});
      add_channel(layer.channels.back(), &layer);
    }
    layer.corrected = needs_correction(*mac, graph);
    layer.guaranteed = mac_guaranteed_bits(*mac, graph, layer.order);
    report.push_back(std::move(layer));
  }
  return report;
}

std::vector<numeric::ReductionOrder> guaranteed_orders(
    const IntegerExecutor& executor, numeric::OverflowPolicy policy,
    const std::vector<numeric::ReductionOrder>& orders) {
  const model::QuantizedGraph& graph = executor.graph();
  std::vector<numeric::ReductionOrder> guaranteed;
  for (std::size_t n = 0; n < graph.nodes.size(); ++n) {
    numeric::ReductionOrder order = order_of(orders, n);
    numeric::GuaranteedBits bits{numeric::kMaxAccBits, numeric::kMaxAccBits};
    const MacLayer* mac = executor.mac(n);
    if (has_constant_weights(mac)) bits = mac_guaranteed_bits(*mac, graph, order);
    if (bits.psum_bits > numeric::kMaxAccBits) {
      throw base::UserError("node '" + graph.nodes[n].name + "'",
                            "no overflow is guaranteed from " + std::to_string(bits.psum_bits) +
                                " bits only, accumulators have at most " +
                                std::to_string(numeric::kMaxAccBits) + "; choose a width");
    }
    order.acc_bits = bits.acc_bits;
    order.psum_bits = bits.psum_bits;
    order.policy = policy;
    guaranteed.push_back(std::move(order));
  }
  return guaranteed;
}

}  // namespace bitscale::exec
