// The shipped PIM design and networks on it, for tests.
#ifndef BITSCALE_TESTS_SUPPORT_PIM_DESIGN_H_
#define BITSCALE_TESTS_SUPPORT_PIM_DESIGN_H_

#include <string>

#include "sim/mapping/pim_assign.h"
#include "tests/support/random_design.h"

namespace bitscale::testing {

inline spec::AcceleratorSpec pim_design() {
  const base::JsonValue document = base::parse_json_file(source_path("configs/arch/pim.json"));
  base::Problems problems;
  base::JsonReader reader(document, problems);
  spec::AcceleratorSpec design = spec::read_accelerator(reader);
  problems.throw_if_any();
  return design;
}

inline mapping::TaskGraph pim_graph(const spec::AcceleratorSpec& design, const std::string& name,
                                    int weight_bits, int act_bits) {
  const model::Network network = committed_network(name);
  mapping::TaskGraph graph =
      mapping::make_tasks(network, uniform_bits(network, weight_bits, act_bits), design, 1);
  mapping::assign_pim(graph, design, mapping::Objective::Latency, nullptr);
  return graph;
}

}  // namespace bitscale::testing

#endif  // BITSCALE_TESTS_SUPPORT_PIM_DESIGN_H_
