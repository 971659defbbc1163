// Any bytes: reading them as .npy either throws UserError or gives a tensor that is written and
// read back the same.
#include <cstddef>
#include <cstdint>
#include <string>

#include "arch/base/error.h"
#include "workloads/model/npy.h"

namespace model = bitscale::model;

namespace {

model::MappedFile view(const void* bytes, std::size_t size) {
  model::MappedFile file;
  file.bytes = static_cast<const std::byte*>(bytes);
  file.size = size;
  return file;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  model::Tensor tensor;
  try {
    tensor = model::parse_npy(view(data, size), "fuzz");
  } catch (const bitscale::base::UserError&) {
    return 0;
  }
  const std::string written = model::npy_content(tensor);
  const model::Tensor again = model::parse_npy(view(written.data(), written.size()), "fuzz");
  BITSCALE_INVARIANT(again == tensor, "a tensor is not read back as it was written");
  return 0;
}
