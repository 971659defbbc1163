// Where the figures of a design come from: its "sources", text by JSON pointer into the design.
#ifndef BITSCALE_ARCH_SPEC_SOURCES_H_
#define BITSCALE_ARCH_SPEC_SOURCES_H_

#include "arch/base/json_reader.h"
#include "arch/base/json_value.h"
#include "arch/spec/accelerator.h"

namespace bitscale::spec {

/// Reports to `reader`, which stands at "sources", every source that names no figure: neither one
/// that `document`, the design as given, holds nor one with a default.
void check_sources(base::JsonReader& reader, const base::JsonValue& document,
                   const AcceleratorSpec& accelerator);

/// The design with the sources of those figures only that write_accelerator() writes: a file may
/// cite figures that go with another kind of PE, and be read with its kind changed.
AcceleratorSpec with_sources_in_use(AcceleratorSpec accelerator);

}  // namespace bitscale::spec

#endif  // BITSCALE_ARCH_SPEC_SOURCES_H_
