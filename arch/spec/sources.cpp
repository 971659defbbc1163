#include "arch/spec/sources.h"

#include <algorithm>
#include <optional>
#include <string>

namespace bitscale::spec {
namespace {

base::JsonValue written(const AcceleratorSpec& accelerator) {
  base::JsonWriter json;
  write_accelerator(json, accelerator);
  return base::parse_json(json.take(), "");
}

}  // namespace

void check_sources(base::JsonReader& reader, const base::JsonValue& document,
                   const AcceleratorSpec& accelerator) {
  std::optional<base::JsonValue> resolved;
  const auto has_default = [&](const std::string& pointer) {
    if (!resolved) resolved = written(accelerator);
    return base::find_by_pointer(*resolved, pointer) != nullptr;
  };
  for (const auto& [pointer, text] : accelerator.sources) {
    const std::string token = base::escape_pointer_token(pointer);
    if (pointer.empty() || pointer.front() != '/') {
      reader.problem("a source is named by the JSON pointer of its figure, which begins with '/'",
                     token);
    } else if (base::find_by_pointer(document, pointer) == nullptr && !has_default(pointer)) {
      reader.problem("the design has no figure at this pointer", token);
    }
  }
}

AcceleratorSpec with_sources_in_use(AcceleratorSpec accelerator) {
  const base::JsonValue document = written(accelerator);
  auto& sources = accelerator.sources;
  sources.erase(std::remove_if(sources.begin(), sources.end(),
                               [&](const auto& source) {
                                 return base::find_by_pointer(document, source.first) == nullptr;
                               }),
                sources.end());
  return accelerator;
}

}  // namespace bitscale::spec
