// bitscale cosim: the RTL beside the simulator's arithmetic and cycles, and a user's MAC.
#include <filesystem>
#include <ostream>

#include "arch/base/error.h"
#include "arch/base/file.h"
#include "sim/cli/command.h"
#include "sim/cli/cosim_options.h"
#include "sim/verify/cosim_run.h"

namespace bitscale::cli {
namespace {

/// VCD windows and, with -o, cosim.json. Says where the windows are.
void write_files(const Options& options, Session& session, const verify::CosimReport& report,
                 const std::string& json) {
  std::filesystem::path folder = ".";
  if (options.has("output")) {
    folder = options.text("output");
    base::write_file_atomically(folder / "cosim.json", json);
  }
  for (const verify::SetOutcome& set : report.sets) {
    if (!set.failure || set.failure->vcd.empty()) continue;
    const std::filesystem::path file = folder / ("cosim_" + set.name + ".vcd");
    base::write_file_atomically(file, set.failure->vcd);
    session.err << "waveform of the failing case: " << file.string() << '\n';
  }
}

verify::CosimReport run_named(const Options& options, Session& session) {
  verify::CosimOptions run;
  run.only = options.texts("only");
  run.vectors = vectors_option(options);
  run.seed = seed_option(options);
  run.data_root = session.catalog.root();
  return verify::run_cosim(run, [&](const std::string& what) {
    if (!options.flag("quiet")) session.err << "cosim: " << what << '\n';
  });
}

/// Its area, or why there is none: what was simulated is reported all the same.
std::optional<verify::Characterization> characterized(const verify::UserCosim& user,
                                                      std::optional<base::UserError>& failed) {
  try {
    return verify::characterize(user, cosim::files_read(user.mac));
  } catch (const base::UserError& error) {
    failed = error;
    return std::nullopt;
  }
}

}  // namespace

int cosim_command(Session& session) {
  Options options("cosim [OPTIONS]",
                  {"bitscale cosim", "bitscale cosim --only 'array_*' --json",
                   "bitscale cosim --rtl my_mac.sv --top my_mac --weight-bits 4 --act-bits 4 "
                   "--acc-bits 16 --overflow wrap --vectors 1000000",
                   "bitscale cosim --rtl mac.v --top mac --map clk_i=clock --map acc_o=sum"});
  describe_cosim(options);
  if (!options.parse(session)) return kDone;
  if (options.flag("list")) {
    for (const cosim::NamedSet& set : cosim::named_sets()) session.out << set.name << '\n';
    return kDone;
  }
  std::optional<verify::Characterization> characterization;
  std::optional<base::UserError> failed;
  verify::CosimReport report;
  if (options.has("rtl")) {
    const verify::UserCosim user = user_cosim(options, session);
    report = verify::run_user_cosim(user);
    if (options.flag("characterize")) characterization = characterized(user, failed);
  } else {
    refuse_user_options(options);
    report = run_named(options, session);
  }
  const std::string json = verify::report_json(report, characterization);
  if (options.flag("json")) {
    session.out << json;
  } else if (!options.flag("quiet")) {
    session.out << verify::report_text(report);
    if (characterization) session.out << verify::characterization_text(*characterization);
  }
  write_files(options, session, report, json);
  if (failed && report.mismatches() == 0) throw base::UserError(*failed);
  if (failed) session.err << "error: " << failed->what() << '\n';
  return report.mismatches() == 0 ? kDone : kCheckFailed;
}

}  // namespace bitscale::cli
