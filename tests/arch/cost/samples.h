// Technologies as shipped and a small design, for the tests of this room.
#ifndef BITSCALE_TESTS_ARCH_COST_SAMPLES_H_
#define BITSCALE_TESTS_ARCH_COST_SAMPLES_H_

#include <string>

#include "arch/cost/technology.h"
#include "arch/spec/accelerator.h"
#include "tests/support/reference.h"

namespace bitscale::cost {

inline Technology shipped(const std::string& name) {
  return load_technology(testing::source_path("configs/tech/" + name + ".json"));
}

inline spec::AcceleratorSpec sample_design(std::int64_t rows = 8, std::int64_t cols = 4) {
  spec::AcceleratorSpec design;
  design.name = "sample";
  design.clock_mhz = 500;
  design.mac_array.rows = rows;
  design.mac_array.cols = cols;
  design.mac_array.pe.acc_bits = 24;
  design.buffers.weight.capacity_bytes = 64 << 10;
  design.buffers.act.capacity_bytes = 32 << 10;
  design.buffers.output.capacity_bytes = 16 << 10;
  design.dram.preset = "ddr4";
  design.dram.set_energy(15);
  return design;
}

}  // namespace bitscale::cost

#endif  // BITSCALE_TESTS_ARCH_COST_SAMPLES_H_
