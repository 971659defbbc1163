#include "arch/base/file.h"

#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <memory>
#include <system_error>

#include "arch/base/error.h"

namespace bitscale::base {
namespace {

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

}  // namespace

std::string read_text_file(const std::filesystem::path& path, std::uintmax_t max_bytes) {
  std::error_code code;
  const auto status = std::filesystem::status(path, code);
  if (status.type() == std::filesystem::file_type::not_found) {
    throw UserError(path.string(), "no such file");
  }
  if (code) throw UserError(path.string(), "cannot be read: " + code.message());
  if (std::filesystem::is_directory(status))
    throw UserError(path.string(), "is a folder, not a file");
  const File file(std::fopen(path.c_str(), "rb"));
  if (!file) throw UserError(path.string(), std::string("cannot be read: ") + std::strerror(errno));
  std::string content;
  char chunk[1 << 16];
  while (const std::size_t count = std::fread(chunk, 1, sizeof chunk, file.get())) {
    content.append(chunk, count);
    if (content.size() > max_bytes) {
      const std::uintmax_t size = std::filesystem::file_size(path, code);  // of a plain file
      throw UserError(path.string(),
                      (code ? "is larger" : "has " + std::to_string(size) + " bytes, more") +
                          std::string(" than the limit of ") + std::to_string(max_bytes) +
                          " bytes");
    }
  }
  if (std::ferror(file.get()) != 0) throw UserError(path.string(), "reading failed");
  return content;
}

void write_file_atomically(const std::filesystem::path& path, std::string_view content) {
  std::error_code code;
  if (path.has_parent_path()) std::filesystem::create_directories(path.parent_path(), code);
  if (code) {
    throw UserError(path.string(), "cannot be written: cannot create the folder '" +
                                       path.parent_path().string() + "': " + code.message());
  }
  std::filesystem::path staging = path;
  staging += ".part" + std::to_string(::getpid());
  File file(std::fopen(staging.c_str(), "wb"));
  if (!file) {
    throw UserError(path.string(), std::string("cannot be written: ") + std::strerror(errno));
  }
  bool good = std::fwrite(content.data(), 1, content.size(), file.get()) == content.size();
  good = std::fflush(file.get()) == 0 && good;
  const int error = errno;
  file.reset();
  if (good) std::filesystem::rename(staging, path, code);
  if (!good || code) {
    std::error_code ignored;
    std::filesystem::remove(staging, ignored);
    throw UserError(path.string(), "cannot be written: " +
                                       (code ? code.message() : std::string(std::strerror(error))));
  }
}

std::string format_number(double value) {
  BITSCALE_INVARIANT(std::isfinite(value), "a number to print is not finite");
  char text[32];
  const auto result = std::to_chars(text, text + sizeof text, value);
  const std::string shortest(text, result.ptr);
  return shortest == "-0" ? "-0.0" : shortest;  // "-0" would read back as the integer 0
}

}  // namespace bitscale::base
