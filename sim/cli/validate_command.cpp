// bitscale validate: reads a file as the program would and says what is wrong with it.
#include <ostream>

#include "arch/base/error.h"
#include "arch/base/json_reader.h"
#include "arch/cost/activity.h"
#include "arch/cost/technology.h"
#include "arch/spec/accelerator.h"
#include "sim/cli/command.h"
#include "sim/run/run_config.h"
#include "sim/sweep/sweep_spec.h"
#include "workloads/model/network.h"
#include "workloads/model/precision_plan.h"

namespace bitscale::cli {
namespace {

enum class Format { Arch, Network, Tech, Precision, Counts, Config, Sweep };
const base::NameTable<Format> kFormatNames = {
    {Format::Arch, "arch"},           {Format::Network, "network"}, {Format::Tech, "tech"},
    {Format::Precision, "precision"}, {Format::Counts, "counts"},   {Format::Config, "config"},
    {Format::Sweep, "sweep"}};

// Tells formats apart by a member only they have.
Format guess(const base::JsonValue& document) {
  if (document.find("mac_array") != nullptr) return Format::Arch;
  if (document.find("axes") != nullptr) return Format::Sweep;
  if (document.find("mac_area") != nullptr) return Format::Tech;
  if (document.find("accelerator") != nullptr) return Format::Counts;
  if (document.find("layers") != nullptr) return Format::Network;
  if (document.find("default") != nullptr) return Format::Precision;
  return Format::Config;
}

void check(Format format, const std::string& file, const base::JsonValue& document,
           const run::Catalog& catalog) {
  base::Problems problems;
  base::JsonReader reader(document, problems);
  switch (format) {
    case Format::Arch:
      spec::read_accelerator(reader);
      break;
    case Format::Network:
      model::read_network(reader);
      break;
    case Format::Tech:
      cost::read_technology(reader);
      break;
    case Format::Precision:
      model::read_precision_plan(reader);
      break;
    case Format::Counts:
      cost::read_counts(reader);
      break;
    case Format::Config: {
      run::RunRequest request;
      request.config = file;
      run::load_config(request, catalog);
      break;
    }
    case Format::Sweep:
      sweep::load_sweep(file, catalog);
      break;
  }
  problems.throw_if_any();
}

}  // namespace

int validate_command(Session& session) {
  Options options("validate FILE [--as FORMAT]",
                  {"bitscale validate my_arch.json", "bitscale validate --as network net.json"});
  options.positional("file");
  options.add()(
      "as", text_value(),
      "arch, network, tech, precision, counts, config or sweep (default: told from the file)");
  if (!options.parse(session)) return kDone;
  if (!options.has("file")) throw base::UserError("bitscale validate", "name a file to check");
  const std::string file = options.text("file");
  const base::JsonValue document = base::parse_json_file(file);
  Format format = guess(document);
  if (options.has("as")) {
    const auto named = kFormatNames.find(options.text("as"));
    if (!named) {
      throw base::UserError(
          "--as", base::unknown_name_message("format", options.text("as"), kFormatNames.names()));
    }
    format = *named;
  }
  check(format, file, document, session.catalog);
  session.out << file << ": valid " << kFormatNames.name(format) << '\n';
  return kDone;
}

}  // namespace bitscale::cli
