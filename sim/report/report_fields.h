// The one list of report fields: writer, reader, CSV and HTML visit it, so they cannot drift apart.
// A visitor is called as visit(key, member) for every member, keys as in report.json.
#ifndef BITSCALE_SIM_REPORT_REPORT_FIELDS_H_
#define BITSCALE_SIM_REPORT_REPORT_FIELDS_H_

#include "sim/report/report.h"

namespace bitscale::report {

template <class Object, class Visitor>  // Object: Totals or const Totals
void visit_totals(Object& totals, Visitor&& visit) {
  visit("batch", totals.batch);
  visit("macs", totals.macs);
  visit("latency_cycles", totals.latency_cycles);
  visit("latency_ms", totals.latency_ms);
  visit("inferences_per_second", totals.inferences_per_second);
  visit("compute_cycles", totals.compute_cycles);
  visit("stall_cycles", totals.stall_cycles);
  visit("dram_stall_cycles", totals.dram_stall_cycles);
  visit("other_stall_cycles", totals.other_stall_cycles);
  visit("energy_pj", totals.energy_pj);
  visit("dynamic_energy_pj", totals.dynamic_energy_pj);
  visit("idle_energy_pj", totals.idle_energy_pj);
  visit("leakage_energy_pj", totals.leakage_energy_pj);
  visit("dram_energy_pj", totals.dram_energy_pj);
  visit("dram_bytes", totals.dram_bytes);
  visit("utilization", totals.utilization);
  visit("tops", totals.tops);
  visit("tops_per_watt", totals.tops_per_watt);
}

template <class Object, class Visitor>
void visit_steady(Object& steady, Visitor&& visit) {
  visit("latency_cycles", steady.latency_cycles);
  visit("latency_ms", steady.latency_ms);
  visit("energy_pj", steady.energy_pj);
  visit("dram_bytes", steady.dram_bytes);
  visit("utilization", steady.utilization);
  visit("tops", steady.tops);
  visit("tops_per_watt", steady.tops_per_watt);
}

/// Everything of a layer but its energy parts. Optional members are omitted when unset.
template <class Object, class Visitor>
void visit_layer(Object& layer, Visitor&& visit) {
  visit("name", layer.name);
  visit("kind", layer.kind);
  visit("unit", layer.unit);
  visit("weight_bits", layer.weight_bits);
  visit("act_bits", layer.act_bits);
  visit("output_bits", layer.output_bits);
  visit("acc_bits", layer.acc_bits);
  visit("psum_bits", layer.psum_bits);
  visit("macs", layer.macs);
  visit("padding_macs", layer.padding_macs);
  visit("tiles", layer.tiles);
  visit("compute_cycles", layer.compute_cycles);
  visit("stall_cycles", layer.stall_cycles);
  visit("dram_stall_cycles", layer.dram_stall_cycles);
  visit("other_stall_cycles", layer.other_stall_cycles);
  visit("latency_cycles", layer.latency_cycles);
  visit("ideal_cycles", layer.ideal_cycles);
  visit("energy_pj", layer.energy_pj);
  visit("dram_bytes", layer.dram_bytes);
  visit("utilization", layer.utilization);
  visit("mapping_utilization", layer.mapping_utilization);
  visit("act_density", layer.act_density);
  visit("weight_density", layer.weight_density);
  visit("analytic_latency_cycles", layer.analytic_latency_cycles);
}

template <class Object, class Visitor>
void visit_design(Object& design, Visitor&& visit) {
  visit("architecture", design.architecture);
  visit("network", design.network);
  visit("technology", design.technology);
  visit("precision", design.precision);
  visit("engine", design.engine);
  visit("clock_mhz", design.clock_mhz);
  visit("cores", design.cores);
  visit("rows", design.rows);
  visit("cols", design.cols);
  visit("dataflow", design.dataflow);
  visit("pe_kind", design.pe_kind);
  visit("pe_weight_bits", design.pe_weight_bits);
  visit("pe_act_bits", design.pe_act_bits);
  visit("pe_acc_bits", design.pe_acc_bits);
  visit("overflow_policy", design.overflow_policy);
  visit("buffer_bytes", design.buffer_bytes);
  visit("dram_infinite", design.dram_infinite);
  visit("dram_bandwidth_gbps", design.dram_bandwidth_gbps);
  visit("residency", design.residency);
  visit("pim_arrays", design.pim_arrays);
  visit("pim_wordlines", design.pim_wordlines);
  visit("pim_bitlines", design.pim_bitlines);
  visit("pim_acc_bits", design.pim_acc_bits);
}

template <class Object, class Visitor>
void visit_accumulator(Object& use, Visitor&& visit) {
  visit("layer", use.layer);
  visit("acc_bits", use.acc_bits);
  visit("policy", use.policy);
  visit("psum_bits", use.psum_bits);
  visit("chunk_length", use.chunk_length);
  visit("data_type_bound_bits", use.data_type_bound_bits);
  visit("l1_bound_bits", use.l1_bound_bits);
  visit("exact_bound_bits", use.exact_bound_bits);
  visit("code_data_type_bound_bits", use.code_data_type_bound_bits);
  visit("code_l1_bound_bits", use.code_l1_bound_bits);
  visit("code_exact_bound_bits", use.code_exact_bound_bits);
  visit("register_bits", use.register_bits);
  visit("l1_slack_bits", use.l1_slack_bits);
  visit("guaranteed_acc_bits", use.guaranteed_acc_bits);
  visit("guaranteed_psum_bits", use.guaranteed_psum_bits);
  visit("outputs", use.outputs);
  visit("overflowed_outputs", use.overflowed_outputs);
  visit("steps", use.steps);
  visit("overflows", use.overflows);
  visit("overflow_rate", use.overflow_rate);
  visit("max_abs_partial_sum", use.max_abs_partial_sum);
  visit("observed_bits", use.observed_bits);
  visit("wasted_bits", use.wasted_bits);
  visit("psum_observed_bits", use.psum_observed_bits);
  visit("psum_wasted_bits", use.psum_wasted_bits);
  visit("act_sum_bits", use.act_sum_bits);
  visit("corrected_bits", use.corrected_bits);
  visit("requantized_outputs", use.requantized_outputs);
  visit("requantized_differing", use.requantized_differing);
  visit("requantized_max_difference", use.requantized_max_difference);
}

template <class Object, class Visitor>
void visit_channel(Object& channel, Visitor&& visit) {
  visit("l1_norm", channel.l1_norm);
  visit("data_type_bound_bits", channel.data_type_bound_bits);
  visit("l1_bound_bits", channel.l1_bound_bits);
  visit("exact_bound_bits", channel.exact_bound_bits);
  visit("l1_slack_bits", channel.l1_slack_bits);
  visit("steps", channel.steps);
  visit("overflows", channel.overflows);
  visit("overflow_rate", channel.overflow_rate);
  visit("overflowed_outputs", channel.overflowed_outputs);
  visit("max_abs_partial_sum", channel.max_abs_partial_sum);
  visit("observed_bits", channel.observed_bits);
  visit("wasted_bits", channel.wasted_bits);
  visit("psum_observed_bits", channel.psum_observed_bits);
  visit("psum_wasted_bits", channel.psum_wasted_bits);
  visit("first_overflow_output", channel.first_overflow_output);
  visit("first_overflow_step", channel.first_overflow_step);
}

template <class Object, class Visitor>
void visit_activity(Object& activity, Visitor&& visit) {
  visit("layer", activity.layer);
  visit("activation_density", activity.activation_density);
  visit("zero_act_rate", activity.zero_act_rate);
  visit("zero_weight_rate", activity.zero_weight_rate);
  visit("zero_operand_rate", activity.zero_operand_rate);
  visit("act_toggle_rate", activity.act_toggle_rate);
  visit("weight_toggle_rate", activity.weight_toggle_rate);
  visit("act_bit_density", activity.act_bit_density);
  visit("weight_bit_density", activity.weight_bit_density);
  visit("energy_pj", activity.energy_pj);
  visit("fixed_activity_energy_pj", activity.fixed_activity_energy_pj);
}

template <class Object, class Visitor>
void visit_accumulator_point(Object& point, Visitor&& visit) {
  visit("acc_bits", point.acc_bits);
  visit("overflow", point.overflow);
  visit("top1", point.top1);
  visit("overflow_rate", point.overflow_rate);
  visit("overflowed_output_rate", point.overflowed_output_rate);
  visit("energy_pj", point.energy_pj);
  visit("area_um2", point.area_um2);
  visit("latency_cycles", point.latency_cycles);
}

template <class Object, class Visitor>
void visit_pim_cost(Object& cost, Visitor&& visit) {
  visit("source", cost.source);
  visit("origin", cost.origin);
  visit("prices_report", cost.prices_report);
  visit("resident_pj", cost.resident_pj);
  visit("reloaded_pj", cost.reloaded_pj);
  visit("missing", cost.missing);
}

template <class Object, class Visitor>
void visit_pim_layer_cost(Object& layer, Visitor&& visit) {
  visit("layer", layer.layer);
  visit("resident_pj", layer.resident_pj);
  visit("reloaded_pj", layer.reloaded_pj);
}

template <class Object, class Visitor>
void visit_pim_part_cost(Object& part, Visitor&& visit) {
  visit("part", part.part);
  visit("energy_pj", part.energy_pj);
}

template <class Object, class Visitor>
void visit_accuracy(Object& accuracy, Visitor&& visit) {
  visit("samples", accuracy.samples);
  visit("top1", accuracy.top1);
  visit("reference", accuracy.reference);
  visit("dataset", accuracy.dataset);
  visit("source", accuracy.source);
}

template <class Object, class Visitor>
void visit_source(Object& source, Visitor&& visit) {
  visit("what", source.what);
  visit("status", source.status);
  visit("source", source.source);
}

template <class Object, class Visitor>
void visit_check(Object& check, Visitor&& visit) {
  visit("id", check.id);
  visit("what", check.what);
  visit("passed", check.passed);
  visit("detail", check.detail);
}

}  // namespace bitscale::report

#endif  // BITSCALE_SIM_REPORT_REPORT_FIELDS_H_
