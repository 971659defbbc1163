#include "sim/cli/data_root.h"

namespace bitscale::cli {

std::filesystem::path data_root() {
  std::error_code code;
  std::filesystem::path folder = std::filesystem::read_symlink("/proc/self/exe", code);
  while (folder.has_relative_path()) {
    folder = folder.parent_path();
    if (std::filesystem::is_directory(folder / "configs/arch", code) &&
        std::filesystem::is_directory(folder / "workloads/networks", code)) {
      return folder;
    }
  }
  return BITSCALE_SOURCE_ROOT;
}

std::string program_version() { return BITSCALE_VERSION; }

}  // namespace bitscale::cli
