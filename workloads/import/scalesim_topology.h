// SCALE-Sim's topology files (.csv) as networks.
#ifndef BITSCALE_WORKLOADS_IMPORT_SCALESIM_TOPOLOGY_H_
#define BITSCALE_WORKLOADS_IMPORT_SCALESIM_TOPOLOGY_H_

#include <filesystem>
#include <string>
#include <vector>

#include "arch/base/error.h"
#include "workloads/model/network.h"

namespace bitscale::import {

/// Reads a convolution topology (header: layer name, IFMAP Height, IFMAP Width, Filter Height,
/// Filter Width, Channels, Num Filter, Strides) or a GEMM one (layer, M, N, K: M×K by K×N).
/// The header says which, and in which order; names are compared without case and blanks.
///
/// Every layer brings its own input, since pooling and padding between layers are left out. IFMAP
/// sizes include padding. An output side is ceil((in − filter + stride) / stride): where the last
/// window reaches beyond the input, the layer gets that much bottom and right padding. A layer
/// whose name contains `DP` is depthwise: one single-channel convolution with Num Filter filters
/// per channel. A name used before gets "#2", "#3"… appended, which `notes` tells.
model::Network read_scalesim_topology(const std::filesystem::path& path, base::Problems& problems,
                                      std::vector<std::string>& notes);

}  // namespace bitscale::import

#endif  // BITSCALE_WORKLOADS_IMPORT_SCALESIM_TOPOLOGY_H_
