#include "sim/run/catalog.h"

#include <algorithm>

#include "arch/base/error.h"

namespace bitscale::run {
namespace {

constexpr const char* kExtension = ".json";
constexpr const char* kTraceFile = "trace.json";  // a trace is a folder

std::string singular(Shelf shelf) {
  std::string text(kShelfNames.name(shelf));
  text.pop_back();
  return text;
}

}  // namespace

std::filesystem::path Catalog::folder(Shelf shelf) const {
  switch (shelf) {
    case Shelf::Archs:
      return root_ / "configs/arch";
    case Shelf::Networks:
      return root_ / "workloads/networks";
    case Shelf::Techs:
      return root_ / "configs/tech";
    case Shelf::Precisions:
      return root_ / "configs/precision";
    case Shelf::Traces:
      return root_ / "workloads/traces";
  }
  throw base::InternalError("shelf without a folder");
}

std::filesystem::path Catalog::file(Shelf shelf, const std::string& name) const {
  return shelf == Shelf::Traces ? folder(shelf) / name / kTraceFile
                                : folder(shelf) / (name + kExtension);
}

std::vector<std::string> Catalog::names(Shelf shelf) const {
  std::vector<std::string> all;
  std::error_code code;
  for (const auto& entry : std::filesystem::directory_iterator(folder(shelf), code)) {
    const std::filesystem::path& path = entry.path();
    const std::string name = shelf == Shelf::Traces ? path.filename() : path.stem();
    const bool other = shelf != Shelf::Traces && path.extension() != kExtension;
    if (!other && std::filesystem::is_regular_file(file(shelf, name), code)) all.push_back(name);
  }
  std::sort(all.begin(), all.end());
  return all;
}

std::filesystem::path Catalog::find(Shelf shelf, const std::string& name,
                                    const std::filesystem::path& beside,
                                    const std::string& where) const {
  const std::filesystem::path given(name);
  std::filesystem::path near = given.is_absolute() ? given : beside / given;
  std::error_code code;
  const auto status = std::filesystem::status(near, code);
  const bool found = !name.empty() && std::filesystem::exists(status);
  if (found && !std::filesystem::is_directory(status)) return near;
  std::filesystem::path shipped = file(shelf, name);
  const bool plain = name.find('/') == std::string::npos && !name.empty();
  if (plain && std::filesystem::is_regular_file(shipped)) return shipped;
  const std::string choice =
      "expected a JSON file or a name (" + base::comma_separated(names(shelf)) + ")";
  if (found) throw base::UserError(where, "'" + name + "' is a folder; " + choice);
  if (!name.empty() && status.type() == std::filesystem::file_type::none) {
    throw base::UserError(where,
                          "'" + name + "' cannot be read: " + code.message() + "; " + choice);
  }
  throw base::UserError(where, "no such file, and " +
                                   base::unknown_name_message(singular(shelf), name, names(shelf)));
}

}  // namespace bitscale::run
