// bitscale lut: per-layer costs by operand widths; bitscale search: widths per layer in a budget.
#include <filesystem>
#include <optional>
#include <ostream>
#include <utility>
#include <vector>

#include "arch/base/error.h"
#include "arch/base/file.h"
#include "sim/cli/command.h"
#include "sim/cli/output_folder.h"
#include "sim/report/units.h"
#include "sim/run/assembly.h"
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
      "weight:act or weight:act:acc bits, commas between (default 2:2,4:4,8:8); without acc the "
      "configuration's or the design's accumulator")("quiet,q", po::bool_switch(),
                                                     "print nothing but errors");
}

// What both commands read, as far as it can be read.
struct Inputs {
  std::optional<sweep::LayerTableRequest> request;  ///< when its parts and widths are right
  std::filesystem::path folder;
};

run::RunRequest parts_from(const Options& options) {
  run::RunRequest request;
  request.config = options.text("config");
  request.arch = options.text("arch");
  request.network = options.text("network");
  request.tech = options.text("tech");
  request.sets = options.texts("set");
  return request;
}

// `files` are those that will be written, the closing one last.
Inputs read_inputs(const Options& options, const Session& session,
                   const std::vector<std::string>& files, base::Problems& problems) {
  Inputs inputs;
  sweep::LayerTableRequest table;
  table.fit_pe = options.flag("fit-pe");
  const std::size_t before = problems.size();
  const run::RunRequest request = parts_from(options);
  if (!table.fit_pe) {  // else the design's own PEs decide nothing
    run::add_all(problems, run::load_all(request, session.catalog, run::Scope::Run).problems);
  }
  run::collect(problems, [&] {
    const std::string widths = options.has("widths") ? options.text("widths") : kUsualWidths;
    table.options = sweep::parse_width_options(widths, "--widths");
  });
  const bool parts = problems.size() > before || run::collect(problems, [&] {
                       std::vector<std::pair<std::string, std::string>> unused;
                       table.document = run::assemble_document(request, session.catalog, unused);
                     });
  if (table.document.find("mapping") != nullptr) {
    problems.add("--config", "a mapping holds for one set of widths only: leave it out");
  }
  if (parts && problems.size() == before) inputs.request = std::move(table);
  run::collect(problems, [&] {
    if (!options.has("output")) throw base::UserError("--output", "name the folder: -o DIR");
    require_writable_folder(options.text("output"));
    const std::filesystem::path folder = options.text("output");
    if (std::filesystem::is_directory(folder)) OutputFiles::finish_killed(folder);
    require_no_others(folder, files, files.back(), std::filesystem::exists(folder / files.back()));
    inputs.folder = options.text("output");
  });
  return inputs;
}

// The table, where its inputs are right; options that the design refuses are problems too.
std::optional<sweep::LayerTable> table_of(const Inputs& inputs, base::Problems& problems) {
  std::optional<sweep::LayerTable> table;
  if (inputs.request) {
    run::collect(problems, [&] { table = sweep::make_layer_table(*inputs.request); });
  }
  return table;
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
  options.add()("fit-pe", po::bool_switch(),
                "PEs of the MAC array just as wide as each option instead of the design's; PIM "
                "arrays keep their widths");
  options.about(
      "Each option replaces the widths of weights and activations in the configuration's "
      "precision; "
      "its\nencodings, signs, output and partial-sum bits stay.");
  if (!options.parse(session)) return kDone;
  base::Problems problems;
  const Inputs inputs = read_inputs(options, session, {"lut.csv", "lut.npy", "lut.json"}, problems);
  const std::optional<sweep::LayerTable> made = table_of(inputs, problems);
  problems.throw_if_any();
  const sweep::LayerTable& table = *made;
  const std::filesystem::path& folder = inputs.folder;
  OutputFiles files(folder, "lut.json");
  files.add("lut.csv", sweep::layer_table_csv(table));
  files.add("lut.json", sweep::layer_table_json(table));
  files.add("lut.npy", sweep::layer_table_npy(table));
  files.commit();
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
  base::Problems problems;
  for (const char* name : {"sensitivity", "budget"}) {
    if (!options.has(name)) problems.add(std::string("--") + name, "is needed");
  }
  sweep::Budget budget;
  base::JsonValue sensitivity;
  run::collect(problems, [&] {
    if (options.has("budget")) budget = sweep::parse_budget(options.text("budget"), "--budget");
  });
  const bool has_losses = options.has("sensitivity") && run::collect(problems, [&] {
                            sensitivity = base::parse_json_file(options.text("sensitivity"));
                          });
  const Inputs inputs = read_inputs(options, session, {"precision.json", "search.json"}, problems);
  const std::optional<sweep::LayerTable> made = table_of(inputs, problems);
  std::vector<std::vector<double>> losses;
  if (made && has_losses) {
    run::collect(problems, [&] { losses = sweep::read_losses(sensitivity, *made); });
  }
  problems.throw_if_any();
  const sweep::LayerTable& table = *made;
  const auto search = sweep::search_precision(*inputs.request, table, losses, budget);
  OutputFiles files(inputs.folder, "search.json");
  files.add("precision.json", search.precision_json);
  files.add("search.json", sweep::search_json(search, table));
  files.commit();
  if (!options.flag("quiet")) print_search(search, table, session.out);
  if (search.estimated <= budget.limit) return kDone;
  session.err
      << "the mixed network as a whole is above the budget, and so was every tighter "
         "assignment that was tried: neighbours of other widths change what a layer costs\n";
  return kCheckFailed;
}

}  // namespace bitscale::cli
