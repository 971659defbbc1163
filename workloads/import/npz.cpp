#include "workloads/import/npz.h"

#include <zip.h>

#include <memory>

#include "arch/base/error.h"
#include "workloads/model/npy.h"

namespace bitscale::import {
namespace {

constexpr std::uint64_t kMaxBytes = std::uint64_t{1} << 32;

struct CloseArchive {
  void operator()(zip_t* archive) const { zip_discard(archive); }
};
struct CloseEntry {
  void operator()(zip_file_t* entry) const { zip_fclose(entry); }
};

std::unique_ptr<zip_t, CloseArchive> open_archive(const std::filesystem::path& path) {
  std::error_code failed;
  if (!std::filesystem::is_regular_file(path, failed)) {
    throw base::UserError(path.string(), "no such file");
  }
  int code = 0;
  std::unique_ptr<zip_t, CloseArchive> archive(
      zip_open(path.c_str(), ZIP_RDONLY | ZIP_CHECKCONS, &code));
  if (archive) return archive;
  zip_error_t error;
  zip_error_init_with_code(&error, code);
  const std::string reason = zip_error_strerror(&error);
  zip_error_fini(&error);
  throw base::UserError(path.string(), "is no .npz file: " + reason);
}

/// The unpacked bytes of an entry, as parse_npy() wants them.
model::MappedFile unpack(zip_t* archive, std::uint64_t index, std::uint64_t size,
                         const std::string& where) {
  const std::unique_ptr<zip_file_t, CloseEntry> entry(zip_fopen_index(archive, index, 0));
  if (!entry) throw base::UserError(where, zip_strerror(archive));
  const auto content = std::make_shared<std::string>();
  std::string chunk(std::size_t{1} << 20, '\0');
  zip_int64_t count = 0;  // libzip checks the CRC where the data ends
  while ((count = zip_fread(entry.get(), chunk.data(), chunk.size())) > 0) {
    content->append(chunk, 0, static_cast<std::size_t>(count));
    if (content->size() > size) throw base::UserError(where, "holds more than the archive says");
  }
  if (count < 0) throw base::UserError(where, zip_file_strerror(entry.get()));
  if (content->size() != size) throw base::UserError(where, "ends too early");
  model::MappedFile file;
  file.owner = content;
  file.bytes = reinterpret_cast<const std::byte*>(content->data());
  file.size = content->size();
  return file;
}

}  // namespace

std::map<std::string, model::Tensor> read_npz(const std::filesystem::path& path) {
  const auto archive = open_archive(path);
  std::map<std::string, model::Tensor> arrays;
  std::uint64_t total = 0;
  const zip_int64_t entries = zip_get_num_entries(archive.get(), 0);
  for (std::uint64_t i = 0; i < static_cast<std::uint64_t>(entries); ++i) {
    zip_stat_t status;
    zip_stat_init(&status);
    if (zip_stat_index(archive.get(), i, 0, &status) != 0) {
      throw base::UserError(path.string(), zip_strerror(archive.get()));
    }
    std::string name = status.name;
    const std::string where = path.string() + ": " + name;
    const std::string ending = ".npy";
    if (name.size() <= ending.size() ||
        name.compare(name.size() - ending.size(), ending.size(), ending) != 0) {
      throw base::UserError(where, "is no .npy file; numpy.savez writes only those");
    }
    name.resize(name.size() - ending.size());
    total += status.size;
    if (status.size > kMaxBytes || total > kMaxBytes) {
      throw base::UserError(path.string(), "is larger than 4 GiB unpacked");
    }
    if (arrays.count(name) > 0) throw base::UserError(where, "is there twice");
    arrays.emplace(name, model::parse_npy(unpack(archive.get(), i, status.size, where), where));
  }
  return arrays;
}

}  // namespace bitscale::import
