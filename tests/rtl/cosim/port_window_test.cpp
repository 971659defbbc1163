#include "rtl/cosim/port_window.h"

#include <gtest/gtest.h>

#include <string>

namespace bitscale::cosim {
namespace {

/// Times of the waveform; the last is its end.
std::size_t cycles_in(const std::string& vcd) {
  std::size_t times = 0;
  for (std::size_t at = vcd.find("\n#"); at != std::string::npos; at = vcd.find("\n#", at + 1))
    ++times;
  return times - 1;
}

TEST(PortWindow, EndsTwoCyclesAfterTheMarkedOne) {
  PortWindow window({-3, true});
  std::vector<PortSignal> signals;
  append_signals("port", 2, 4, signals);
  for (std::uint64_t cycle = 0; cycle < 10; ++cycle) {
    if (cycle == 4 || cycle == 6) window.mark();  // the first counts
    window.sample({cycle, 15 - cycle});
  }
  EXPECT_EQ(window.cycle(), 4);
  const std::string vcd = window.vcd("unit", 6, signals);
  EXPECT_EQ(cycles_in(vcd), 7U) << vcd;
  EXPECT_NE(vcd.find("module unit"), std::string::npos);
  EXPECT_NE(vcd.find("$var wire 4 % port_1 $end"), std::string::npos) << vcd;
  EXPECT_NE(vcd.find("b111101 \""), std::string::npos) << vcd;  // -3 in six bits, once
}

TEST(PortWindow, KeepsTheLastCyclesOfARunThatIsNeverMarked) {
  PortWindow window({});
  for (std::uint64_t cycle = 0; cycle < 600; ++cycle) window.sample({cycle});
  EXPECT_EQ(window.cycle(), -1);
  EXPECT_EQ(cycles_in(window.vcd("unit", 8, {{"port", 16}})), 512U);
}

}  // namespace
}  // namespace bitscale::cosim
