// A SCALE-Sim configuration and topology as one of our projects.
#ifndef BITSCALE_WORKLOADS_IMPORT_SCALESIM_PROJECT_H_
#define BITSCALE_WORKLOADS_IMPORT_SCALESIM_PROJECT_H_

#include <filesystem>
#include <string>
#include <vector>

#include "arch/spec/accelerator.h"
#include "workloads/model/network.h"

namespace bitscale::import {

struct ScaleSimProject {
  spec::AcceleratorSpec accelerator;
  model::Network network;
  /// What was ignored or renamed, each with its file and line.
  std::vector<std::string> notes;
};

/// Reads both files; throws UserError with every problem of both. See scalesim_cfg.h and
/// scalesim_topology.h for the formats.
ScaleSimProject read_scalesim(const std::filesystem::path& cfg,
                              const std::filesystem::path& topology);

/// Writes DIR/arch.json and DIR/network.json, and last DIR/config.json that names them.
void write_project(const std::filesystem::path& dir, const ScaleSimProject& project);

}  // namespace bitscale::import

#endif  // BITSCALE_WORKLOADS_IMPORT_SCALESIM_PROJECT_H_
