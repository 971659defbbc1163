// Any bytes: parsing either throws UserError or gives a tree that is written and read back the
// same.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "arch/base/error.h"
#include "arch/base/json_value.h"
#include "arch/base/json_writer.h"

namespace base = bitscale::base;

namespace {

std::string write(const base::JsonValue& document) {
  base::JsonWriter json;
  json.value(document);
  return json.take();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  base::JsonValue document;
  try {
    document = base::parse_json(text, "fuzz");
  } catch (const base::UserError&) {
    return 0;
  }
  const std::string written = write(document);
  BITSCALE_INVARIANT(write(base::parse_json(written, "fuzz")) == written, "not stable");
  return 0;
}
