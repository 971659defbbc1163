// bitscale validate: reads a file as the program would and says what is wrong with it.
#include <filesystem>
#include <ostream>

#include "arch/base/error.h"
#include "arch/base/json_parse.h"
#include "arch/base/json_reader.h"
#include "sim/cli/command.h"
#include "sim/cli/formats.h"

namespace bitscale::cli {
namespace {

const Format& named_format(const std::string& name) {
  std::vector<std::string> names;
  for (const Format& format : formats()) {
    if (name == format.name) return format;
    names.emplace_back(format.name);
  }
  throw base::UserError("--as", base::unknown_name_message("format", name, names));
}

std::string format_names() {
  std::string names;
  for (const Format& format : formats()) {
    names += (names.empty() ? "" : ", ") + std::string(format.name);
  }
  return names;
}

const Format& told_format(const CheckedFile& file) {
  const Format* format = guess_format(file.document);
  if (format != nullptr) return *format;
  throw base::UserError(file.path, "not a format bitscale knows (" + format_names() +
                                       "); --as FORMAT checks it as one of them");
}

// Duplicate keys are told beside what else is wrong.
const Format& check_file(CheckedFile& file, const Options& options) {
  base::Problems problems;
  file.document = base::parse_json_file(file.path, problems);
  const Format* format = nullptr;
  try {
    format = options.has("as") ? &named_format(options.text("as")) : &told_format(file);
    format->check(file);
  } catch (const base::UserError& error) {
    for (const auto& [where, message] : error.problems()) problems.add(where, message);
  }
  problems.throw_if_any();
  return *format;
}

}  // namespace

int validate_command(Session& session) {
  Options options("validate FILE [--as FORMAT]",
                  {"bitscale validate my_arch.json", "bitscale validate --as network net.json",
                   "bitscale validate out/counts.json"});
  options.positional("file");
  const std::string known = format_names() + " (default: told from the file)";
  options.add()("as", text_value(), known.c_str());
  options.add()("quiet,q", boost::program_options::bool_switch(), "print nothing but errors");
  if (!options.parse(session)) return kDone;
  if (!options.has("file")) throw base::UserError("bitscale validate", "name a file to check");
  CheckedFile file{options.text("file"), {}, session.catalog};
  if (std::filesystem::is_directory(file.path)) {
    const std::filesystem::path trace = std::filesystem::path(file.path) / "trace.json";
    if (std::filesystem::exists(trace)) file.path = trace.string();
  }
  const Format& format = check_file(file, options);
  if (!options.flag("quiet")) session.out << file.path << ": valid " << format.name << '\n';
  return kDone;
}

}  // namespace bitscale::cli
