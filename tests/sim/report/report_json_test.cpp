#include "sim/report/report_json.h"

#include <gtest/gtest.h>

#include "tests/sim/report/sample.h"

namespace bitscale::report {
namespace {

std::string to_json(const Report& report) {
  base::JsonWriter json;
  write_report(json, report);
  return json.take();
}

Report from_json(const std::string& text) {
  const base::JsonValue document = base::parse_json(text, "report.json");
  base::Problems problems;
  base::JsonReader reader(document, problems);
  Report report = read_report(reader);
  problems.throw_if_any();
  return report;
}

TEST(ReportJson, HasTheFieldsTheFormatPromises) {
  const base::JsonValue document = base::parse_json(to_json(sample_report()), "report.json");
  for (const char* pointer : {"/schema_version",
                              "/totals/batch",
                              "/totals/macs",
                              "/totals/latency_cycles",
                              "/totals/latency_ms",
                              "/totals/inferences_per_second",
                              "/totals/compute_cycles",
                              "/totals/stall_cycles",
                              "/totals/energy_pj",
                              "/totals/dynamic_energy_pj",
                              "/totals/idle_energy_pj",
                              "/totals/leakage_energy_pj",
                              "/totals/dram_energy_pj",
                              "/totals/dram_bytes",
                              "/totals/utilization",
                              "/totals/tops",
                              "/totals/tops_per_watt",
                              "/area/total_um2",
                              "/area/by_component/mac_array",
                              "/layers/0/name",
                              "/layers/0/macs",
                              "/layers/0/compute_cycles",
                              "/layers/0/stall_cycles",
                              "/layers/0/latency_cycles",
                              "/layers/0/energy_pj",
                              "/layers/0/dram_bytes",
                              "/layers/0/utilization",
                              "/provenance/program"}) {
    EXPECT_NE(base::find_by_pointer(document, pointer), nullptr) << pointer;
  }
  EXPECT_EQ(base::find_by_pointer(document, "/layers/1/act_density"), nullptr);
  EXPECT_EQ(base::find_by_pointer(document, "/timeline"), nullptr);
  EXPECT_DOUBLE_EQ(base::find_by_pointer(document, "/layers/0/disagreement_percent")->number, 25);
  EXPECT_DOUBLE_EQ(base::find_by_pointer(document, "/gain_waterfall/total")->number, 4.5);
}

TEST(ReportJson, ReadsBackWhatItWrote) {
  const std::string text = to_json(sample_report());
  const Report report = from_json(text);
  EXPECT_EQ(to_json(report), text);
  EXPECT_EQ(report.layers[1].name, "</script><b>&");
  EXPECT_EQ(report.energy[0].low, 0.25 * static_cast<double>(report.totals.macs));
  EXPECT_EQ(report.layers[0].act_density, 0.5);
  EXPECT_FALSE(report.layers[1].act_density.has_value());
}

TEST(ReportJson, KeepsWhatTensorsAdd) {
  Report report = sample_report();
  AccumulatorUse& use = report.accumulators[0];
  use.psum_bits = 18;
  use.overflow_rate = 0.25;
  use.channels = {{}, {}};
  use.channels[1].first_overflow_step = 3;
  AccumulatorPoint point;
  point.acc_bits = 9;
  point.overflow = "wrap";
  point.top1 = 0.872;
  report.accumulator_sweep = {point};
  OperandActivity activity;
  activity.layer = "conv1, 7×7";
  activity.zero_operand_rate = 0.5;
  report.activity = {activity};
  const std::string text = to_json(report);
  const Report read = from_json(text);
  EXPECT_EQ(to_json(read), text);
  EXPECT_EQ(read.accumulators[0].channels[1].first_overflow_step, 3);
  EXPECT_FALSE(read.accumulators[0].channels[0].first_overflow_step.has_value());
  EXPECT_EQ(read.accumulator_sweep[0].top1, 0.872);
  EXPECT_EQ(read.activity[0].zero_operand_rate, 0.5);
  EXPECT_EQ(read.accuracy->samples, 400);
}

TEST(ReportJson, ReadsAReportWithoutOptionalParts) {
  Report report = sample_report();
  report.accumulators.clear();
  report.waterfall.reset();
  report.accuracy.reset();
  const Report read = from_json(to_json(report));
  EXPECT_FALSE(read.waterfall.has_value());
  EXPECT_FALSE(read.accuracy.has_value());
}

TEST(ReportJson, NamesTheFieldThatIsWrong) {
  std::string text = to_json(sample_report());
  text.replace(text.find("\"latency_ms\""), 12, "\"latency_sm\"");
  try {
    from_json(text);
    FAIL() << "a misspelt field was accepted";
  } catch (const base::UserError& error) {
    EXPECT_NE(std::string(error.what()).find("did you mean 'latency_ms'"), std::string::npos)
        << error.what();
  }
}

}  // namespace
}  // namespace bitscale::report
