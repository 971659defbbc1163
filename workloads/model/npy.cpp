#include "workloads/model/npy.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "arch/base/error.h"
#include "arch/base/file.h"
#include "workloads/model/npy_header.h"

namespace bitscale::model {
namespace {

struct CloseFd {
  int fd;
  explicit CloseFd(int given) : fd(given) {}
  CloseFd(const CloseFd&) = delete;
  CloseFd& operator=(const CloseFd&) = delete;
  ~CloseFd() { ::close(fd); }
};

[[noreturn]] void fail(const std::filesystem::path& path, const std::string& what) {
  throw base::UserError(path.string(), what);
}

}  // namespace

MappedFile map_file(const std::filesystem::path& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);  // a pipe must not wait
  if (fd < 0) {
    fail(path,
         errno == ENOENT ? "no such file" : std::string("cannot be read: ") + std::strerror(errno));
  }
  const CloseFd closer(fd);
  struct stat status {};
  if (::fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) fail(path, "is not a regular file");
  MappedFile file;
  file.size = static_cast<std::size_t>(status.st_size);
  if (file.size == 0) return file;
  const std::size_t size = file.size;
  void* address = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd, 0);
  if (address == MAP_FAILED) {
    fail(path, std::string("cannot be mapped into memory: ") + std::strerror(errno));
  }
  file.owner = std::shared_ptr<const void>(
      address, [size](const void* begin) { ::munmap(const_cast<void*>(begin), size); });
  file.bytes = static_cast<const std::byte*>(address);
  return file;
}

Tensor parse_npy(const MappedFile& file, const std::string& where) {
  const NpyHeader header = parse_npy_header(file.text(), where);
  const std::size_t data_bytes = file.size - header.data_offset;
  const auto elements = static_cast<std::size_t>(*checked_elements(header.dims));
  const std::size_t expected = elements * element_bytes(header.dtype);
  if (data_bytes != expected) {
    throw base::UserError(where, "the shape " + dims_text(header.dims) + " of " +
                                     std::string(kDTypeNames.name(header.dtype)) + " needs " +
                                     std::to_string(expected) + " bytes of data, the file holds " +
                                     std::to_string(data_bytes));
  }
  const std::byte* data = file.bytes + header.data_offset;
  if (header.dtype == DType::Bool) {
    const auto legal = [](std::byte value) { return value <= std::byte{1}; };
    if (!std::all_of(data, data + data_bytes, legal)) {
      throw base::UserError(where, "a boolean element is neither 0 nor 1");
    }
  }
  if (reinterpret_cast<std::uintptr_t>(data) % element_bytes(header.dtype) == 0) {
    return Tensor::view(header.dtype, header.dims, file.owner, data);
  }
  Tensor copy(header.dtype, header.dims);
  if (data_bytes > 0) std::memcpy(copy.mutable_bytes(), data, data_bytes);
  return copy;
}

Tensor read_npy(const std::filesystem::path& path) {
  return parse_npy(map_file(path), path.string());
}

std::string npy_content(const Tensor& tensor) {
  std::string content = npy_header(tensor.dtype(), tensor.dims());
  content.append(reinterpret_cast<const char*>(tensor.bytes()), tensor.size_bytes());
  return content;
}

void write_npy(const std::filesystem::path& path, const Tensor& tensor) {
  base::write_file_atomically(path, npy_content(tensor));
}

}  // namespace bitscale::model
