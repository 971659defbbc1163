// Any bytes: importing them either throws UserError or gives a graph that lowers to a legal network
// of integers (lower() checks it).
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "arch/base/error.h"
#include "workloads/import/onnx.h"
#include "workloads/model/lowering.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  try {
    const auto graph = bitscale::import::import_onnx_bytes(bytes, "fuzz", "no/such/folder");
    bitscale::model::lower(graph);
  } catch (const bitscale::base::UserError&) {
    return 0;
  }
  return 0;
}
