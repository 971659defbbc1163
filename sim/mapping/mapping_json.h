// Mappings as documents: what --mapping reads and a run directory stores, and loop nests to read.
//
//   {"schema_version": 1, "network": "resnet18", "tasks": [
//     {"name": "conv1", "order": ["channels", "pixels", "reduction"],
//      "tile": {"groups": 1, "channels": 64, "reduction": 3, "images": 1, "rows": 28, "cols": 112},
//      "output": "on_chip", "weights": "streamed"}, …]}
//
// Tile extents are those of one core; the order is outermost first. Where a task finds its operands
// follows from where their makers leave them.
#ifndef BITSCALE_SIM_MAPPING_MAPPING_JSON_H_
#define BITSCALE_SIM_MAPPING_MAPPING_JSON_H_

#include <string>

#include "arch/base/json_reader.h"
#include "arch/base/json_writer.h"
#include "sim/mapping/mapper.h"

namespace bitscale::mapping {

inline constexpr int kMappingSchemaVersion = 1;

void write_mapping(base::JsonWriter& json, const TaskGraph& graph, const NetworkMapping& mapping);

/// Reads a mapping of these tasks for this design. Problems (unknown, missing or repeated tasks,
/// illegal tiles, what does not fit: mapping_check.h) are collected in the reader; the result
/// counts only without any.
NetworkMapping read_mapping(base::JsonReader& reader, const TaskGraph& graph,
                            const spec::AcceleratorSpec& accelerator);

/// The tiled loops of every task, one nest after the other, outermost loop first.
std::string loop_nests(const TaskGraph& graph, const NetworkMapping& mapping);

}  // namespace bitscale::mapping

#endif  // BITSCALE_SIM_MAPPING_MAPPING_JSON_H_
