// bitscale lut: per-layer costs by operand widths; bitscale search: widths per layer in a budget.
#include <filesystem>
#include <ostream>

#include "arch/base/error.h"
#include "arch/base/file.h"
#include "sim/cli/command.h"
#include "sim/report/units.h"
#include "sim/run/run_config.h"
#include "sim/sweep/precision_search.h"
#include "sim/sweep/sensitivity.h"

namespace bitscale::cli {
namespace {

namespace po = boost::program_options;
constexpr const char* kUsualWidths = "2:2,4:4,8:8";

void describe(Options& options) {
  options.positional("config");
  options.add()("output,o", text_value(), "folder of the files (made when missing)")(
      "arch", text_value(), "design: a name (bitscale list archs) or a file")(
      "network", text_value(), "network: a name (bitscale list networks) or a file")(
      "tech", text_value(), "technology: a name (bitscale list techs) or a file")(
      "set", texts_value(), "/json/pointer=value, changes the configuration; repeatable")(
      "widths", text_value(),
      "weight:act or weight:act:acc bits, commas between (default 2:2,4:4,8:8)")(
      "fit-pe", po::bool_switch(), "PEs just as wide as each option instead of the design's")(
      "quiet,q", po::bool_switch(), "print nothing but errors");
}

sweep::LayerTableRequest request_from(const Options& options, const Session& session) {
  run::RunRequest request;
  request.config = options.text("config");
  request.arch = options.text("arch");
  request.network = options.text("network");
  request.tech = options.text("tech");
  request.sets = options.texts("set");
  std::vector<std::pair<std::string, std::string>> inputs;
  sweep::LayerTableRequest table;
  table.document = run::assemble_document(request, session.catalog, inputs);
  if (table.document.find("mapping") != nullptr) {
    throw base::UserError("--config", "a mapping holds for one set of widths only: leave it out");
  }
  const std::string widths = options.has("widths") ? options.text("widths") : kUsualWidths;
  table.options = sweep::parse_width_options(widths, "--widths");
  table.fit_pe = options.flag("fit-pe");
  return table;
}

std::filesystem::path output_folder(const Options& options) {
  if (!options.has("output")) throw base::UserError("--output", "name the folder: -o DIR");
  std::filesystem::path folder = options.text("output");
  std::error_code code;
  std::filesystem::create_directories(folder, code);
  if (code) throw base::UserError(folder.string(), "cannot be made: " + code.message());
  return folder;
}

void print_search(const sweep::PrecisionSearch& search, const sweep::LayerTable& table,
                  std::ostream& out) {
  for (std::size_t i = 0; i < search.layers.size(); ++i) {
    out << search.layers[i] << ": " << table.options[search.options[i]].name() << '\n';
  }
  const std::string unit(sweep::kBudgetKindNames.name(search.budget.kind));
  out << "loss " << report::significant(search.loss) << ", " << unit << ' '
      << report::significant(search.predicted) << " by the table, "
      << report::significant(search.estimated) << " estimated as a whole, budget "
      << report::significant(search.budget.limit) << '\n';
  if (search.rounds > 1) {
    out << "solved " << search.rounds
        << " times: the first assignment within the budget by the table was above it as a whole\n";
  }
}

}  // namespace

int lut_command(Session& session) {
  Options options(
      "lut [CONFIG.json] -o DIR [OPTIONS]",
      {"bitscale lut --network resnet18 -o out",
       "bitscale lut --network resnet50 --arch pact_like --widths 2:2,4:4:16,8:8 -o out"});
  describe(options);
  if (!options.parse(session)) return kDone;
  const auto request = request_from(options, session);
  const std::filesystem::path folder = output_folder(options);
  const sweep::LayerTable table = sweep::make_layer_table(request);
  base::write_file_atomically(folder / "lut.csv", sweep::layer_table_csv(table));
  base::write_file_atomically(folder / "lut.json", sweep::layer_table_json(table));
  base::write_file_atomically(folder / "lut.npy", sweep::layer_table_npy(table));
  if (!options.flag("quiet")) {
    session.out << table.layers.size() << " layers x " << table.options.size()
                << " options: " << (folder / "lut.csv").string() << ", lut.json, lut.npy\n";
  }
  return kDone;
}

int search_command(Session& session) {
  Options options("search [CONFIG.json] --sensitivity FILE --budget KIND=N -o DIR [OPTIONS]",
                  {"bitscale search --network resnet18 --sensitivity losses.json "
                   "--budget energy_pj=2e9 -o out",
                   "bitscale run --network resnet18 --precision out/precision.json"});
  describe(options);
  options.add()(
      "sensitivity", text_value(),
      "losses or activation densities per layer (configs/schema/sensitivity.schema.json)")(
      "budget", text_value(), "energy_pj=N, latency_ms=N, size_bytes=N or bops=N");
  if (!options.parse(session)) return kDone;
  for (const char* name : {"sensitivity", "budget"}) {
    if (!options.has(name)) throw base::UserError(std::string("--") + name, "is needed");
  }
  const sweep::Budget budget = sweep::parse_budget(options.text("budget"), "--budget");
  const auto request = request_from(options, session);
  const auto sensitivity = base::parse_json_file(options.text("sensitivity"));
  const std::filesystem::path folder = output_folder(options);
  const sweep::LayerTable table = sweep::make_layer_table(request);
  const auto losses = sweep::read_losses(sensitivity, table);
  const auto search = sweep::search_precision(request, table, losses, budget);
  base::write_file_atomically(folder / "precision.json", search.precision_json);
  base::write_file_atomically(folder / "search.json", sweep::search_json(search, table));
  if (!options.flag("quiet")) print_search(search, table, session.out);
  if (search.estimated <= budget.limit) return kDone;
  session.err
      << "the mixed network as a whole is above the budget, and so was every tighter "
         "assignment that was tried: neighbours of other widths change what a layer costs\n";
  return kCheckFailed;
}

}  // namespace bitscale::cli
