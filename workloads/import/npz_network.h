// A sequential network as a .npz file: arrays whose names say which layer they belong to.
//
//   input                 integers: dims of one sample without batch axis, e.g. [1, 28, 28] or [64]
//   N.conv.weight         [out, in / groups, height, width]; .bias [out], .stride, .padding,
//                         .dilation (an integer or two: height, width), .groups
//   N.linear.weight       [out, in]; .bias [out]
//   N.batch_norm.gain     [channels], with .shift, .mean, .variance; .epsilon (1e-5)
//   N.max_pool.kernel     an integer or two; .stride (the kernel), .padding; N.avg_pool likewise,
//                         padding not counted
//   N.relu, N.flatten     any array, not looked at
// N counts layers from 0 without gaps, each of one kind. Numbers are float32 or float64 (used as
// float32), integers of any type. What PyTorch calls weight, running_mean … has these shapes.
#ifndef BITSCALE_WORKLOADS_IMPORT_NPZ_NETWORK_H_
#define BITSCALE_WORKLOADS_IMPORT_NPZ_NETWORK_H_

#include <filesystem>
#include <map>
#include <string>

#include "workloads/model/graph.h"

namespace bitscale::import {

/// Throws UserError with every name and type that is wrong, or the first layer that does not fit
/// what it reads.
model::Graph import_npz(const std::filesystem::path& path);

/// The same from arrays of a file named `file`.
model::Graph npz_network(const std::map<std::string, model::Tensor>& arrays,
                         const std::string& file);

}  // namespace bitscale::import

#endif  // BITSCALE_WORKLOADS_IMPORT_NPZ_NETWORK_H_
