// What a run tells its reader, as one value: make_report() fills it from counts and prices, the
// formatters (report_json, report_csv, report_text, html/) only walk it.
//
// Rules that hold for every report and that self_checks.h verifies:
//  - `totals`, `energy` and `layers` describe ONE COLD BATCH; every ratio in `totals` can be
//    recomputed from its neighbours. Only inferences_per_second is of the steady state.
//  - energy_pj = dynamic_energy_pj (on chip) + idle_energy_pj + leakage_energy_pj + dram_energy_pj.
//  - utilization = ideal_cycles / latency_cycles, ideal = MACs / (PEs × peak MACs per PE cycle).
//  - tops = kOpsPerMac × macs / latency, tops_per_watt = kOpsPerMac × macs / energy_pj.
#ifndef BITSCALE_SIM_REPORT_REPORT_H_
#define BITSCALE_SIM_REPORT_REPORT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bitscale::cost {
struct RunActivity;
class CostModel;
}  // namespace bitscale::cost

namespace bitscale::report {

inline constexpr std::int64_t kReportSchemaVersion = 1;
inline constexpr double kOpsPerMac = 2;
inline constexpr std::string_view kUnitMacArray = "mac_array";
inline constexpr std::string_view kUnitPim = "pim";
inline constexpr std::string_view kOpsNote = "1 MAC = 2 operations (one multiply, one add).";

/// A share of area (µm²) or energy (pJ) with the interval its sources give (equal ends: none).
struct Part {
  std::string name;  ///< component name, or "idle", "leakage"
  double value = 0, low = 0, high = 0;
};

/// The parts' sum; intervals add end to end (all sources wrong in the same direction).
Part whole_of(const std::vector<Part>& parts);

struct Totals {
  std::int64_t batch = 1;
  std::int64_t macs = 0;  ///< of the whole batch, padding included
  std::int64_t latency_cycles = 0;
  double latency_ms = 0;
  double inferences_per_second = 0;  ///< steady state
  std::int64_t compute_cycles = 0;
  std::int64_t stall_cycles = 0;  ///< dram_stall_cycles + other_stall_cycles
  std::int64_t dram_stall_cycles = 0;
  std::int64_t other_stall_cycles = 0;
  double energy_pj = 0;
  double dynamic_energy_pj = 0;
  double idle_energy_pj = 0;
  double leakage_energy_pj = 0;
  double dram_energy_pj = 0;
  std::int64_t dram_bytes = 0;
  double utilization = 0;  ///< 0..1
  double tops = 0;
  double tops_per_watt = 0;
};

/// One batch once the run has settled: weights that stay on chip are already there.
struct SteadyState {
  std::int64_t latency_cycles = 0;
  double latency_ms = 0;
  double energy_pj = 0;
  std::int64_t dram_bytes = 0;
  double utilization = 0;
  double tops = 0;
  double tops_per_watt = 0;
};

struct Area {
  double total_um2 = 0;
  std::vector<Part> by_component;  ///< µm², all cores; unplaced unless a note says otherwise
};

struct LayerReport {
  std::string name;
  std::string kind;
  std::optional<std::string> unit;  ///< where its MACs ran, kUnitMacArray or kUnitPim; none: none
  int weight_bits = 0, act_bits = 0, output_bits = 0, acc_bits = 0, psum_bits = 0;
  std::int64_t macs = 0, padding_macs = 0, tiles = 0;
  std::int64_t compute_cycles = 0, stall_cycles = 0;
  std::int64_t dram_stall_cycles = 0, other_stall_cycles = 0;
  std::int64_t latency_cycles = 0;
  double ideal_cycles = 0;
  double energy_pj = 0;
  std::int64_t dram_bytes = 0;
  double utilization = 0;          ///< ideal / latency
  double mapping_utilization = 0;  ///< ideal / compute: what the shape leaves of the array
  std::vector<Part> energy;        ///< pJ: components, then idle and leakage; sums to energy_pj
  std::optional<double> act_density, weight_density;    ///< measured on tensors
  std::optional<std::int64_t> analytic_latency_cycles;  ///< the other engine's answer
};

/// The design point in the words a reader compares runs by.
struct Design {
  std::string architecture, network, technology, precision, engine;
  double clock_mhz = 0;
  std::int64_t cores = 1, rows = 0, cols = 0;
  std::string dataflow, pe_kind, overflow_policy;
  int pe_weight_bits = 0, pe_act_bits = 0, pe_acc_bits = 0;
  std::int64_t buffer_bytes = 0;  ///< all cores together
  bool dram_infinite = false;
  double dram_bandwidth_gbps = 0;  ///< usable (efficiency applied), 10⁹ bytes/s; 0 when infinite
  std::string residency;
  /// Of a design with PIM arrays: arrays per core, cells of one, the accumulator of a column.
  std::optional<std::int64_t> pim_arrays, pim_wordlines, pim_bitlines;
  std::optional<int> pim_acc_bits;
};

/// Where one number comes from. status: measured, scaled, interpolated, extrapolated, assumed, …
struct Source {
  std::string what, status, source;
};

struct Provenance {
  std::string program;                                      ///< name and version
  std::vector<std::pair<std::string, std::string>> inputs;  ///< role → file, filled by the caller
  std::vector<std::string> command;                         ///< words that repeat the run
  std::vector<Source> sources;
};

/// One output channel's accumulator on real tensors.
struct ChannelUse {
  std::int64_t l1_norm = 0;
  int data_type_bound_bits = 0, l1_bound_bits = 0, exact_bound_bits = 0;
  int l1_slack_bits = 0;  ///< l1_bound_bits − exact_bound_bits
  std::int64_t steps = 0, overflows = 0;
  double overflow_rate = 0;
  std::int64_t overflowed_outputs = 0;  ///< some sum on their way wrapped or was clamped
  std::int64_t max_abs_partial_sum = 0;
  int observed_bits = 0;  ///< fewest bits without an overflow on this data
  int wasted_bits = 0;    ///< acc_bits − bits this data needed on the array
  std::optional<int> psum_observed_bits, psum_wasted_bits;  ///< the same across chunks
  /// Where the first overflow was: output element (over samples and pixels) and step in it.
  std::optional<std::int64_t> first_overflow_output, first_overflow_step;
};

/// Accumulator of one layer: the widths the bounds ask for and what happened on real tensors.
struct AccumulatorUse {
  std::string layer;
  int acc_bits = 0;
  std::string policy;
  std::optional<int> psum_bits;
  std::optional<std::int64_t> chunk_length;  ///< most products summed on the array; 0: all
  /// saturate_at_end: width of the register that carries exact sums until they are clamped.
  std::optional<int> register_bits;
  /// Of the worst channel, corrections of encodings included; and of the array's register alone.
  std::optional<int> data_type_bound_bits, l1_bound_bits, exact_bound_bits;
  std::optional<int> code_data_type_bound_bits, code_l1_bound_bits, code_exact_bound_bits;
  std::optional<int> l1_slack_bits;  ///< l1_bound_bits − exact_bound_bits
  /// Fewest bits that no input can overflow, on the array and across chunks.
  std::optional<int> guaranteed_acc_bits, guaranteed_psum_bits;
  /// Counted on the trace; overflowed: some sum on the way wrapped or was clamped.
  std::optional<std::int64_t> outputs, overflowed_outputs;
  std::optional<std::int64_t> steps, overflows;  ///< accumulations, and those too wide
  std::optional<double> overflow_rate;
  std::optional<std::int64_t> max_abs_partial_sum;
  std::optional<int> observed_bits, wasted_bits;
  std::optional<int> psum_observed_bits, psum_wasted_bits;  ///< across chunks, when there are some
  /// Σ activations and corrected sums of encodings with an offset (arch/numeric/encoding.h).
  std::optional<int> act_sum_bits, corrected_bits;
  /// Of requantization in fixed point: output codes, those that exact requantization makes another
  /// code of, and by how much at most.
  std::optional<std::int64_t> requantized_outputs, requantized_differing,
      requantized_max_difference;
  std::vector<ChannelUse> channels;
};

/// What the operands of one layer looked like, and its energy with and without knowing it.
struct OperandActivity {
  std::string layer;
  double activation_density = 0;                   ///< non-zero / all elements of the input tensor
  double zero_act_rate = 0, zero_weight_rate = 0;  ///< shares of MACs
  double zero_operand_rate = 0;                    ///< share of MACs with a zero operand
  double act_toggle_rate = 0, weight_toggle_rate = 0, act_bit_density = 0, weight_bit_density = 0;
  double energy_pj = 0;                 ///< of the layer with these statistics
  double fixed_activity_energy_pj = 0;  ///< as if nothing were known about its operands
};

/// The network with all accumulators at one width, on the design with that accumulator.
struct AccumulatorPoint {
  int acc_bits = 0;
  std::string overflow;                                         ///< policy
  std::optional<double> top1;                                   ///< with labels
  std::optional<double> overflow_rate, overflowed_output_rate;  ///< with inputs
  double energy_pj = 0;
  double area_um2 = 0;
  std::int64_t latency_cycles = 0;
};

/// Energy of the PIM arrays by one of its cost sources (arch/cost/pim_cost.h): with the weights
/// resident, and with the cells written in this batch.
struct PimLayerCost {
  std::string layer;
  double resident_pj = 0, reloaded_pj = 0;
};
struct PimPartCost {
  std::string part;
  double energy_pj = 0;
};
struct PimCost {
  std::string source;          ///< per_mac_table, components or analytical
  std::string origin;          ///< what its figures rest on
  bool prices_report = false;  ///< the one of `energy` and `layers`
  double resident_pj = 0, reloaded_pj = 0;
  std::optional<std::string> missing;  ///< why it has no energies
  std::vector<PimLayerCost> layers;    ///< those on PIM arrays; they sum to the totals
  std::vector<PimPartCost> parts;      ///< of the component model; they sum to reloaded_pj
};

/// One factor of a speed-up; the product of all factors is the whole gain.
struct GainStep {
  std::string name;
  double factor = 1;
  std::string note;
};

struct GainWaterfall {
  std::string baseline, subject;  ///< what is compared with what
  std::vector<GainStep> steps;
  double total() const;
};

struct Accuracy {
  std::int64_t samples = 0;
  double top1 = 0;                  ///< share of samples whose class is right
  std::optional<double> reference;  ///< the same in floating point
  std::string dataset, source;
};

/// Something busy from start (inclusive) to end (exclusive), in accelerator cycles.
struct Span {
  std::string track, name;
  std::int64_t start_cycle = 0, end_cycle = 0;
};

/// One conservation law held against this run.
struct CheckResult {
  std::string id, what;
  bool passed = true;
  std::string detail;  ///< the numbers, when it failed
};

struct Report {
  Design design;
  Totals totals;
  SteadyState steady;
  Area area;
  std::vector<Part> energy;  ///< pJ over all layers: components, then idle and leakage
  std::vector<LayerReport> layers;
  Provenance provenance;
  std::vector<std::string> notes;  ///< every assumption a reader must know
  std::vector<CheckResult> checks;
  std::vector<AccumulatorUse> accumulators;
  std::vector<AccumulatorPoint> accumulator_sweep;
  std::vector<OperandActivity> activity;
  std::vector<PimCost> pim_costs;  ///< side by side; empty without PIM arrays
  std::optional<GainWaterfall> waterfall;
  std::optional<Accuracy> accuracy;
  std::vector<Span> timeline;  ///< shown in HTML and in timeline.json, not in report.json
};

/// Prices a run. `prices` must be the model of run.accelerator. The caller adds what the counts do
/// not know: design.technology and precision, provenance inputs and command, checks, extras.
Report make_report(const cost::RunActivity& run, const cost::CostModel& prices);

/// Adds the other engine's latency to the layers of the same name; missing layers stay unset.
void add_analytic_cycles(Report& report, const cost::RunActivity& analytic);

/// 100 × (systemc − analytic) / analytic of one layer, when both are known and analytic is not 0.
std::optional<double> disagreement_percent(const LayerReport& layer);

}  // namespace bitscale::report

#endif  // BITSCALE_SIM_REPORT_REPORT_H_
