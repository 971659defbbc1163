#include "sim/cli/output_folder.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <functional>
#include <sstream>
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

constexpr std::string_view kStaging = ".bitscale_part", kComplete = ".bitscale_commit";
/// In a folder of complete files: the closing file, then what goes, a name a line.
constexpr const char* kOrders = ".orders";

// The folders inside `folder` that this prefix and the number of a process, now gone, name.
std::vector<fs::path> abandoned(const fs::path& folder, std::string_view prefix) {
  std::vector<fs::path> found;
  std::error_code code;
  for (const auto& entry : fs::directory_iterator(folder, code)) {
    const std::string name = entry.path().filename().string();
    if (name.rfind(prefix, 0) != 0) continue;
    const char* first = name.data() + prefix.size();
    const char* last = name.data() + name.size();
    ::pid_t process = 0;
    const auto [end, error] = std::from_chars(first, last, process);
    if (error != std::errc() || end != last || process <= 0) continue;
    if (::kill(process, 0) == 0 || errno != ESRCH) continue;
    found.push_back(entry.path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

void check(const std::error_code& code, const fs::path& file) {
  if (code) throw base::UserError(file.string(), "cannot be written: " + code.message());
}

std::vector<std::string> lines_of(const fs::path& file) {
  constexpr std::uintmax_t kMost = 1u << 20;
  std::istringstream text(base::read_text_file(file, kMost));
  std::vector<std::string> lines;
  for (std::string line; std::getline(text, line);) lines.push_back(line);
  return lines;
}

std::vector<std::string> files_in(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code code;
  for (const auto& entry : fs::directory_iterator(folder, code)) {
    names.push_back(entry.path().filename().string());
  }
  check(code, folder);
  std::sort(names.begin(), names.end());
  return names;
}

// Carries out what `complete` holds. It can begin again after any of its steps.
void move_files(const fs::path& folder, const fs::path& complete, const OutputFiles::Step& step) {
  std::error_code code;
  if (fs::exists(complete / kOrders)) {
    const std::vector<std::string> orders = lines_of(complete / kOrders);
    for (std::size_t i = 1; i < orders.size(); ++i) {
      const fs::path old = folder / orders[i];
      if (fs::is_directory(old, code)) continue;  // none of ours
      step();
      fs::remove(old, code);
      check(code, old);
    }
    std::vector<std::string> names = files_in(complete);
    const auto is_last = [&](const std::string& name) { return name == orders.at(0); };
    std::stable_partition(names.begin(), names.end(), std::not_fn(is_last));
    for (const std::string& name : names) {
      if (name == kOrders) continue;
      step();
      fs::rename(complete / name, folder / name, code);
      check(code, folder / name);
    }
  }
  step();
  fs::remove_all(complete, code);
}

}  // namespace

OutputFiles::OutputFiles(fs::path folder, std::string closing)
    : folder_(std::move(folder)),
      staging_(folder_ / (std::string(kStaging) + std::to_string(::getpid()))),
      closing_(std::move(closing)) {
  std::error_code code;
  fs::create_directories(folder_, code);
  finish_killed(folder_);
  for (const fs::path& left : abandoned(folder_, kStaging)) {
    std::error_code ignored;
    fs::remove_all(left, ignored);
  }
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

// No file can take a folder's place.
void OutputFiles::check_obstacles() const {
  base::Problems problems;
  for (const std::string& name : names_) {
    std::error_code code;
    if (!fs::is_directory(folder_ / name, code)) continue;
    problems.add((folder_ / name).string(),
                 "is a folder where a file of this name would be written; nothing was changed");
  }
  problems.throw_if_any();
}

void OutputFiles::write_orders() const {
  std::string orders = closing_ + '\n';
  for (const std::string& name : replaced_) {
    if (std::find(names_.begin(), names_.end(), name) == names_.end()) orders += name + '\n';
  }
  base::write_file_atomically(staging_ / kOrders, orders);
}

void OutputFiles::commit() {
  check_obstacles();
  write_orders();
  const fs::path complete = folder_ / (std::string(kComplete) + std::to_string(::getpid()));
  std::error_code code;
  step_();
  fs::rename(staging_, complete, code);
  check(code, folder_);
  move_files(folder_, complete, step_);
}

void OutputFiles::finish_killed(const fs::path& folder) {
  for (const fs::path& complete : abandoned(folder, kComplete)) {
    move_files(folder, complete, [] {});
  }
}

void require_no_others(const fs::path& folder, const std::vector<std::string>& names,
                       const std::string& closing, bool ours) {
  if (ours) return;
  base::Problems problems;
  for (const std::string& name : names) {
    std::error_code code;
    if (!fs::is_regular_file(folder / name, code)) continue;  // folders: check_obstacles()
    problems.add((folder / name).string(), "is there, and no " + closing +
                                               " of this program beside it: it would be written "
                                               "over; use another folder");
  }
  problems.throw_if_any();
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
