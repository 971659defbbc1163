// bitscale report: prices the counts of a finished run for another technology. bitscale compare:
// several finished runs side by side.
#include <filesystem>
#include <ostream>

#include "arch/base/error.h"
#include "arch/base/file.h"
#include "arch/base/json_reader.h"
#include "sim/cli/command.h"
#include "sim/cli/finished_run.h"
#include "sim/cli/output_folder.h"
#include "sim/report/compare.h"
#include "sim/report/report_json.h"
#include "sim/report/report_text.h"

namespace bitscale::cli {
namespace {

constexpr std::uintmax_t kLargestReport = std::uintmax_t{1} << 30;

cost::RunActivity load_counts(const std::string& file) {
  const base::JsonValue document = base::parse_json_file(file, kLargestReport);
  base::Problems problems;
  base::JsonReader reader(document, problems);
  cost::RunActivity run = cost::read_counts(reader);
  problems.throw_if_any();
  return run;
}

// A run's folder, or its report.json.
report::NamedReport load_report(const std::string& name) {
  std::filesystem::path file = name;
  if (std::filesystem::is_directory(file)) file /= "report.json";
  const base::JsonValue document = base::parse_json_file(file, kLargestReport);
  base::Problems problems;
  base::JsonReader reader(document, problems);
  report::NamedReport named{name, report::read_report(reader)};
  problems.throw_if_any();
  return named;
}

}  // namespace

int report_command(Session& session) {
  namespace po = boost::program_options;
  Options options("report COUNTS.json [--tech F] [-o DIR]",
                  {"bitscale report out/counts.json --tech generic_7nm",
                   "bitscale report out/counts.json --tech generic_14nm -o out14 --json"});
  options.positional("counts");
  options.add()("tech", text_value(), "technology: a name or a file (default generic_45nm)")(
      "output,o", text_value(), "folder for the new reports")(
      "json", po::bool_switch(), "print report.json")("quiet,q", po::bool_switch(),
                                                      "print nothing but errors");
  if (!options.parse(session)) return kDone;
  if (!options.has("counts")) throw base::UserError("bitscale report", "name a counts.json");
  if (options.has("output")) require_writable_folder(options.text("output"));
  const std::string tech = options.has("tech") ? options.text("tech") : "generic_45nm";
  const auto path = session.catalog.find(run::Shelf::Techs, tech, "", "--tech");
  const cost::Technology technology = cost::load_technology(path);
  FinishedRun run;
  run.activity = load_counts(options.text("counts"));
  const cost::CostModel prices(run.activity.accelerator, technology);
  if (run.activity.clock_mhz > prices.f_max_mhz()) {
    throw base::UserError(options.text("counts"),
                          "ran at " + base::format_number(run.activity.clock_mhz) +
                              " MHz, above the f_max of " + prices.f_max_component() + ", " +
                              base::format_number(prices.f_max_mhz()) + " MHz in " +
                              technology.name + "; run it again at a lower clock");
  }
  run.report = price(run.activity, prices, technology.name, session.line);
  run.report.provenance.inputs = {{"counts", options.text("counts")}, {"tech", path.string()}};
  if (options.has("output")) write_run(options.text("output"), run, false);
  if (options.flag("json")) {
    base::JsonWriter json;
    report::write_report(json, run.report);
    session.out << json.take();
  } else if (!options.flag("quiet")) {
    session.out << report::report_text(run.report);
  }
  return report_failed_checks(run.report, session.err) ? kCheckFailed : kDone;
}

int compare_command(Session& session) {
  namespace po = boost::program_options;
  Options options("compare RUN RUN… [-o FILE.html]",
                  {"bitscale compare out8 out4", "bitscale compare out8 out4 -o compare.html"});
  options.positional("runs", true);
  options.add()("output,o", text_value(), "write the comparison as one HTML file")(
      "json", po::bool_switch(), "print the comparison as JSON")("quiet,q", po::bool_switch(),
                                                                 "print nothing but errors");
  if (!options.parse(session)) return kDone;
  const std::vector<std::string> names = options.texts("runs");
  if (names.size() < 2) {
    throw base::UserError("bitscale compare", "name two or more runs (folders or report.json)");
  }
  std::vector<report::NamedReport> runs;
  runs.reserve(names.size());
  for (const std::string& name : names) runs.push_back(load_report(name));
  const report::Comparison comparison = report::compare(runs);
  if (options.has("output")) {
    base::write_file_atomically(options.text("output"), report::comparison_html(comparison));
  }
  if (options.flag("json")) {
    base::JsonWriter json;
    report::write_comparison(json, comparison);
    session.out << json.take();
  } else if (!options.flag("quiet")) {
    session.out << report::comparison_text(comparison);
  }
  return kDone;
}

}  // namespace bitscale::cli
