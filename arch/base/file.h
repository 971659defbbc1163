// Files: whole-file reading with a size limit, writing by rename so that nothing is half-written,
// and the one way a number becomes text.
#ifndef BITSCALE_ARCH_BASE_FILE_H_
#define BITSCALE_ARCH_BASE_FILE_H_

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace bitscale::base {

/// Throws UserError when the file is missing, unreadable, a folder or above `max_bytes`.
std::string read_text_file(const std::filesystem::path& path, std::uintmax_t max_bytes);

/// Writes beside `path` and renames over it; creates missing parent folders. Throws UserError.
void write_file_atomically(const std::filesystem::path& path, std::string_view content);

/// Shortest text that reads back as the same double ("0.1", "1e+20"). `value` must be finite.
std::string format_number(double value);

}  // namespace bitscale::base

#endif  // BITSCALE_ARCH_BASE_FILE_H_
