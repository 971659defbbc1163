#include "workloads/import/idx.h"

#include <zlib.h>

#include <algorithm>
#include <cstring>
#include <memory>

#include "arch/base/error.h"

namespace bitscale::import {
namespace {

using model::DType;
using model::Tensor;

constexpr std::size_t kMaxBytes = std::size_t{1} << 32;

struct CloseGzip {
  void operator()(gzFile_s* file) const { gzclose(file); }
};

struct IdxHeader {
  DType dtype = DType::UInt8;
  model::Dims dims;
  std::size_t data_offset = 4;
  std::size_t file_bytes = 0;  ///< header and elements
};

/// The longest header: 255 extents.
constexpr std::size_t kHeaderBytes = 4 + 4 * 255;

IdxHeader parse_header(std::string_view bytes, const std::string& where);

/// The whole file, decompressed when it is a gzip file: no more of it than its header states, and
/// one byte that tells there is more.
std::string read_all(const std::filesystem::path& path) {
  std::error_code code;
  if (!std::filesystem::is_regular_file(path, code)) {
    throw base::UserError(path.string(), "no such file");
  }
  const std::unique_ptr<gzFile_s, CloseGzip> file(gzopen(path.c_str(), "rb"));
  if (!file) throw base::UserError(path.string(), "cannot be read");
  std::string content;
  std::string chunk(std::size_t{1} << 16, '\0');
  int count = 0;
  std::size_t most = kMaxBytes;
  while ((count = gzread(file.get(), chunk.data(), static_cast<unsigned>(chunk.size()))) > 0) {
    content.append(chunk, 0, static_cast<std::size_t>(count));
    if (most == kMaxBytes && content.size() >= kHeaderBytes) {
      most = parse_header(content, path.string()).file_bytes;
    }
    if (content.size() > most) break;
  }
  if (content.size() > most) {
    throw base::UserError(path.string(), "holds more than the " + std::to_string(most) +
                                             " bytes that its header states");
  }
  int status = Z_OK;
  const char* reason = gzerror(file.get(), &status);
  if (count < 0 || (status != Z_OK && status != Z_STREAM_END)) {
    throw base::UserError(path.string(), std::string("cannot be decompressed: ") + reason);
  }
  return content;
}

DType element_type(unsigned char code, const std::string& where) {
  switch (code) {
    case 0x08:
      return DType::UInt8;
    case 0x09:
      return DType::Int8;
    case 0x0B:
      return DType::Int16;
    case 0x0C:
      return DType::Int32;
    case 0x0D:
      return DType::Float32;
    case 0x0E:
      return DType::Float64;
    default:
      throw base::UserError(where, "is no IDX file: element type " + std::to_string(code) +
                                       " (known: 8, 9, 11, 12, 13, 14)");
  }
}

IdxHeader parse_header(std::string_view bytes, const std::string& where) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  if (bytes.size() < 4 || byte(0) != 0 || byte(1) != 0) {
    throw base::UserError(where, "is no IDX file: it does not begin with two zero bytes");
  }
  IdxHeader header;
  header.dtype = element_type(byte(2), where);
  const std::size_t rank = byte(3);
  if (bytes.size() < 4 + 4 * rank) throw base::UserError(where, "ends inside its header");
  for (std::size_t axis = 0; axis < rank; ++axis) {
    std::int64_t extent = 0;
    for (std::size_t i = 0; i < 4; ++i) extent = extent << 8 | byte(4 + 4 * axis + i);
    header.dims.push_back(extent);
  }
  header.data_offset = 4 + 4 * rank;
  const auto elements = model::checked_elements(header.dims);
  const std::size_t size = model::element_bytes(header.dtype);
  if (!elements || static_cast<std::size_t>(*elements) * size > kMaxBytes - kHeaderBytes) {
    throw base::UserError(where, "states the shape " + model::dims_text(header.dims) + " of " +
                                     std::to_string(size) + "-byte elements: more than 4 GiB");
  }
  header.file_bytes = header.data_offset + static_cast<std::size_t>(*elements) * size;
  return header;
}

}  // namespace

Tensor parse_idx(std::string_view bytes, const std::string& where) {
  const IdxHeader header = parse_header(bytes, where);
  const std::size_t size = model::element_bytes(header.dtype);
  const std::size_t given = bytes.size() - header.data_offset;
  if (bytes.size() != header.file_bytes) {
    throw base::UserError(where, "states the shape " + model::dims_text(header.dims) + " of " +
                                     std::to_string(size) + "-byte elements, but holds " +
                                     std::to_string(given) + " bytes");
  }
  Tensor tensor(header.dtype, header.dims);
  if (given == 0) return tensor;
  std::byte* target = tensor.mutable_bytes();
  std::memcpy(target, bytes.data() + header.data_offset, given);
  for (std::size_t i = 0; size > 1 && i < given; i += size)
    std::reverse(target + i, target + i + size);
  return tensor;
}

Tensor read_idx(const std::filesystem::path& path) {
  return parse_idx(read_all(path), path.string());
}

LabelledImages read_idx_images(const std::filesystem::path& images,
                               const std::filesystem::path& labels) {
  const Tensor bytes = read_idx(images);
  const Tensor classes = read_idx(labels);
  if (bytes.dtype() != DType::UInt8 || bytes.dims().size() != 3) {
    throw base::UserError(images.string(), "holds " +
                                               std::string(model::kDTypeNames.name(bytes.dtype())) +
                                               " " + model::dims_text(bytes.dims()) +
                                               ", not images [samples, height, width] of bytes");
  }
  const std::int64_t count = bytes.dims()[0];
  if (classes.dtype() != DType::UInt8 || classes.dims() != model::Dims{count}) {
    throw base::UserError(labels.string(), "holds " + model::dims_text(classes.dims()) +
                                               " labels for " + std::to_string(count) + " images");
  }
  LabelledImages result;
  result.pixels = Tensor(DType::Float32, {count, 1, bytes.dims()[1], bytes.dims()[2]});
  float* target = result.pixels.mutable_data<float>();
  const std::uint8_t* source = bytes.data<std::uint8_t>();
  for (std::int64_t i = 0; i < bytes.elements(); ++i) {
    target[i] = static_cast<float>(source[i]) / 255.0F;
  }
  result.labels = classes.cast(DType::Int64);
  return result;
}

}  // namespace bitscale::import
