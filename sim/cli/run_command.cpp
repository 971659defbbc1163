// bitscale run: read, check, map, simulate, price, check, write.
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

void check_output(const Options& options) {
  const auto asked = [&](const std::string& name) {
    return name == "vcd" ? options.has(name) : options.flag(name);
  };
  for (const std::string name : {"timeline", "scalesim-reports", "vcd"}) {
    if (asked(name) && !options.has("output")) {
      throw base::UserError("--" + name, "needs --output for its files");
    }
  }
  for (const std::string name : {"timeline", "vcd"}) {
    if (!asked(name) || !options.flag("analytic")) continue;
    throw base::UserError("--" + name,
                          "shows when each block of the SystemC simulation was busy, which "
                          "--analytic does not run; leave one of the two out");
  }
  if (options.has("vcd")) parse_tile_window(options.text("vcd"), "--vcd");
  if (options.has("baseline")) load_report(options.text("baseline"));  // refused before the run
  if (options.has("output")) require_writable_folder(options.text("output"));
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
  check_output(options);

  const std::string tensors = find_tensors(session.catalog, options.text("config"));
  if (!tensors.empty()) return run_tensors(session, options, tensors);
  refuse_tensor_options(options);

  const MappedRun mapped = run::load_plan(request_from(options), session.catalog);
  if (options.flag("loop-nests")) {
    if (options.flag("json")) {
      throw base::UserError("--loop-nests",
                            "prints text, which --json leaves no room for; "
                            "with -o the nests stand in mapping.json");
    }
    session.out << mapping::loop_nests(mapped.graph, mapped.mapping);
  }
  const FinishedRun run = finished_run(replay(mapped, options), mapped, options, session);
  write_outcome(run, mapped, options);
  print_outcome(run, options, session);
  return report_failed_checks(run.report, session.err) ? kCheckFailed : kDone;
}

}  // namespace bitscale::cli
