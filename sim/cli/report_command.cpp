// bitscale report: prices the counts of a finished run for another technology. bitscale compare:
// several finished runs side by side.
#include <algorithm>
#include <filesystem>
#include <functional>
#include <optional>
#include <ostream>

#include "arch/base/error.h"
#include "arch/base/file.h"
#include "arch/base/json_reader.h"
#include "arch/cost/brief.h"
#include "sim/cli/command.h"
#include "sim/cli/finished_run.h"
#include "sim/cli/formats.h"
#include "sim/cli/kept_report.h"
#include "sim/cli/loaded_report.h"
#include "sim/cli/output_folder.h"
#include "sim/cli/run_steps.h"
#include "sim/report/compare.h"
#include "sim/report/report_json.h"
#include "sim/report/report_text.h"
#include "sim/report/self_checks.h"
#include "sim/run/assembly.h"
#include "sim/run/resolved.h"
#include "sim/run/simulate.h"

namespace bitscale::cli {
namespace {

std::string text_of(const spec::AcceleratorSpec& accelerator) {
  base::JsonWriter json;
  spec::write_accelerator(json, accelerator);
  return json.take();
}

cost::RunActivity load_counts(const std::string& file) {
  const base::JsonValue document = base::parse_json_file(file, kLargestReport);
  require_format(document, file, "counts");
  base::Problems problems;
  base::JsonReader reader(document, problems);
  cost::RunActivity run = cost::read_counts(reader);
  problems.throw_if_any();
  return run;
}

// The run the counts are of, mapped again, when its resolved.json and mapping.json still stand
// beside them. The configuration is that of resolved.json.
std::optional<MappedRun> run_beside(const std::filesystem::path& counts,
                                    const cost::RunActivity& activity) {
  const std::filesystem::path resolved = counts.parent_path() / "resolved.json";
  const std::filesystem::path mapping = counts.parent_path() / "mapping.json";
  if (!std::filesystem::exists(resolved) || !std::filesystem::exists(mapping)) return std::nullopt;
  try {
    run::RunConfig config = run::read_resolved(base::parse_json_file(resolved, kLargestReport));
    const std::optional<base::JsonValue> given = config.mapping;
    config.mapping = base::parse_json_file(mapping, kLargestReport);
    if (config.network.name != activity.network || config.batch != activity.batch ||
        text_of(config.accelerator) != text_of(activity.accelerator)) {
      return std::nullopt;
    }
    MappedRun mapped(std::move(config));
    mapped.config.mapping = given;
    return mapped;
  } catch (const base::UserError&) {
    return std::nullopt;
  }
}

// The run's configuration in the technology of the new prices.
std::string repriced_config(const MappedRun& mapped, const std::filesystem::path& tech) {
  run::RunConfig config = mapped.config;
  config.technology_document = base::parse_json_file(tech);
  std::vector<std::pair<std::string, std::string>> inputs;
  for (const auto& [role, text] : config.inputs) {
    if (role == "set" && text.rfind("/tech", 0) == 0) continue;  // of the other technology
    inputs.emplace_back(role, role == "tech" ? tech.string() : text);
  }
  config.inputs = std::move(inputs);
  return run::resolved_json(config);
}

// The report beside the counts, if it is of the same run.
std::optional<report::Report> report_beside(const std::filesystem::path& counts,
                                            const report::Report& repriced) {
  const std::filesystem::path file = counts.parent_path() / kReportFile;
  if (!std::filesystem::exists(file)) return std::nullopt;
  try {
    report::Report own = load_report(file.string()).report;
    if (is_same_run(own, repriced)) return own;
  } catch (const base::UserError&) {  // it is of something else
  }
  return std::nullopt;
}

bool has_these_layers(const cost::RunActivity& run, const cost::RunActivity& estimate) {
  const auto differ = [](const cost::LayerActivity& a, const cost::LayerActivity& b) {
    return a.name != b.name || a.precision.weight_bits != b.precision.weight_bits ||
           a.precision.act_bits != b.precision.act_bits;
  };
  return std::equal(run.layers.begin(), run.layers.end(), estimate.layers.begin(),
                    estimate.layers.end(), std::not_fn(differ));
}

// What its configuration says of the run: the precision's name, the analytic cycles, the checks
// against the network's shapes. False when that is not known.
bool add_configured(const std::filesystem::path& counts, const std::filesystem::path& tech,
                    const MappedRun& mapped, FinishedRun& run) {
  const run::RunConfig& config = mapped.config;
  const cost::RunActivity estimate = run::analyze(mapped.graph, config.accelerator, mapped.mapping);
  if (!has_these_layers(run.activity, estimate)) return false;
  run.report.design.precision = config.plan.name;
  if (run.activity.engine == "systemc") report::add_analytic_cycles(run.report, estimate);
  const report::Workload workload{config.network, config.precisions};
  run.report.checks = report::self_checks(run.activity, run.report, &workload);
  run.resolved_json = repriced_config(mapped, tech);
  run.mapping_json = base::read_text_file(counts.parent_path() / "mapping.json", kLargestReport);
  return true;
}

// What prices do not change and the counts do not hold.
void add_run(const std::filesystem::path& counts, const std::filesystem::path& tech,
             const cost::CostModel& prices, const cost::Technology& technology, FinishedRun& run) {
  const std::optional<MappedRun> mapped = run_beside(counts, run.activity);
  const bool configured = mapped && add_configured(counts, tech, *mapped, run);
  const std::optional<report::Report> own = report_beside(counts, run.report);
  if (own) {
    keep_measured({*own, configured ? &mapped->prices : nullptr}, run.activity, prices, technology,
                  run.report);
  }
  const bool follows_prices =
      !configured || mapped->config.objective != mapping::Objective::Latency;
  if (own && run.report.waterfall && follows_prices &&
      own->design.technology != run.report.design.technology) {
    run.report.notes.push_back("the gain waterfall is that of the run in " +
                               own->design.technology +
                               ": mapped by other prices its steps could differ");
  }
  if (configured) return;
  run.report.notes.emplace_back(
      "the run's resolved.json and mapping.json are not beside its counts: the name of its "
      "precision, the analytic cycles, the checks against its network and the notes on its "
      "configuration are left out");
}

void write_repriced(const std::filesystem::path& folder, const FinishedRun& run) {
  OutputFiles files(folder, kReportFile);
  replace_optional_files(files);
  add_run_files(files, run, false);
  files.commit();
}

void require_clock(const std::string& counts, const cost::RunActivity& run,
                   const cost::CostModel& prices, const cost::Technology& technology) {
  if (run.clock_mhz <= prices.f_max_mhz()) return;
  throw base::UserError(counts, "ran at " + base::format_number(run.clock_mhz) +
                                    " MHz, above the f_max of " + prices.f_max_component() + ", " +
                                    cost::brief_below(prices.f_max_mhz()) + " MHz in " +
                                    technology.name + "; run it again at a lower clock");
}

// Its other files are of the technology it ran in.
void refuse_own_folder(const std::string& folder, const std::filesystem::path& counts) {
  std::error_code code;
  if (!std::filesystem::equivalent(folder, std::filesystem::absolute(counts).parent_path(), code)) {
    return;
  }
  throw base::UserError("--output", "'" + folder +
                                        "' is the run's own folder, whose files are of the "
                                        "technology it ran in; name another folder");
}

// A comparison takes neither the place of a run's file nor of what it compares.
void refuse_runs_files(const std::string& output, const std::vector<std::string>& runs) {
  std::error_code code;
  const bool compared = std::any_of(runs.begin(), runs.end(), [&](const std::string& run) {
    return std::filesystem::equivalent(output, run, code);
  });
  if (!compared && !is_file_of_a_run(output)) return;
  throw base::UserError("--output", "'" + output +
                                        "' is one of a run's own files, which are of one command; "
                                        "name another file");
}

}  // namespace

int report_command(Session& session) {
  namespace po = boost::program_options;
  Options options("report COUNTS.json [--tech F] [-o DIR]",
                  {"bitscale report out/counts.json --tech generic_7nm",
                   "bitscale report out/counts.json --tech generic_14nm -o out14 --json"});
  options.positional("counts");
  options.add()("tech", text_value(), "technology: a name or a file (default generic_45nm)")(
      "output,o", text_value(), "folder for the new reports, not the run's own")(
      "json", po::bool_switch(), "print report.json")("quiet,q", po::bool_switch(),
                                                      "print nothing but errors");
  if (!options.parse(session)) return kDone;
  if (!options.has("counts")) throw base::UserError("bitscale report", "name a counts.json");
  const std::string counts = options.text("counts");
  FinishedRun run;
  cost::Technology technology;
  std::filesystem::path tech;
  base::Problems problems;
  if (options.has("output")) {
    run::collect(problems, [&] { require_run_folder(options.text("output")); });
    run::collect(problems, [&] { refuse_own_folder(options.text("output"), counts); });
  }
  run::collect(problems, [&] {
    tech = session.catalog.find(run::Shelf::Techs,
                                options.has("tech") ? options.text("tech") : "generic_45nm", "",
                                "--tech");
    technology = cost::load_technology(tech);
  });
  run::collect(problems, [&] {
    OutputFiles::finish_killed(std::filesystem::absolute(counts).parent_path());
    run.activity = load_counts(counts);
  });
  problems.throw_if_any();
  const cost::CostModel prices(run.activity.accelerator, technology);
  require_clock(counts, run.activity, prices, technology);
  run.report = price(run.activity, prices, technology.name, session.line);
  run.report.provenance.inputs = {{"counts", counts}, {"tech", tech.string()}};
  add_run(counts, tech, prices, technology, run);
  if (options.has("output")) write_repriced(options.text("output"), run);
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
  options.add()("output,o", text_value(),
                "write the comparison as one HTML file, none of a run's own")(
      "json", po::bool_switch(), "print the comparison as JSON")("quiet,q", po::bool_switch(),
                                                                 "print nothing but errors");
  if (!options.parse(session)) return kDone;
  const std::vector<std::string> names = options.texts("runs");
  if (names.size() < 2) {
    throw base::UserError("bitscale compare", "name two or more runs (folders or report.json)");
  }
  if (options.has("output")) refuse_runs_files(options.text("output"), names);
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
