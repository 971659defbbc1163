// bitscale import: other tools' files become ours.
#include <ostream>

#include "arch/base/error.h"
#include "sim/cli/command.h"
#include "workloads/import/scalesim_project.h"

namespace bitscale::cli {

int import_command(Session& session) {
  Options options("import scalesim --cfg F --topology F -o DIR",
                  {"bitscale import scalesim --cfg scale.cfg --topology alexnet.csv -o alexnet",
                   "bitscale run alexnet/config.json -o alexnet/out --scalesim-reports"});
  options.positional("format");
  options.add()("cfg", text_value(), "SCALE-Sim configuration (.cfg)")(
      "topology", text_value(), "convolution or GEMM topology (.csv)")(
      "output,o", text_value(), "folder for config.json, arch.json and network.json");
  if (!options.parse(session)) return kDone;
  if (options.text("format") != "scalesim") {
    throw base::UserError("bitscale import", base::unknown_name_message(
                                                 "format", options.text("format"), {"scalesim"}));
  }
  base::Problems missing;
  for (const char* name : {"cfg", "topology", "output"}) {
    if (!options.has(name)) missing.add(std::string("--") + name, "missing");
  }
  missing.throw_if_any();
  const import::ScaleSimProject project =
      import::read_scalesim(options.text("cfg"), options.text("topology"));
  import::write_project(options.text("output"), project);
  for (const std::string& note : project.notes) session.err << "note: " << note << '\n';
  session.out << "wrote " << options.text("output")
              << "/config.json: " << project.network.layers.size() << " layers\n";
  return kDone;
}

}  // namespace bitscale::cli
