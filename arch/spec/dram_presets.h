// Named external memories. Figures and their marks are those of the table in arch/spec/README.md.
#ifndef BITSCALE_ARCH_SPEC_DRAM_PRESETS_H_
#define BITSCALE_ARCH_SPEC_DRAM_PRESETS_H_

#include <string_view>

#include "arch/base/names.h"
#include "arch/spec/memory.h"

namespace bitscale::spec {

enum class DramPreset { Ddr4, Lpddr4, Hbm2, Infinite };
inline const base::NameTable<DramPreset> kDramPresetNames = {{DramPreset::Ddr4, "ddr4"},
                                                             {DramPreset::Lpddr4, "lpddr4"},
                                                             {DramPreset::Hbm2, "hbm2"},
                                                             {DramPreset::Infinite, "infinite"}};

DramSpec dram_preset(DramPreset preset);

/// Where each figure of the preset comes from, one sentence per figure.
std::string_view dram_preset_source(DramPreset preset);

}  // namespace bitscale::spec

#endif  // BITSCALE_ARCH_SPEC_DRAM_PRESETS_H_
