#include "workloads/import/scalesim_project.h"

#include "arch/base/error.h"
#include "arch/base/file.h"
#include "arch/base/json_writer.h"
#include "workloads/import/scalesim_cfg.h"
#include "workloads/import/scalesim_topology.h"

namespace bitscale::import {
namespace {

constexpr int kConfigSchemaVersion = 1;

/// Runs one reader; a file that cannot be opened is one problem among the others.
template <class Read>
void collect(base::Problems& problems, Read read) {
  try {
    read();
  } catch (const base::UserError& error) {
    for (const base::Problem& problem : error.problems()) {
      problems.add(problem.where, problem.message);
    }
  }
}

}  // namespace

ScaleSimProject read_scalesim(const std::filesystem::path& cfg,
                              const std::filesystem::path& topology) {
  ScaleSimProject project;
  base::Problems problems;
  collect(problems, [&] { project.accelerator = read_scalesim_cfg(cfg, problems, project.notes); });
  collect(problems,
          [&] { project.network = read_scalesim_topology(topology, problems, project.notes); });
  problems.throw_if_any();
  return project;
}

void write_project(const std::filesystem::path& dir, const ScaleSimProject& project) {
  base::JsonWriter arch;
  spec::write_accelerator(arch, project.accelerator);
  base::JsonWriter network;
  model::write_network(network, project.network);
  base::JsonWriter config;
  config.begin_object().member("schema_version", kConfigSchemaVersion);
  config.member("arch", "arch.json").member("network", "network.json").end();
  base::write_file_atomically(dir / "arch.json", arch.take());
  base::write_file_atomically(dir / "network.json", network.take());
  base::write_file_atomically(dir / "config.json", config.take());
}

}  // namespace bitscale::import
