#include "sim/components/dram.h"

#include <gtest/gtest.h>

#include "sim/components/cycle_time.h"

namespace bitscale::components {
namespace {

// 8 bytes a cycle, 50 cycles of latency.
spec::AcceleratorSpec design() {
  spec::AcceleratorSpec spec;
  spec.clock_mhz = 1000;
  spec.dram.bandwidth_gbps = 16;
  spec.dram.efficiency = 0.5;
  spec.dram.latency_ns = 50;
  return spec;
}

// Asks for transfers at given cycles from a process and keeps the answers.
class Asker : public sc_core::sc_module {
 public:
  explicit Asker(Dram& dram) : sc_core::sc_module(sc_core::sc_module_name("asker")), dram_(dram) {
    SC_HAS_PROCESS(Asker);
    SC_THREAD(ask);
  }
  double first = 0, second = 0, third = 0, late = 0;

 private:
  void ask() {
    first = dram_.read(800);
    second = dram_.write(80);  // queued behind the read, no latency
    wait_until(20);
    third = dram_.read(8);
    wait_until(1000);
    late = dram_.read(8);
  }
  Dram& dram_;
};

TEST(Dram, QueuesTransfersAndAddsLatencyToReads) {
  Dram dram("dram", design());
  Asker asker(dram);
  sc_core::sc_start();
  EXPECT_DOUBLE_EQ(asker.first, 100 + 50);
  EXPECT_DOUBLE_EQ(asker.second, 110);
  EXPECT_DOUBLE_EQ(asker.third, 111 + 50);
  EXPECT_DOUBLE_EQ(asker.late, 1001 + 50);  // an idle channel starts at once
  EXPECT_EQ(dram.bytes_read(), 816);
  EXPECT_EQ(dram.bytes_written(), 80);
}

TEST(Dram, InfiniteTakesNoTime) {
  spec::AcceleratorSpec spec = design();
  spec.dram.infinite = true;
  Dram dram("dram", spec);
  Asker asker(dram);
  sc_core::sc_start();
  EXPECT_DOUBLE_EQ(asker.first, 0);
  EXPECT_DOUBLE_EQ(asker.second, 0);
  EXPECT_DOUBLE_EQ(asker.late, 1000);
}

}  // namespace
}  // namespace bitscale::components
