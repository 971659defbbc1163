// A design or a network from a file of its own, for studies that build their runs themselves.
#ifndef BITSCALE_SIM_RUN_LOAD_PART_H_
#define BITSCALE_SIM_RUN_LOAD_PART_H_

#include <filesystem>
#include <string>

#include "arch/spec/accelerator.h"
#include "sim/run/catalog.h"
#include "workloads/model/network.h"

namespace bitscale::run {

/// Throws UserError with every problem of the file.
spec::AcceleratorSpec load_accelerator(const std::filesystem::path& file);
model::Network load_network(const std::filesystem::path& file);

/// The same for one that ships, by its name.
spec::AcceleratorSpec shipped_accelerator(const Catalog& catalog, const std::string& name);
model::Network shipped_network(const Catalog& catalog, const std::string& name);

}  // namespace bitscale::run

#endif  // BITSCALE_SIM_RUN_LOAD_PART_H_
