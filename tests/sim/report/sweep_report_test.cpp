#include "sim/report/sweep_report.h"

#include <gtest/gtest.h>

#include "arch/base/json_writer.h"

namespace bitscale::report {
namespace {

SweepReport two_points() {
  SweepReport sweep;
  sweep.base_command = {"bitscale", "run", "my config.json"};
  sweep.columns = {{"rows", "rows", "", ColumnRole::Axis, true, "/mac_array/rows"},
                   {"variant", "variant", "", ColumnRole::Axis, true, ""},
                   {"latency_ms", "latency", "ms", ColumnRole::Objective, true, ""}};
  sweep.points = {{1, {32.0, std::string("a, b"), 0.125}, true, 2, "systemc", "", ""},
                  {2, {64.0, std::string("it's"), {}}, false, 0, "analytic", "too small", ""}};
  return sweep;
}

TEST(SweepReport, QuotesWordsForTheShell) {
  EXPECT_EQ(shell_quote("--set"), "--set");
  EXPECT_EQ(shell_quote("/a/b=1.5"), "/a/b=1.5");
  EXPECT_EQ(shell_quote(""), "''");
  EXPECT_EQ(shell_quote("a b"), "'a b'");
  EXPECT_EQ(shell_quote("it's"), "'it'\\''s'");
  EXPECT_EQ(shell_quote("$(rm)"), "'$(rm)'");
}

TEST(SweepReport, CommandSetsEveryAxisThatHasAPointer) {
  const SweepReport sweep = two_points();
  EXPECT_EQ(point_command(sweep, sweep.points[0]),
            "bitscale run 'my config.json' --set /mac_array/rows=32");
}

TEST(SweepReport, ATextThatCouldBeReadAsJsonIsSetInItsQuotes) {
  for (const char* text : {"1", "-2", "1e3", "true", "false", "null", "", "{}", "\"a\"", " a"}) {
    EXPECT_EQ(set_text(std::string(text)), base::quote_json(text)) << text;
  }
  for (const char* text : {"output_stationary", "a b", "true north", "trueish", "/a/b", "_1"}) {
    EXPECT_EQ(set_text(std::string(text)), text);
  }
  EXPECT_EQ(set_text(1.0), "1");
  EXPECT_EQ(set_text(JsonLiteral{"true"}), "true");
  EXPECT_EQ(set_text({}), "");
}

TEST(SweepReport, CommandsKeepTextsAndLiteralsApart) {
  SweepReport sweep = two_points();
  sweep.columns[0].pointer = "/a";
  sweep.points[0].values[0] = std::string("1");
  EXPECT_EQ(point_command(sweep, sweep.points[0]),
            R"(bitscale run 'my config.json' --set '/a="1"')");
  sweep.columns[0].pointer = "/arch";
  sweep.points[0].values[0] = std::string("tpu_v1_like");
  EXPECT_EQ(point_command(sweep, sweep.points[0]),
            "bitscale run 'my config.json' --arch tpu_v1_like");
  sweep.points[0].values[0] = JsonLiteral{"{}"};
  EXPECT_EQ(point_command(sweep, sweep.points[0]),
            "bitscale run 'my config.json' --set '/arch={}'");
}

TEST(SweepReport, CsvLeavesMissingValuesEmpty) {
  EXPECT_EQ(points_csv(two_points()),
            "id,engine,pareto,tie_group,error,rows,variant,latency_ms\n"
            "1,systemc,1,2,,32,\"a, b\",0.125\n"
            "2,analytic,0,0,too small,64,it's,\n");
}

}  // namespace
}  // namespace bitscale::report
