#include "sim/cli/tensor_points.h"

#include <algorithm>

#include "sim/run/pim_planes.h"
#include "sim/run/plan.h"
#include "workloads/model/quantized_precision.h"

namespace bitscale::cli {

run::RunRequest TensorPoints::request() const {
  run::RunRequest request = request_from(options_);
  request.config = "";  // it named the tensors
  request.network = request.precision = "";
  return request;
}

base::Problems TensorPoints::design_problems() const {
  return run::load_all(request(), session_.catalog, run::Scope::Tensors).problems;
}

TensorPoint TensorPoints::at(int bits) const {
  return point_at(Widths(graph_.nodes.size(), numeric::GuaranteedBits{bits, bits}));
}

// Automatic widths depend on the passes of a mapping, which depends on the widths of partial sums
// only; those are the same however a reduction is cut.
TensorPoint TensorPoints::main() const {
  if (setting_.kind != AccumulatorKind::Automatic) return at(setting_.high);
  TensorPoint point = point_at(guaranteed_widths({}));
  if (setting_.order == SumOrder::Whole) return point;
  return point_at(guaranteed_widths(point.orders));
}

TensorPoints::Widths TensorPoints::guaranteed_widths(
    const std::vector<numeric::ReductionOrder>& orders) const {
  const exec::IntegerExecutor executor(graph_, {});
  Widths widths;
  for (const numeric::ReductionOrder& order :
       exec::guaranteed_orders(executor, numeric::OverflowPolicy::Wrap, orders)) {
    widths.push_back({std::max(order.acc_bits, numeric::kMinAccBits),
                      std::max(order.psum_bits, numeric::kMinAccBits)});
  }
  return widths;
}

// The PE's register (and a PIM column's) holds the widest of the layers. Layers on real numbers sum
// in the register the design gives them: nothing says what fewer bits would do to them.
run::RunConfig TensorPoints::config_at(const Widths& widths, const Widths& exact) const {
  run::GivenNetwork given{graph_.network, model::layer_precisions(graph_), "tensors"};
  run::RunRequest request = this->request();
  run::Loaded asked = run::load_all(request, session_.catalog, run::Scope::Tensors, &given);
  asked.config.inputs.insert(asked.config.inputs.begin(), {"network", path_});
  if (!asked.problems.empty() && setting_.kind == AccumulatorKind::Design) {
    run::judge_plan(asked.config, asked.settled, asked.problems);
  }
  asked.problems.throw_if_any();
  const spec::AcceleratorSpec& design = asked.config.accelerator;
  const auto set = [&](const std::string& member, const std::string& value) {
    request.sets.push_back("/arch/mac_array/pe/" + member + '=' + value);
    if (design.pim) request.sets.push_back("/arch/pim/" + member + '=' + value);
  };
  if (setting_.kind != AccumulatorKind::Design) {
    int widest = graph_.float_macs.empty() ? numeric::kMinAccBits : design.mac_array.pe.acc_bits;
    for (std::size_t n = 0; n < graph_.nodes.size(); ++n) {
      if (graph_.nodes[n].op != model::QuantizedOp::Mac) continue;
      numeric::Precision& precision =
          given.precisions[static_cast<std::size_t>(graph_.nodes[n].layer)];
      precision.acc_bits = widths[n].acc_bits;
      precision.psum_bits = widths[n].psum_bits;
      widest = std::max(widest, widths[n].acc_bits);
    }
    set("acc_bits", std::to_string(widest));
  }
  if (!exact.empty()) {  // what leaves the array keeps its bits
    int widest = numeric::kMinAccBits;
    for (std::size_t n = 0; n < graph_.nodes.size(); ++n) {
      if (graph_.nodes[n].op != model::QuantizedOp::Mac) continue;
      numeric::Precision& precision =
          given.precisions[static_cast<std::size_t>(graph_.nodes[n].layer)];
      if (setting_.kind == AccumulatorKind::Design) {
        precision.acc_bits = std::min(precision.acc_bits, design.mac_array.pe.acc_bits);
      }
      precision.psum_bits = exact[n].psum_bits;
      widest = std::max(widest, exact[n].acc_bits);
    }
    request.sets.push_back("/arch/mac_array/pe/acc_bits=" + std::to_string(widest));
  }
  if (setting_.policy) {
    set("overflow", '"' + std::string(numeric::kOverflowPolicyNames.name(*setting_.policy)) + '"');
  }
  run::RunConfig config = run::load_config(request, session_.catalog, given);
  config.inputs.insert(config.inputs.begin(), {"network", path_});
  set_planes(config);
  return config;
}

void TensorPoints::set_planes(run::RunConfig& config) const {
  const std::optional<spec::PimArraySpec>& pim = config.accelerator.pim;
  if (!pim || !pim->skip_zero_planes || inputs_ == nullptr) return;
  if (planes_.empty()) planes_ = run::measure_pim_planes(*pim, graph_, *inputs_, samples_);
  config.pim_planes = planes_;
}

// What is clamped only at its end is summed exactly until then: the register must hold every sum.
TensorPoint TensorPoints::point_at(const Widths& widths) const {
  TensorPoint point = mapped_point(widths, {});
  const spec::PeSpec& pe = point.mapped.config.accelerator.mac_array.pe;
  if (pe.overflow != numeric::OverflowPolicy::SaturateAtEnd) return point;
  const std::vector<numeric::ReductionOrder> orders = point.orders;
  point = mapped_point(widths, exact_widths(point));
  for (std::size_t n = 0; n < orders.size(); ++n) {  // results are clamped to these
    point.orders[n].acc_bits = orders[n].acc_bits;
    point.orders[n].psum_bits = orders[n].psum_bits;
  }
  const int register_bits = point.mapped.config.accelerator.mac_array.pe.acc_bits;
  point.register_bits = register_bits;
  point.notes.push_back(
      "saturate_at_end clamps results to acc_bits as they leave the array; the "
      "register that sums them exactly until then has " +
      std::to_string(register_bits) +
      " bits, which no input can overflow, and is priced so, as are partial sums that "
      "leave before their end");
  return point;
}

TensorPoints::Widths TensorPoints::exact_widths(const TensorPoint& point) const {
  const exec::IntegerExecutor executor(graph_, {});
  const int design = point.mapped.config.accelerator.mac_array.pe.acc_bits;
  Widths exact;
  for (std::size_t n = 0; n < graph_.nodes.size(); ++n) {
    const numeric::ReductionOrder& order = point.orders[n];
    numeric::GuaranteedBits bits{design, order.psum_bits};
    const exec::MacLayer* mac = executor.mac(n);
    if (mac != nullptr && !order.narrow_chunks) {  // PIM columns keep their own registers
      numeric::GuaranteedBits needed{numeric::kMaxAccBits, numeric::kMaxAccBits};
      if (!mac->layer().weights_are_activations()) {
        needed = exec::mac_guaranteed_bits(*mac, graph_, order);
      }
      bits.acc_bits = std::clamp(needed.acc_bits, bits.acc_bits, numeric::kMaxAccBits);
      bits.psum_bits = std::clamp(needed.psum_bits, bits.psum_bits, numeric::kMaxAccBits);
    }
    exact.push_back(bits);
  }
  return exact;
}

TensorPoint TensorPoints::mapped_point(const Widths& widths, const Widths& exact) const {
  TensorPoint point{run::plan_run(config_at(widths, exact)), {}, {}, {}};
  const MappedRun& mapped = point.mapped;
  point.orders = mapping_orders(graph_, mapped.graph, mapped.mapping, mapped.config.accelerator);
  const bool given = setting_.kind != AccumulatorKind::Design;
  for (std::size_t n = 0; n < graph_.nodes.size(); ++n) {
    if (graph_.nodes[n].op != model::QuantizedOp::Mac) continue;
    numeric::ReductionOrder& order = point.orders[n];
    if (given) order.acc_bits = widths[n].acc_bits;
    if (setting_.order == SumOrder::Whole) order.join_chunks();
  }
  const auto& tasks = mapped.graph.tasks;
  const bool pim = std::any_of(tasks.begin(), tasks.end(),
                               [](const mapping::Task& task) { return task.on_pim; });
  if (given && pim) {
    point.notes.emplace_back(
        "energy and area of PIM arrays do not depend on --acc-bits: their prices know no "
        "accumulator width");
  }
  return point;
}

}  // namespace bitscale::cli
