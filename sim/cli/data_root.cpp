#include "sim/cli/data_root.h"

#include "arch/base/file.h"
#include "workloads/model/checksum.h"

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

std::string program_build() {
  constexpr std::uintmax_t kLargestProgram = std::uintmax_t{1} << 32;
  // The link leads to the file that runs even when another stands at its path since.
  return "bitscale " + program_version() + ", build " +
         model::sha256(base::read_text_file("/proc/self/exe", kLargestProgram));
}

}  // namespace bitscale::cli
