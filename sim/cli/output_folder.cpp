#include "sim/cli/output_folder.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <functional>
#include <system_error>
#include <utility>

#include "arch/base/error.h"
#include "arch/base/file.h"

namespace bitscale::cli {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void refuse(const std::string& folder, const std::string& why) {
  constexpr std::string_view kSaid = "cannot be written: ";  // a file of it may have said so
  const std::string reason = why.rfind(kSaid, 0) == 0 ? why.substr(kSaid.size()) : why;
  throw base::UserError("--output", "'" + folder + "' " + std::string(kSaid) + reason);
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

constexpr std::string_view kStaging = ".bitscale_part";

// Removes what commands that were killed have left.
void remove_abandoned(const fs::path& folder) {
  std::error_code code;
  for (const auto& entry : fs::directory_iterator(folder, code)) {
    const std::string name = entry.path().filename().string();
    if (name.rfind(kStaging, 0) != 0) continue;
    const char* first = name.data() + kStaging.size();
    const char* last = name.data() + name.size();
    ::pid_t process = 0;
    const auto [end, error] = std::from_chars(first, last, process);
    if (error != std::errc() || end != last || process <= 0) continue;
    if (::kill(process, 0) == 0 || errno != ESRCH) continue;
    std::error_code ignored;
    fs::remove_all(entry.path(), ignored);
  }
}

}  // namespace

OutputFiles::OutputFiles(fs::path folder, std::string closing)
    : folder_(std::move(folder)),
      staging_(folder_ / (std::string(kStaging) + std::to_string(::getpid()))),
      closing_(std::move(closing)) {
  std::error_code code;
  fs::create_directories(folder_, code);
  remove_abandoned(folder_);
  if (!code) fs::create_directory(staging_, code);
  if (code) refuse(folder_.string(), code.message());
}

OutputFiles::~OutputFiles() {
  std::error_code ignored;
  fs::remove_all(staging_, ignored);
}

void OutputFiles::add(const std::string& name, std::string_view content) {
  try {
    base::write_file_atomically(staging_ / name, content);
  } catch (const base::UserError& error) {
    throw base::UserError((folder_ / name).string(), error.problems().front().message);
  }
  names_.push_back(name);
}

void OutputFiles::remove(const std::string& name) const {
  std::error_code code;
  fs::remove(folder_ / name, code);
  if (code) throw base::UserError((folder_ / name).string(), "cannot remove: " + code.message());
}

void OutputFiles::commit() {
  remove(closing_);
  for (const std::string& name : replaced_) remove(name);
  const auto is_closing = [&](const std::string& name) { return name == closing_; };
  std::stable_partition(names_.begin(), names_.end(), std::not_fn(is_closing));
  for (const std::string& name : names_) {
    std::error_code code;
    fs::rename(staging_ / name, folder_ / name, code);
    if (code) {
      throw base::UserError((folder_ / name).string(), "cannot be written: " + code.message());
    }
  }
}

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
