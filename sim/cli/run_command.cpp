// bitscale run: read, check, map, simulate, price, check, write.
#include <algorithm>
#include <filesystem>
#include <optional>
#include <ostream>

#include "arch/base/error.h"
#include "sim/cli/command.h"
#include "sim/cli/loaded_report.h"
#include "sim/cli/output_folder.h"
#include "sim/cli/run_steps.h"
#include "sim/cli/span_recorder.h"
#include "sim/cli/tensor_run.h"
#include "sim/cli/tensor_source.h"
#include "sim/mapping/mapping_json.h"
#include "sim/run/assembly.h"

namespace bitscale::cli {
namespace {

void describe(Options& options) {
  namespace po = boost::program_options;
  options.positional("config");
  options.add()("output,o", text_value(),
                "folder for reports and counts (made when missing); of a network with inputs also "
                "execution.json (overflow per layer and channel), predictions.npy and outputs.npy "
                "(the first output; further ones outputs_2.npy …)")(
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
      "vcd", text_value(),
      "FIRST..LAST: write trace.vcd of these tiles, numbered from 0 over all layers (needs -o and "
      "SystemC)")("scalesim-reports", po::bool_switch(),
                  "write COMPUTE_REPORT.csv and BANDWIDTH_REPORT.csv (needs -o)")(
      "baseline", text_value(),
      "another run's folder or report.json: take the gain over it apart (default: over the same "
      "design with operands as wide as its PEs take, estimated)")(
      "json", po::bool_switch(), "print report.json instead of tables")(
      "quiet,q", po::bool_switch(), "print nothing but errors");
}

// Everything that is wrong with the options themselves, before a run.
void check_output(const Options& options, base::Problems& problems) {
  const auto asked = [&](const std::string& name) {
    return name == "vcd" ? options.has(name) : options.flag(name);
  };
  for (const std::string name : {"timeline", "scalesim-reports", "vcd"}) {
    if (asked(name) && !options.has("output")) {
      problems.add("--" + name, "needs --output for its files");
    }
  }
  for (const std::string name : {"timeline", "vcd"}) {
    if (!asked(name) || !options.flag("analytic")) continue;
    problems.add("--" + name,
                 "shows when each block of the SystemC simulation was busy, which "
                 "--analytic does not run; leave one of the two out");
  }
  using run::collect;
  if (options.has("vcd")) {
    collect(problems, [&] { parse_tile_window(options.text("vcd"), "--vcd"); });
  }
  if (options.has("baseline")) {
    collect(problems, [&] { load_report(options.text("baseline")); });
  }
  if (options.has("output")) {
    collect(problems, [&] { require_run_folder(options.text("output")); });
  }
}

// A run of shapes prints its loop nests; one with tensors refuses the option.
void check_loop_nests(const Options& options, base::Problems& problems) {
  if (!options.flag("loop-nests") || !options.flag("json")) return;
  problems.add("--loop-nests",
               "prints text, which --json leaves no room for; "
               "with -o the nests stand in mapping.json");
}

// A network's name stands where a file is expected.
bool check_config(const Options& options, const Session& session, base::Problems& problems) {
  const std::string config = options.text("config");
  if (config.empty() || std::filesystem::exists(config)) return true;
  const std::vector<std::string> networks = session.catalog.names(run::Shelf::Networks);
  if (std::find(networks.begin(), networks.end(), config) == networks.end()) return true;
  problems.add(config, "no such file; the network of this name is run by --network " + config);
  return false;
}

// The plan of a run of shapes; its problems stand beside those of the options.
MappedRun planned(const Options& options, const Session& session, base::Problems& problems) {
  std::optional<MappedRun> mapped;
  refuse_tensor_options(options, problems);
  check_loop_nests(options, problems);
  if (check_config(options, session, problems)) {
    run::collect(problems,
                 [&] { mapped.emplace(run::load_plan(request_from(options), session.catalog)); });
  }
  problems.throw_if_any();
  return std::move(*mapped);
}

}  // namespace

int run_command(Session& session) {
  Options options(
      "run [CONFIG.json | MODEL.onnx | TRACE] [OPTIONS]",
      {"bitscale run --network resnet50", "bitscale run --network resnet18 --precision w4a4 -o out",
       "bitscale run --network vgg16 --set /arch/mac_array/rows=64 --analytic",
       "bitscale run config.json --tech generic_7nm --json",
       "bitscale run --network resnet18 --precision w4a4 --baseline out8 -o out4",
       "bitscale run --network resnet18 --timeline --vcd 0..99 -o out",
       "bitscale run digits_mlp_w4a4 --acc-bits 8..12 --overflow wrap",
       "bitscale run model.onnx --inputs x.npy --labels y.npy --acc-bits auto -o out"});
  describe(options);
  describe_tensor_run(options);
  if (!options.parse(session)) return kDone;
  base::Problems problems;
  check_output(options, problems);
  std::string tensors;
  if (!run::collect(problems,
                    [&] { tensors = find_tensors(session.catalog, options.text("config")); })) {
    run::RunRequest rest = request_from(options);  // what it named is no network
    rest.config = "";
    run::add_all(problems, run::load_all(rest, session.catalog, run::Scope::Tensors).problems);
    problems.throw_if_any();
  }
  if (!tensors.empty()) return run_tensors(session, options, tensors, problems);
  const MappedRun mapped = planned(options, session, problems);
  if (options.flag("loop-nests")) {
    session.out << mapping::loop_nests(mapped.graph, mapped.mapping);
  }
  const FinishedRun run = finished_run(replay(mapped, options), mapped, options, session);
  write_outcome(run, mapped, options);
  print_outcome(run, options, session);
  return report_failed_checks(run.report, session.err) ? kCheckFailed : kDone;
}

}  // namespace bitscale::cli
