#include "rtl/cosim/work_folder.h"

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <string>

#include "arch/base/error.h"

namespace bitscale::cosim {
namespace {

constexpr const char* kPattern = ".bitscale_work_XXXXXX";  // nobody else's folder is called so
constexpr std::chrono::hours kKept{24};

void remove_leftovers(const std::filesystem::path& parent) {
  const std::string pattern = kPattern;
  const std::string stem = pattern.substr(0, pattern.find('X'));
  const auto limit = std::filesystem::file_time_type::clock::now() - kKept;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(parent, error)) {
    const std::string name = entry.path().filename().string();
    if (name.size() != pattern.size() || name.rfind(stem, 0) != 0) continue;
    if (entry.symlink_status(error).type() != std::filesystem::file_type::directory) continue;
    const auto changed = entry.last_write_time(error);
    if (!error && changed < limit) std::filesystem::remove_all(entry.path(), error);
  }
}

std::filesystem::path temporary_folder() {
  std::error_code error;
  const std::filesystem::path folder = std::filesystem::temp_directory_path(error);
  return error ? "/tmp" : folder;
}

}  // namespace

WorkFolder::WorkFolder(const std::filesystem::path& parent) {
  std::error_code error;
  const std::filesystem::path absolute = std::filesystem::absolute(parent, error);
  if (!error) std::filesystem::create_directories(absolute, error);
  if (error) {
    throw base::UserError(parent.string(), "no folder can be made there: " + error.message());
  }
  remove_leftovers(absolute);
  std::string name = (absolute / kPattern).string();
  if (::mkdtemp(name.data()) == nullptr) {
    throw base::UserError(parent.string(),
                          std::string("no folder can be made in it: ") + std::strerror(errno));
  }
  path_ = name;
}

WorkFolder::WorkFolder() : WorkFolder(temporary_folder()) {}

WorkFolder::~WorkFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace bitscale::cosim
