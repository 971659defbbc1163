#include "sim/cli/run_steps.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <ostream>

#include "arch/base/error.h"
#include "sim/cli/loaded_report.h"
#include "sim/cli/span_recorder.h"
#include "sim/mapping/mapping_json.h"
#include "sim/report/gain.h"
#include "sim/report/report_json.h"
#include "sim/report/report_text.h"
#include "sim/run/resolved.h"
#include "sim/run/simulate.h"
#include "sim/sweep/own_waterfall.h"

namespace bitscale::cli {
namespace {

// Of a run whose report has a timeline but that writes no timeline.json, and of one that does.
constexpr std::size_t kMostPageSpans = 20'000, kMostTraceSpans = 500'000;

std::string trace_note(const SpanRecorder& recorder) {
  if (recorder.resolution_cycles() == 1 && !recorder.has_means()) return "";
  return kTraceNote + std::to_string(kMostTraceSpans) +
         " spans and this run has more: neighbours within " +
         std::to_string(recorder.resolution_cycles()) +
         " cycles are joined and buffers may show the mean of the tiles they hold; --vcd "
         "FIRST..LAST is exact";
}

std::string mapping_text(const mapping::TaskGraph& graph, const mapping::NetworkMapping& mapping) {
  base::JsonWriter json;
  mapping::write_mapping(json, graph, mapping);
  return json.take();
}

// Nobody sees it: neither a page nor a text nor JSON is asked for.
bool unseen(const Options& options) {
  return options.flag("quiet") && !options.flag("json") && !options.has("output");
}

// The run against the baseline given, or against itself with wider operands.
void add_waterfall(report::Report& report, const MappedRun& mapped, const Options& options) {
  if (options.has("baseline")) {
    const report::NamedReport base = load_report(options.text("baseline"));
    report.provenance.inputs.emplace_back("baseline", options.text("baseline"));
    report.waterfall = report::gain_between(base.name, base.report, "this run", report);
    if (!report.waterfall) {
      throw base::UserError("--baseline",
                            (report.totals.macs == 0 ? "this run" : "'" + base.name + "'") +
                                " has no MACs to compare");
    }
    return;
  }
  sweep::OwnWaterfall own =
      sweep::own_waterfall(mapped.config, mapped.prices, mapped.graph, mapped.mapping);
  if (!own.waterfall) {
    report.notes.push_back("No gain waterfall: " + own.reason +
                           "; --baseline RUN takes the gain over another run apart.");
  }
  report.waterfall = std::move(own.waterfall);
}

}  // namespace

run::RunRequest request_from(const Options& options) {
  run::RunRequest request;
  request.config = options.text("config");
  request.arch = options.text("arch");
  request.network = options.text("network");
  request.tech = options.text("tech");
  request.precision = options.text("precision");
  request.mapping = options.text("mapping");
  request.sets = options.texts("set");
  return request;
}

Replay replay(const MappedRun& mapped, const Options& options,
              const std::vector<components::TileSums*>& data) {
  Replay result;
  const spec::AcceleratorSpec& accelerator = mapped.config.accelerator;
  std::optional<TileWindow> window;
  if (options.has("vcd")) window = parse_tile_window(options.text("vcd"), "--vcd");
  SpanRecorder recorder(options.flag("timeline") ? kMostTraceSpans : kMostPageSpans, window);
  result.estimate = run::analyze(mapped.graph, accelerator, mapped.mapping);
  result.activity = options.flag("analytic")
                        ? result.estimate
                        : run::simulate(mapped.graph, accelerator, mapped.mapping,
                                        options.has("output") ? &recorder : nullptr, data);
  if (window) {
    result.vcd = report::vcd_text(recorder.waveform(), "accelerator");
  }
  result.spans = recorder.spans();
  if (options.flag("timeline")) result.trace_note = trace_note(recorder);
  return result;
}

FinishedRun finished_run(Replay replay, const MappedRun& mapped, const Options& options,
                         const Session& session) {
  FinishedRun run;
  run.activity = std::move(replay.activity);
  finish(run, mapped.config, mapped.prices, session.line);
  if (!options.flag("analytic")) report::add_analytic_cycles(run.report, replay.estimate);
  run.report.timeline = std::move(replay.spans);
  if (!replay.trace_note.empty()) run.report.notes.push_back(replay.trace_note);
  run.vcd = std::move(replay.vcd);
  run.resolved_json = run::resolved_json(mapped.config);
  run.mapping_json = mapping_text(mapped.graph, mapped.mapping);
  if (!unseen(options)) add_waterfall(run.report, mapped, options);
  return run;
}

void write_outcome(const FinishedRun& run, const MappedRun& mapped, const Options& options,
                   const std::function<void(OutputFiles&)>& more) {
  if (!options.has("output")) return;
  OutputFiles files(options.text("output"), kReportFile);
  replace_optional_files(files);
  add_run_files(files, run, options.flag("timeline"));
  if (options.flag("scalesim-reports")) add_scalesim_reports(files, mapped.graph, run.activity);
  if (more) more(files);
  files.commit();
}

void print_outcome(const FinishedRun& run, const Options& options, Session& session) {
  if (options.flag("json")) {
    base::JsonWriter json;
    report::write_report(json, run.report);
    session.out << json.take();
  } else if (!options.flag("quiet")) {
    session.out << report::report_text(run.report);
    if (options.has("output")) {
      session.out << "Report: "
                  << (std::filesystem::path(options.text("output")) / "report.html").string()
                  << '\n';
    }
  }
}

}  // namespace bitscale::cli
