#include "sim/cli/tensor_run.h"

#include <algorithm>
#include <filesystem>
#include <limits>

#include "arch/base/error.h"
#include "arch/base/file.h"
#include "sim/cli/accumulator_setting.h"
#include "sim/cli/run_steps.h"
#include "sim/cli/tensor_report.h"
#include "sim/cli/tensor_source.h"
#include "sim/run/data_replay.h"
#include "sim/run/isolated.h"
#include "sim/run/simulate.h"
#include "workloads/exec/execution_json.h"
#include "workloads/exec/float_executor.h"
#include "workloads/model/npy.h"
#include "workloads/model/quantized_precision.h"

namespace bitscale::cli {
namespace {

using Widths = std::vector<numeric::GuaranteedBits>;  ///< per node of the graph

/// The network on one design with one set of accumulators.
struct Point {
  MappedRun mapped;
  std::vector<numeric::ReductionOrder> orders;  ///< per node of the graph
  std::vector<std::string> notes;
};

bool runs_on_pim(const mapping::TaskGraph& tasks, int layer) {
  return std::any_of(tasks.tasks.begin(), tasks.tasks.end(), [&](const mapping::Task& task) {
    return task.on_pim && task.layers.front() == layer;
  });
}

class TensorRun {
 public:
  TensorRun(Session& session, const Options& options, const std::string& path)
      : session_(session),
        options_(options),
        path_(path),
        setting_(accumulator_setting(options)),
        source_(read_tensor_source(path, options)),
        graph_(source_.trace.graph) {
    if (options.has("samples")) {
      batch_.max_samples =
          whole_number(options.text("samples"), {1, std::numeric_limits<int>::max()}, "--samples");
      note_missing_samples();
    }
    refuse_width_of_nothing();
  }

  int run();

 private:
  Widths widths_at(int bits) const {
    return Widths(graph_.nodes.size(), numeric::GuaranteedBits{bits, bits});
  }
  void note_missing_samples();
  void refuse_width_of_nothing() const;
  int register_of_real_numbers(const run::RunRequest& request,
                               const run::GivenNetwork& given) const;
  Widths guaranteed_widths(const std::vector<std::size_t>& chunks) const;
  run::RunConfig config_at(const Widths& widths) const;
  Point point_at(const Widths& widths) const;
  void set_pim_order(const spec::PimArraySpec& pim, numeric::ReductionOrder& order) const;
  Point main_point() const;
  exec::ExecutorOptions executor_options(const Point& point) const;
  exec::BatchResult infer(const exec::IntegerExecutor& executor) const;
  void sweep(const Measurement& statistics);
  void finish_report(FinishedRun& run, const Measurement& measured, const Point& point) const;
  std::optional<run::DataReplay> data_replay(const exec::IntegerExecutor& executor,
                                             const Point& point) const;
  void write_tensors(const Measurement& measured, const exec::BatchResult& result) const;

  Session& session_;
  const Options& options_;
  std::string path_;
  AccumulatorSetting setting_;
  TensorSource source_;
  const model::QuantizedGraph& graph_;
  exec::BatchOptions batch_;
  std::vector<exec::AccumulatorPoint> accuracy_curve_;
  std::vector<report::AccumulatorPoint> sweep_;
};

void TensorRun::note_missing_samples() {
  if (source_.inputs.empty()) return;
  const model::Dims& dims = source_.inputs.front().dims();
  const std::int64_t given = dims.empty() ? 1 : dims[0];
  if (batch_.max_samples <= given) return;
  source_.notes.push_back("--samples asks for " + std::to_string(batch_.max_samples) +
                          "; the inputs hold " + std::to_string(given) + ", and all of them ran");
}

void TensorRun::refuse_width_of_nothing() const {
  if (setting_.kind == AccumulatorKind::Design) return;
  for (const model::QuantizedNode& node : graph_.nodes) {
    if (node.op == model::QuantizedOp::Mac) return;
  }
  throw base::UserError("--acc-bits", path_ +
                                          " sums no integers: every layer runs on real numbers, "
                                          "whose accumulators keep the design's width");
}

// Layers on real numbers sum in the register the design gives them: nothing says what fewer bits
// would do to them.
int TensorRun::register_of_real_numbers(const run::RunRequest& request,
                                        const run::GivenNetwork& given) const {
  if (graph_.float_macs.empty()) return numeric::kMinAccBits;
  return run::load_config(request, session_.catalog, given).accelerator.mac_array.pe.acc_bits;
}

Widths TensorRun::guaranteed_widths(const std::vector<std::size_t>& chunks) const {
  const exec::IntegerExecutor executor(graph_, {});
  Widths widths;
  for (const numeric::ReductionOrder& order :
       exec::guaranteed_orders(executor, numeric::OverflowPolicy::Wrap, chunks)) {
    widths.push_back({std::max(order.acc_bits, numeric::kMinAccBits),
                      std::max(order.psum_bits, numeric::kMinAccBits)});
  }
  return widths;
}

// The design with accumulators of these widths; the PE's register holds the widest of them, and the
// sums of real numbers as wide as the design has them.
run::RunConfig TensorRun::config_at(const Widths& widths) const {
  run::GivenNetwork given{graph_.network, model::layer_precisions(graph_), "tensors"};
  run::RunRequest request = request_from(options_);
  request.config = "";
  if (setting_.kind != AccumulatorKind::Design) {
    int widest = register_of_real_numbers(request, given);
    for (std::size_t n = 0; n < graph_.nodes.size(); ++n) {
      if (graph_.nodes[n].op != model::QuantizedOp::Mac) continue;
      numeric::Precision& precision =
          given.precisions[static_cast<std::size_t>(graph_.nodes[n].layer)];
      precision.acc_bits = widths[n].acc_bits;
      precision.psum_bits = widths[n].psum_bits;
      widest = std::max(widest, widths[n].acc_bits);
    }
    request.sets.push_back("/arch/mac_array/pe/acc_bits=" + std::to_string(widest));
  }
  if (setting_.policy) {
    request.sets.push_back("/arch/mac_array/pe/overflow=\"" +
                           std::string(numeric::kOverflowPolicyNames.name(*setting_.policy)) + '"');
  }
  run::RunConfig config = run::load_config(request, session_.catalog, given);
  if (config.accelerator.pim && setting_.policy)
    config.accelerator.pim->overflow = *setting_.policy;
  config.inputs.insert(config.inputs.begin(), {"network", path_});
  return config;
}

Point TensorRun::point_at(const Widths& widths) const {
  Point point{MappedRun(config_at(widths)), {}, {}};
  const MappedRun& mapped = point.mapped;
  const spec::AcceleratorSpec& accelerator = mapped.config.accelerator;
  std::vector<std::size_t> chunks(graph_.nodes.size(), 0);
  if (setting_.order == SumOrder::Mapping) {
    chunks = mapping_chunks(graph_, mapped.graph, mapped.mapping, accelerator, point.notes);
  }
  for (std::size_t n = 0; n < graph_.nodes.size(); ++n) {
    numeric::ReductionOrder order{numeric::kMaxAccBits, numeric::kMaxAccBits,
                                  accelerator.mac_array.pe.overflow, chunks[n]};
    if (graph_.nodes[n].op == model::QuantizedOp::Mac) {
      const numeric::Precision& precision =
          mapped.config.precisions[static_cast<std::size_t>(graph_.nodes[n].layer)];
      order.acc_bits = precision.acc_bits;
      order.psum_bits = precision.psum_bits;
      if (runs_on_pim(mapped.graph, graph_.nodes[n].layer)) set_pim_order(*accelerator.pim, order);
    }
    point.orders.push_back(order);
  }
  return point;
}

// A PIM array narrows the exact sum of its wordlines once, so it saturates at the end or not at
// all. Unless widths were asked for, the accumulator is the design's.
void TensorRun::set_pim_order(const spec::PimArraySpec& pim, numeric::ReductionOrder& order) const {
  if (setting_.kind == AccumulatorKind::Design) order.acc_bits = pim.acc_bits;
  order.policy = pim.overflow == numeric::OverflowPolicy::Wrap
                     ? numeric::OverflowPolicy::Wrap
                     : numeric::OverflowPolicy::SaturateAtEnd;
}

// The run the report describes. Automatic widths depend on the passes of a mapping, which depends
// on the widths of partial sums only; those are the same however a reduction is cut.
Point TensorRun::main_point() const {
  if (setting_.kind != AccumulatorKind::Automatic) return point_at(widths_at(setting_.high));
  Point point = point_at(guaranteed_widths({0}));
  if (setting_.order == SumOrder::Whole) return point;
  std::vector<std::size_t> chunks;
  for (const numeric::ReductionOrder& order : point.orders) chunks.push_back(order.chunk_length);
  return point_at(guaranteed_widths(chunks));
}

exec::ExecutorOptions TensorRun::executor_options(const Point& point) const {
  exec::ExecutorOptions options;
  options.orders = point.orders;
  options.account_overflow = options.measure_activity = true;
  return options;
}

// Without inputs: no outputs, and a record of no samples.
exec::BatchResult TensorRun::infer(const exec::IntegerExecutor& executor) const {
  if (!source_.inputs.empty()) return exec::run_batch(executor, source_.inputs, batch_);
  exec::BatchResult nothing;
  nothing.record.nodes.resize(graph_.nodes.size());
  for (std::size_t n = 0; n < graph_.nodes.size(); ++n) {
    const exec::MacLayer* mac = executor.mac(n);
    if (mac == nullptr) continue;
    nothing.record.nodes[n].accounts.resize(static_cast<std::size_t>(mac->layer().out_channels));
  }
  return nothing;
}

// Accuracy, overflow, energy and area of every width asked for. Operand statistics are those of the
// report's own run.
void TensorRun::sweep(const Measurement& statistics) {
  for (int bits = setting_.low; bits <= setting_.high; ++bits) {
    const Point point = point_at(widths_at(bits));
    const MappedRun& mapped = point.mapped;
    report::AccumulatorPoint shown;
    shown.acc_bits = bits;
    shown.overflow =
        numeric::kOverflowPolicyNames.name(mapped.config.accelerator.mac_array.pe.overflow);
    if (!source_.inputs.empty()) {
      exec::AccumulatorSweep one;
      one.min_acc_bits = one.max_acc_bits = bits;
      one.policy = mapped.config.accelerator.mac_array.pe.overflow;
      for (const auto& order : point.orders) one.chunk_lengths.push_back(order.chunk_length);
      accuracy_curve_.push_back(exec::sweep_accumulators(
          graph_, one, source_.inputs, source_.labels ? &*source_.labels : nullptr, batch_)[0]);
      shown.top1 = accuracy_curve_.back().top1;
      shown.overflow_rate = accuracy_curve_.back().overflow_rate();
    }
    cost::RunActivity activity =
        options_.flag("analytic")
            ? run::analyze(mapped.graph, mapped.config.accelerator, mapped.mapping)
            : run::simulate_isolated(mapped.graph, mapped.config.accelerator, mapped.mapping);
    add_operand_statistics(statistics, activity);
    const report::Report priced = report::make_report(activity, mapped.prices);
    shown.energy_pj = priced.totals.energy_pj;
    shown.area_um2 = priced.area.total_um2;
    shown.latency_cycles = priced.totals.latency_cycles;
    sweep_.push_back(shown);
  }
}

void TensorRun::finish_report(FinishedRun& run, const Measurement& measured,
                              const Point& point) const {
  report::Report& report = run.report;
  report.accumulators = accumulator_uses(measured);
  report.accumulator_sweep = sweep_;
  report.activity = operand_activity(measured, run.activity, point.mapped.prices);
  report.notes.insert(report.notes.end(), source_.notes.begin(), source_.notes.end());
  report.notes.insert(report.notes.end(), point.notes.begin(), point.notes.end());
  if (source_.inputs.empty()) {
    report.notes.emplace_back(
        "no inputs were given: accuracy, overflow and operand activity were not measured");
  } else if (!point.mapped.config.accelerator.mac_array.pe.zero_gating &&
             !point.mapped.config.technology.mac_activity) {
    report.notes.emplace_back(
        "operand statistics change no energy: this design gates no zeros, and this technology "
        "knows the MAC energy of random operands only");
  }
}

void TensorRun::write_tensors(const Measurement& measured, const exec::BatchResult& result) const {
  if (!options_.has("output") || result.outputs.empty()) return;
  const std::filesystem::path folder = options_.text("output");
  const std::int64_t samples = result.record.samples;
  model::write_npy(folder / "outputs.npy", result.outputs.front());
  const std::vector<std::int64_t> classes = exec::predictions(result.outputs.front(), samples);
  model::write_npy(folder / "predictions.npy", model::Tensor({samples}, classes));
  exec::Execution execution{measured.executor, measured.record, {}, accuracy_curve_};
  if (source_.labels) execution.top1 = exec::top1(classes, *source_.labels, "labels");
  base::JsonWriter json;
  exec::write_execution(json, execution);
  base::write_file_atomically(folder / "execution.json", json.take());
}

// The first sample for the array, when --check-array asks for it.
std::optional<run::DataReplay> TensorRun::data_replay(const exec::IntegerExecutor& executor,
                                                      const Point& point) const {
  if (!options_.flag("check-array")) return std::nullopt;
  std::string problem;
  if (source_.inputs.empty()) problem = "needs inputs";
  if (options_.flag("analytic")) problem = "needs the SystemC engine, not --analytic";
  if (setting_.order == SumOrder::Whole) problem = "needs --order mapping";
  if (!point.notes.empty()) problem = point.notes.front();
  if (point.mapped.config.batch != 1) problem = "needs a batch of 1";
  if (!problem.empty()) throw base::UserError("--check-array", problem);
  std::vector<model::Tensor> sample;
  for (std::size_t i = 0; i < source_.inputs.size(); ++i) {
    const model::QuantizedValue& value = graph_.value(graph_.inputs[i].value);
    sample.push_back(exec::sample_of(source_.inputs[i], 0, value.dims));
  }
  const std::optional<spec::PimArraySpec>& pim = point.mapped.config.accelerator.pim;
  return run::DataReplay(executor, sample, point.mapped.graph, point.mapped.mapping,
                         pim ? &*pim : nullptr);
}

report::CheckResult array_check(const run::DataReplay& replayed) {
  report::CheckResult check{"array_outputs", "outputs of the SystemC array = integer executor's",
                            true, ""};
  for (const run::LayerComparison& layer : replayed.compare()) {
    if (layer.differing == 0) continue;
    check.passed = false;
    check.detail += (check.detail.empty() ? "" : "; ") + layer.layer + ": " +
                    std::to_string(layer.differing) + " of " + std::to_string(layer.outputs) +
                    " differ";
  }
  return check;
}

int TensorRun::run() {
  const Point point = main_point();
  const exec::IntegerExecutor executor(graph_, executor_options(point));
  const exec::BatchResult result = infer(executor);
  const Measurement measured{&executor, &result.record, &point.mapped.graph};
  if (setting_.kind == AccumulatorKind::Range) sweep(measured);
  const std::optional<run::DataReplay> data = data_replay(executor, point);
  Replay replayed =
      replay(point.mapped, options_, data ? data->data() : std::vector<components::TileSums*>{});
  add_operand_statistics(measured, replayed.activity);
  FinishedRun run = finished_run(std::move(replayed), point.mapped, options_, session_);
  finish_report(run, measured, point);
  if (data) run.report.checks.push_back(array_check(*data));
  if (source_.labels) {
    const std::int64_t samples = result.record.samples;
    report::Accuracy accuracy;
    accuracy.samples = samples;
    accuracy.top1 =
        exec::top1(exec::predictions(result.outputs.front(), samples), *source_.labels, "labels");
    accuracy.dataset = source_.dataset;
    accuracy.source = "integer inference, bit for bit";
    run.report.accuracy = accuracy;
  }
  write_outcome(run, point.mapped, options_);
  write_tensors(measured, result);
  print_outcome(run, options_, session_);
  return report_failed_checks(run.report, session_.err) ? kCheckFailed : kDone;
}

constexpr const char* kTensorOptions[] = {"inputs",   "labels",   "input-bits", "input-scale",
                                          "acc-bits", "overflow", "order",      "samples"};

}  // namespace

void describe_tensor_run(Options& options) {
  describe_tensor_source(options);
  describe_accumulators(options);
  options.add()("samples", text_value(), "run only the first N samples")(
      "check-array", boost::program_options::bool_switch(),
      "carry the first sample through the SystemC array and compare its outputs with the "
      "executor's; needs tensors");
}

void refuse_tensor_options(const Options& options) {
  if (options.flag("check-array")) throw base::UserError("--check-array", "needs tensors");
  for (const char* name : kTensorOptions) {
    if (!options.has(name)) continue;
    throw base::UserError(std::string("--") + name,
                          "needs a network with tensors: name MODEL.onnx or a trace's folder (a "
                          "network of shapes takes acc_bits from --precision and --set)");
  }
}

int run_tensors(Session& session, const Options& options, const std::string& path) {
  for (const char* name : {"network", "precision"}) {
    if (!options.has(name)) continue;
    throw base::UserError(std::string("--") + name, path + " brings its own network and widths");
  }
  return TensorRun(session, options, path).run();
}

}  // namespace bitscale::cli
