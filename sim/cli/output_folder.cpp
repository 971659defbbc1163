#include "sim/cli/output_folder.h"

#include <filesystem>
#include <system_error>
#include <vector>

#include "arch/base/error.h"
#include "arch/base/file.h"

namespace bitscale::cli {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void refuse(const std::string& folder, const std::string& why) {
  throw base::UserError("--output", "'" + folder + "' cannot be written: " + why);
}

// The folder and its parents that do not exist, innermost first.
std::vector<fs::path> missing_levels(const fs::path& folder) {
  std::vector<fs::path> missing;
  std::error_code code;
  for (fs::path level = folder; !level.empty() && !fs::exists(level, code);
       level = level.parent_path()) {
    missing.push_back(level);
    if (level == level.parent_path()) break;
  }
  return missing;
}

}  // namespace

void require_writable_folder(const std::string& folder) {
  if (folder.empty()) refuse(folder, "name a folder");
  fs::path path = fs::path(folder).lexically_normal();
  if (!path.has_filename()) path = path.parent_path();  // "out/"
  std::error_code code;
  if (fs::exists(path, code) && !fs::is_directory(path, code)) {
    refuse(folder, "it is a file, not a folder");
  }
  const std::vector<fs::path> made = missing_levels(path);
  fs::create_directories(path, code);
  std::string why = code ? code.message() : "";
  const fs::path probe = path / "bitscale_probe";
  if (why.empty()) {
    try {
      base::write_file_atomically(probe, "");
      fs::remove(probe, code);
    } catch (const base::UserError& error) {
      why = error.problems().front().message;
    }
  }
  for (const fs::path& level : made) fs::remove(level, code);  // the empty ones only
  if (!why.empty()) refuse(folder, why);
}

}  // namespace bitscale::cli
