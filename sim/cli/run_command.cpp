// bitscale run: read, check, map, simulate, price, check, write.
#include <filesystem>
#include <ostream>

#include "arch/base/file.h"
#include "sim/cli/command.h"
#include "sim/cli/finished_run.h"
#include "sim/cli/output_folder.h"
#include "sim/mapping/mapping_json.h"
#include "sim/report/report_json.h"
#include "sim/report/report_text.h"
#include "sim/run/plan.h"
#include "sim/run/resolved.h"
#include "sim/run/simulate.h"

namespace bitscale::cli {
namespace {

void describe(Options& options) {
  namespace po = boost::program_options;
  options.positional("config");
  options.add()("output,o", text_value(), "folder for reports and counts (made when missing)")(
      "arch", text_value(), "design: a name (bitscale list archs) or a file")(
      "network", text_value(), "network: a name (bitscale list networks) or a file")(
      "tech", text_value(), "technology: a name (bitscale list techs) or a file")(
      "precision", text_value(), "bit widths: a name (bitscale list precisions) or a file")(
      "mapping", text_value(), "replay this mapping instead of searching one")(
      "set", texts_value(), "/json/pointer=value, changes the configuration; repeatable")(
      "analytic", po::bool_switch(), "closed-form estimate only, no SystemC")(
      "loop-nests", po::bool_switch(), "print the loop nest of every layer")(
      "timeline", po::bool_switch(),
      "write timeline.json for ui.perfetto.dev (needs -o and SystemC)")(
      "scalesim-reports", po::bool_switch(),
      "write COMPUTE_REPORT.csv and BANDWIDTH_REPORT.csv (needs -o)")(
      "json", po::bool_switch(), "print report.json instead of tables")(
      "quiet,q", po::bool_switch(), "print nothing but errors");
}

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

void check_output(const Options& options) {
  for (const char* name : {"timeline", "scalesim-reports"}) {
    if (options.flag(name) && !options.has("output")) {
      throw base::UserError(std::string("--") + name, "needs --output for its files");
    }
  }
  if (options.flag("timeline") && options.flag("analytic")) {
    throw base::UserError("--timeline",
                          "shows when each block of the SystemC simulation was busy, which "
                          "--analytic does not run; leave one of the two out");
  }
  if (options.has("output")) require_writable_folder(options.text("output"));
}

// Keeps the spans of a run for the timeline.
class SpanRecorder : public components::SpanSink {
 public:
  void span(std::string_view track, std::string_view name, double start, double end) override {
    spans.push_back({std::string(track), std::string(name), static_cast<std::int64_t>(start),
                     static_cast<std::int64_t>(end)});
  }
  std::vector<report::Span> spans;
};

std::string mapping_text(const mapping::TaskGraph& graph, const mapping::NetworkMapping& mapping) {
  base::JsonWriter json;
  mapping::write_mapping(json, graph, mapping);
  return json.take();
}

void print_outcome(const Options& options, Session& session, const FinishedRun& run) {
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

}  // namespace

int run_command(Session& session) {
  Options options(
      "run [CONFIG.json] [OPTIONS]",
      {"bitscale run --network resnet50", "bitscale run --network resnet18 --precision w4a4 -o out",
       "bitscale run --network vgg16 --set /arch/mac_array/rows=64 --analytic",
       "bitscale run config.json --tech generic_7nm --json"});
  describe(options);
  if (!options.parse(session)) return kDone;
  check_output(options);

  const run::RunConfig config = run::load_config(request_from(options), session.catalog);
  const cost::CostModel prices(config.accelerator, config.technology);
  const mapping::TaskGraph graph = run::plan_tasks(config, prices);
  const mapping::NetworkMapping mapping = run::plan_mapping(config, graph, prices);
  if (options.flag("loop-nests")) session.out << mapping::loop_nests(graph, mapping);

  FinishedRun run;
  SpanRecorder recorder;
  const cost::RunActivity estimate = run::analyze(graph, config.accelerator, mapping);
  run.activity = options.flag("analytic")
                     ? estimate
                     : run::simulate(graph, config.accelerator, mapping,
                                     options.flag("timeline") ? &recorder : nullptr);
  finish(run, config, prices, session.line);
  if (!options.flag("analytic")) report::add_analytic_cycles(run.report, estimate);
  run.report.timeline = std::move(recorder.spans);
  run.resolved_json = run::resolved_json(config);
  run.mapping_json = mapping_text(graph, mapping);
  if (options.has("output")) {
    write_run(options.text("output"), run, options.flag("timeline"));
    if (options.flag("scalesim-reports")) {
      write_scalesim_reports(options.text("output"), graph, run.activity);
    }
  }
  print_outcome(options, session, run);
  return report_failed_checks(run.report, session.err) ? kCheckFailed : kDone;
}

}  // namespace bitscale::cli
