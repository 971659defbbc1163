#include "sim/cli/tensor_run.h"

#include <algorithm>
#include <filesystem>
#include <limits>

#include "arch/base/error.h"
#include "arch/base/file.h"
#include "sim/cli/accumulator_setting.h"
#include "sim/cli/run_steps.h"
#include "sim/cli/tensor_notes.h"
#include "sim/cli/tensor_points.h"
#include "sim/cli/tensor_report.h"
#include "sim/cli/tensor_source.h"
#include "sim/run/assembly.h"
#include "sim/run/data_replay.h"
#include "sim/run/isolated.h"
#include "sim/run/simulate.h"
#include "workloads/exec/execution_json.h"
#include "workloads/exec/float_executor.h"
#include "workloads/model/fixed_batch.h"
#include "workloads/model/npy.h"
#include "workloads/model/quantized_precision.h"

namespace bitscale::cli {
namespace {

class TensorRun {
 public:
  /// Reads files and options and maps the network; what is wrong stands in `problems`.
  TensorRun(Session& session, const Options& options, const std::string& path,
            base::Problems& problems)
      : session_(session),
        options_(options),
        path_(path),
        graph_(source_.trace.graph),
        points_(session, options, path, graph_, setting_) {
    const bool has_setting =
        run::collect(problems, [&] { setting_ = accumulator_setting(options); });
    read_numbers(problems);
    const TensorsRead read = read_tensor_source(path, options, problems, source_);
    check_array_options(read, has_setting, problems);
    if (!read.network) {
      run::add_all(problems, points_.design_problems());
      return;
    }
    fixed_batch_ = model::samples_per_run(graph_);
    if (has_setting) run::collect(problems, [&] { refuse_width_of_nothing(); });
    if (read.inputs && !source_.inputs.empty()) {
      note_other_samples();
      points_.use_inputs(source_.inputs, run_samples() / fixed_batch_);
    }
    if (has_setting) {
      run::collect(problems, [&] { main_.emplace(points_.main()); });
    } else {
      run::add_all(problems, points_.design_problems());
    }
  }

  int run();

 private:
  std::int64_t sample_count() const;
  /// How many of them run.
  std::int64_t run_samples() const {
    if (batch_.max_samples == 0) return sample_count();
    const std::int64_t batches = (batch_.max_samples + fixed_batch_ - 1) / fixed_batch_;
    return std::min(batches * fixed_batch_, sample_count());
  }
  void read_numbers(base::Problems& problems);
  void check_array_options(const TensorsRead& read, bool has_setting,
                           base::Problems& problems) const;
  void note_other_samples();
  void refuse_width_of_nothing() const;
  exec::ExecutorOptions executor_options(const TensorPoint& point) const;
  exec::BatchResult infer(const exec::IntegerExecutor& executor) const;
  void sweep();
  void finish_report(FinishedRun& run, const Measurement& measured, const TensorPoint& point) const;
  std::optional<run::DataReplay> data_replay(const exec::IntegerExecutor& executor,
                                             const TensorPoint& point) const;
  void add_tensors(const Measurement& measured, const exec::BatchResult& result,
                   OutputFiles& files) const;

  Session& session_;
  const Options& options_;
  std::string path_;
  AccumulatorSetting setting_;
  TensorSource source_;
  const model::QuantizedGraph& graph_;
  std::int64_t fixed_batch_ = 1;  ///< 1 when the model leaves its batch open
  TensorPoints points_;
  std::optional<TensorPoint> main_;
  exec::BatchOptions batch_;
  int multiplier_bits_ = 0;  ///< 0: exact requantization
  std::vector<exec::AccumulatorPoint> accuracy_curve_;
  std::vector<report::AccumulatorPoint> sweep_;
};

// How many the inputs hold.
std::int64_t TensorRun::sample_count() const {
  const model::Dims& dims = source_.inputs.front().dims();
  return (dims.empty() ? 1 : dims[0]) * fixed_batch_;
}

void TensorRun::read_numbers(base::Problems& problems) {
  run::collect(problems, [&] {
    if (!options_.has("samples")) return;
    batch_.max_samples =
        whole_number(options_.text("samples"), {1, std::numeric_limits<int>::max()}, "--samples");
  });
  run::collect(problems, [&] {
    if (!options_.has("multiplier-bits")) return;
    multiplier_bits_ = whole_number(options_.text("multiplier-bits"), {2, 32}, "--multiplier-bits");
  });
}

// What --check-array needs of the other options.
void TensorRun::check_array_options(const TensorsRead& read, bool has_setting,
                                    base::Problems& problems) const {
  if (!options_.flag("check-array")) return;
  const auto add = [&](const char* problem) { problems.add("--check-array", problem); };
  if (read.network && read.inputs && source_.inputs.empty()) add("needs inputs");
  if (options_.flag("analytic")) add("needs the SystemC engine, not --analytic");
  if (has_setting && setting_.order == SumOrder::Whole) add("needs --order mapping");
}

// Where --samples is not what runs.
void TensorRun::note_other_samples() {
  if (batch_.max_samples == 0 || batch_.max_samples == run_samples()) return;
  const std::string asked = "--samples asks for " + std::to_string(batch_.max_samples);
  source_.notes.push_back(
      batch_.max_samples > sample_count()
          ? asked + "; the inputs hold " + std::to_string(sample_count()) + ", and all of them ran"
          : asked + "; the model fixes its batch to " + std::to_string(fixed_batch_) + ", so " +
                std::to_string(run_samples()) + " ran");
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

exec::ExecutorOptions TensorRun::executor_options(const TensorPoint& point) const {
  exec::ExecutorOptions options;
  options.orders = point.orders;
  options.account_overflow = options.measure_activity = true;
  options.multiplier_bits = multiplier_bits_;
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

// Accuracy, overflow, energy and area of every width asked for, each with its own operand
// statistics: codes behind a layer that overflows differ.
void TensorRun::sweep() {
  for (int bits = setting_.low; bits <= setting_.high; ++bits) {
    const TensorPoint point = points_.at(bits);
    const MappedRun& mapped = point.mapped;
    report::AccumulatorPoint shown;
    shown.acc_bits = bits;
    shown.overflow =
        numeric::kOverflowPolicyNames.name(mapped.config.accelerator.mac_array.pe.overflow);
    const exec::IntegerExecutor executor(graph_, executor_options(point));
    const exec::BatchResult result = infer(executor);
    if (!source_.inputs.empty()) {
      accuracy_curve_.push_back(
          exec::accumulator_point(result, source_.labels ? &*source_.labels : nullptr));
      accuracy_curve_.back().acc_bits = bits;
      accuracy_curve_.back().policy = mapped.config.accelerator.mac_array.pe.overflow;
      shown.top1 = accuracy_curve_.back().top1;
      shown.overflow_rate = accuracy_curve_.back().overflow_rate();
      shown.overflowed_output_rate = accuracy_curve_.back().lossy_output_rate();
    }
    cost::RunActivity activity =
        options_.flag("analytic")
            ? run::analyze(mapped.graph, mapped.config.accelerator, mapped.mapping)
            : run::simulate_isolated(mapped.graph, mapped.config.accelerator, mapped.mapping);
    add_operand_statistics({&executor, &result.record, &mapped.graph, point.register_bits},
                           activity);
    const report::Report priced = report::make_report(activity, mapped.prices);
    shown.energy_pj = priced.totals.energy_pj;
    shown.area_um2 = priced.area.total_um2;
    shown.latency_cycles = priced.totals.latency_cycles;
    sweep_.push_back(shown);
  }
}

void TensorRun::finish_report(FinishedRun& run, const Measurement& measured,
                              const TensorPoint& point) const {
  report::Report& report = run.report;
  report.accumulators = accumulator_uses(measured);
  report.accumulator_sweep = sweep_;
  report.activity = operand_activity(measured, run.activity, point.mapped.prices);
  report.notes.insert(report.notes.end(), source_.notes.begin(), source_.notes.end());
  report.notes.insert(report.notes.end(), point.notes.begin(), point.notes.end());
  if (setting_.kind == AccumulatorKind::Design) {
    note_lossy_accumulators(report.accumulators, report.notes);
  }
  if (!source_.inputs.empty()) note_outputs(graph_, report.notes);
  const auto in_fixed_point = [](const report::AccumulatorUse& use) {
    return use.requantized_outputs.has_value();
  };
  if (multiplier_bits_ > 0 && !source_.inputs.empty() &&
      std::none_of(report.accumulators.begin(), report.accumulators.end(), in_fixed_point)) {
    report.notes.emplace_back(
        "--multiplier-bits changed nothing: no layer with MACs requantizes by a scale (thresholds "
        "and sums that stay real are exact already)");
  }
  if (source_.inputs.empty()) {
    report.notes.emplace_back(
        "no inputs were given: accuracy, overflow and operand activity were not measured");
  } else if (!point.mapped.config.accelerator.mac_array.pe.zero_gating &&
             !point.mapped.config.technology.mac_activity) {
    report.notes.emplace_back(kNoOperandEnergy);
  }
}

void TensorRun::add_tensors(const Measurement& measured, const exec::BatchResult& result,
                            OutputFiles& files) const {
  if (result.outputs.empty()) return;
  const std::int64_t samples = result.record.samples;
  const auto add = [&](const std::string& name, const model::Tensor& tensor) {
    files.add_by(name, [&](const std::filesystem::path& path) { model::write_npy(path, tensor); });
  };
  for (std::size_t i = 0; i < std::min(result.outputs.size(), kMostOutputFiles); ++i) {
    add(output_file(i), result.outputs[i]);
  }
  exec::Execution execution{measured.executor, measured.record, {}, accuracy_curve_};
  const std::vector<std::int64_t> classes = exec::predictions(result.outputs.front(), samples);
  if (names_classes(graph_)) add("predictions.npy", model::Tensor({samples}, classes));
  if (source_.labels) execution.top1 = exec::top1(classes, *source_.labels, "labels");
  base::JsonWriter json;
  exec::write_execution(json, execution);
  files.add("execution.json", json.take());
}

// The first batch for the arrays, when --check-array asks for it.
std::optional<run::DataReplay> TensorRun::data_replay(const exec::IntegerExecutor& executor,
                                                      const TensorPoint& point) const {
  if (!options_.flag("check-array")) return std::nullopt;
  const run::RunConfig& config = point.mapped.config;
  if (sample_count() < config.batch * fixed_batch_) {
    throw base::UserError("--check-array",
                          "carries one batch of " + std::to_string(config.batch * fixed_batch_) +
                              " samples; the inputs hold " + std::to_string(sample_count()));
  }
  std::vector<std::vector<model::Tensor>> samples(static_cast<std::size_t>(config.batch));
  for (std::size_t s = 0; s < samples.size(); ++s) {
    for (std::size_t i = 0; i < source_.inputs.size(); ++i) {
      const model::QuantizedValue& value = graph_.value(graph_.inputs[i].value);
      samples[s].push_back(
          exec::sample_of(source_.inputs[i], static_cast<std::int64_t>(s), value.dims));
    }
  }
  return run::DataReplay(executor, samples, point.mapped.graph, point.mapped.mapping,
                         config.accelerator);
}

report::CheckResult array_check(const run::DataReplay& replayed) {
  report::CheckResult check{"array_outputs", "", true, ""};
  std::int64_t layers = 0, outputs = 0;
  for (const run::LayerComparison& layer : replayed.compare()) {
    ++layers;
    outputs += layer.outputs;
    if (layer.differing == 0) continue;
    check.passed = false;
    check.detail += (check.detail.empty() ? "" : "; ") + layer.layer + ": " +
                    std::to_string(layer.differing) + " of " + std::to_string(layer.outputs) +
                    " differ";
  }
  check.what = "outputs of the SystemC array = integer executor's (" + std::to_string(layers) +
               " layers, " + std::to_string(outputs) + " outputs)";
  return check;
}

// Inputs and constants are finite; what nodes make of them may not be.
std::optional<report::CheckResult> nan_check(const model::QuantizedGraph& graph,
                                             const exec::RunRecord& record) {
  report::CheckResult check{"real_values", "no value that a node makes is NaN", true, ""};
  bool any = false;
  for (std::size_t n = 0; n < graph.nodes.size(); ++n) {
    const model::QuantizedNode& node = graph.nodes[n];
    any = any || graph.value(node.outputs[0]).kind == model::ValueKind::Float;
    if (record.nodes[n].nan_values == 0) continue;
    check.detail += (check.passed ? "first of node '" : "; node '") + node.name +
                    "': " + std::to_string(record.nodes[n].nan_values) + " values";
    check.passed = false;
  }
  return any ? std::optional<report::CheckResult>(check) : std::nullopt;
}

int TensorRun::run() {
  const TensorPoint& point = *main_;
  const exec::IntegerExecutor executor(graph_, executor_options(point));
  const exec::BatchResult result = infer(executor);
  const Measurement measured{&executor, &result.record, &point.mapped.graph, point.register_bits};
  if (setting_.kind == AccumulatorKind::Range) sweep();
  const std::optional<run::DataReplay> data = data_replay(executor, point);
  Replay replayed =
      replay(point.mapped, options_, data ? data->data() : std::vector<components::TileSums*>{});
  add_operand_statistics(measured, replayed.activity);
  FinishedRun run = finished_run(std::move(replayed), point.mapped, options_, session_);
  finish_report(run, measured, point);
  if (data) run.report.checks.push_back(array_check(*data));
  if (const auto check = nan_check(graph_, result.record); check && !source_.inputs.empty()) {
    run.report.checks.push_back(*check);
  }
  if (source_.labels) {
    report::Accuracy accuracy;
    accuracy.samples = result.record.samples;
    accuracy.top1 = exec::top1(exec::predictions(result.outputs.front(), accuracy.samples),
                               *source_.labels, "labels");
    accuracy.dataset = source_.dataset;
    accuracy.source = inference_kind(graph_);
    run.report.accuracy = accuracy;
  }
  write_outcome(run, point.mapped, options_,
                [&](OutputFiles& files) { add_tensors(measured, result, files); });
  print_outcome(run, options_, session_);
  return report_failed_checks(run.report, session_.err) ? kCheckFailed : kDone;
}

constexpr const char* kTensorOptions[] = {
    "inputs",   "labels", "input-bits", "input-scale",     "acc-bits",
    "overflow", "order",  "samples",    "multiplier-bits", "bind"};

}  // namespace

void describe_tensor_run(Options& options) {
  describe_tensor_source(options);
  describe_accumulators(options);
  options.add()("samples", text_value(),
                "run only the first N samples; a model that fixes its batch runs whole batches, so "
                "N is rounded up to them")(
      "multiplier-bits", text_value(),
      "requantize layers with MACs in fixed point, by multipliers of so many bits (2-32), and "
      "report how the codes differ from exact requantization (default: exact); needs tensors")(
      "check-array", boost::program_options::bool_switch(),
      "carry the first batch through the SystemC arrays and compare their outputs with the "
      "executor's; needs tensors");
}

void refuse_tensor_options(const Options& options, base::Problems& problems) {
  if (options.flag("check-array")) problems.add("--check-array", "needs tensors");
  for (const char* name : kTensorOptions) {
    if (!options.has(name)) continue;
    problems.add(std::string("--") + name,
                 "needs a network with tensors: name MODEL.onnx or a trace's folder (a network of "
                 "shapes takes acc_bits from --precision and --set)");
  }
}

int run_tensors(Session& session, const Options& options, const std::string& path,
                base::Problems& problems) {
  for (const char* name : {"network", "precision"}) {
    if (!options.has(name)) continue;
    problems.add(std::string("--") + name, path + " brings its own network and widths");
  }
  if (options.flag("loop-nests")) {
    problems.add("--loop-nests", "prints the nests of a network of shapes; with -o those of " +
                                     path + " stand in mapping.json");
  }
  TensorRun run(session, options, path, problems);
  problems.throw_if_any();
  return run.run();
}

}  // namespace bitscale::cli
