// bitscale reproduce: published results, measured anew.
#include <filesystem>
#include <ostream>

#include "arch/base/error.h"
#include "arch/base/file.h"
#include "sim/cli/command.h"
#include "sim/cli/finished_run.h"
#include "sim/reproduce/pact.h"

namespace bitscale::cli {
namespace {

struct Reproduction {
  const char* name;
  int (*run)(Session& session, const Options& options);
};

int reproduce_pact(Session& session, const Options& options) {
  const reproduce::PactStudy study = reproduce::load_pact_study(session.catalog);
  const bool quiet = options.flag("quiet");
  const reproduce::PactResult result =
      reproduce::reproduce_pact(study, [&](const std::string& step) {
        if (!quiet) session.err << "pact: " << step << '\n';
      });
  if (options.has("output")) {
    const std::filesystem::path folder = options.text("output");
    const auto tech = session.catalog.find(run::Shelf::Techs, "generic_14nm", "", "reproduce");
    const cost::Technology technology = cost::load_technology(tech);
    FinishedRun run;
    run.activity = result.w4_run;
    run.report = price(run.activity, cost::CostModel(run.activity.accelerator, technology),
                       technology.name, session.line);
    run.report.waterfall = result.waterfall;
    write_run(folder, run, false);
    base::write_file_atomically(folder / "targets.json", reproduce::pact_json(study, result));
    base::write_file_atomically(folder / "map.csv", reproduce::pact_map_csv(result));
  }
  session.out << (options.flag("json") ? reproduce::pact_json(study, result)
                                       : reproduce::pact_text(study, result));
  if (options.has("output") && !options.flag("json")) {
    session.out << "Report: "
                << (std::filesystem::path(options.text("output")) / "report.html").string() << '\n';
  }
  return reproduce::all_met(result.targets) ? kDone : kCheckFailed;
}

const std::vector<Reproduction>& reproductions() {
  static const std::vector<Reproduction> all = {{"pact", reproduce_pact}};
  return all;
}

}  // namespace

int reproduce_command(Session& session) {
  namespace po = boost::program_options;
  Options options("reproduce NAME [--json] [-o DIR]",
                  {"bitscale reproduce pact", "bitscale reproduce pact -o pact --json"});
  options.positional("name");
  options.add()("output,o", text_value(), "folder for report.html, targets.json and tables")(
      "json", po::bool_switch(), "print the targets as JSON")("quiet,q", po::bool_switch(),
                                                              "print no progress");
  if (!options.parse(session)) return kDone;
  std::vector<std::string> names;
  for (const Reproduction& reproduction : reproductions()) {
    if (options.text("name") == reproduction.name) return reproduction.run(session, options);
    names.emplace_back(reproduction.name);
  }
  throw base::UserError("bitscale reproduce",
                        base::unknown_name_message("reproduction", options.text("name"), names));
}

}  // namespace bitscale::cli
