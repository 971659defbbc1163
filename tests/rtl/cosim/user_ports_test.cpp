#include "rtl/cosim/user_ports.h"

#include <gtest/gtest.h>

namespace bitscale::cosim {
namespace {

TEST(UserPorts, OnlyWhatStandsInTheModuleItselfIsAPort) {
  const auto ports = read_ports(
      "<module name=\"other\" origName=\"m\"><var name=\"x\" dtype_id=\"1\" dir=\"input\"/>"
      "</module><module name=\"m\" origName=\"m\" topModule=\"1\">"
      "<var name=\"P\" dtype_id=\"2\"><const name=\"1&apos;h1\"/></var>"
      "<func name=\"f\" dtype_id=\"1\"><var name=\"f\" dtype_id=\"1\" dir=\"output\"/>"
      "<var name=\"act_i\" dtype_id=\"2\" dir=\"input\"/></func>"
      "<var name=\"act_i\" dtype_id=\"1\" dir=\"input\" pinIndex=\"1\"/>"
      "<task name=\"t\"><begin><var name=\"acc_o\" dtype_id=\"2\" dir=\"input\"/></begin>"
      "</task><var name=\"acc_o\" dtype_id=\"2\" dir=\"output\"><attribute/></var></module>"
      "<typetable><basicdtype id=\"1\" name=\"logic\" left=\"3\" right=\"0\"/>"
      "<basicdtype id=\"2\" name=\"logic\"/></typetable>");
  ASSERT_EQ(ports.size(), 2U);
  EXPECT_EQ(ports[0].name, "act_i");
  EXPECT_EQ(ports[0].bits, 4);
  EXPECT_EQ(ports[1].name, "acc_o");
  EXPECT_EQ(ports[1].direction, "output");
  EXPECT_EQ(ports[1].bits, 1);
  EXPECT_TRUE(read_ports("<module name=\"m\"></module>").empty());
}

TEST(UserPorts, DelaysAndLoopsAreWarnedOf) {
  const auto warnings = read_warnings(
      "%Warning-STMTDLY: a.sv:2:1: Ignoring delay on this statement due to --no-timing\n"
      "%Warning-UNOPTFLAT: b.sv:3:4: Signal x\n%Warning-WIDTH: c.sv:4:1: too wide\n");
  ASSERT_EQ(warnings.size(), 2U);
  EXPECT_EQ(warnings[0], "a.sv:2: the delay is ignored");
  EXPECT_EQ(warnings[1], "b.sv:3: may be a combinational loop: Signal x");
}

TEST(UserPorts, MessagesBecomeProblemsAtTheirLines) {
  const auto problems = read_messages(
      "%Error: a/b.sv:12:3: syntax error\n    12 | x\n%Warning-WIDTH: b.sv:4:1: too wide\n"
      "%Error-NOTIMING: b.sv:5:1: Fork statements require --timing\n"
      "%Error: Exiting due to 1 error(s)\n");
  ASSERT_EQ(problems.size(), 3U);
  EXPECT_EQ(problems[0].where, "a/b.sv:12");
  EXPECT_EQ(problems[0].message, "syntax error");
  EXPECT_EQ(problems[1].where, "b.sv:4");
  EXPECT_EQ(problems[2].message.find("Fork statements cannot be simulated here"), 0U)
      << problems[2].message;
}

}  // namespace
}  // namespace bitscale::cosim
