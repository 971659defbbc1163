// bitscale list: what ships with the program.
#include <ostream>

#include "arch/base/error.h"
#include "arch/base/json_value.h"
#include "sim/cli/command.h"

namespace bitscale::cli {

int list_command(Session& session) {
  Options options("list archs|networks|techs|precisions|traces",
                  {"bitscale list networks", "bitscale list archs", "bitscale list traces"});
  options.positional("shelf");
  if (!options.parse(session)) return kDone;
  const std::string name = options.text("shelf");
  if (name.empty()) {
    throw base::UserError("bitscale list",
                          "name what to list: " + base::comma_separated(run::kShelfNames.names()));
  }
  const auto shelf = run::kShelfNames.find(name);
  if (!shelf) {
    throw base::UserError("bitscale list",
                          base::unknown_name_message("list", name, run::kShelfNames.names()));
  }
  for (const std::string& entry : session.catalog.names(*shelf)) {
    const auto path = session.catalog.find(*shelf, entry, "", "bitscale list");
    const base::JsonValue document = base::parse_json_file(path);
    const base::JsonValue* text = document.find("description");
    session.out << entry;
    if (text != nullptr && !text->text.empty()) {
      session.out << std::string(entry.size() < 26 ? 26 - entry.size() : 1, ' ') << text->text;
    }
    session.out << '\n';
  }
  return kDone;
}

}  // namespace bitscale::cli
