#include "sim/sweep/report_pointer.h"

#include <gmock/gmock.h>

#include <cmath>

#include "sim/sweep/result_fields.h"

namespace bitscale::sweep {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

report::Report sample() {
  report::Report report;
  report.design.dataflow = "weight_stationary";
  report.design.rows = 12;
  report.totals.energy_pj = 30;
  report.energy = {{"dram", 10, 8, 13}, {"dma", 20, 20, 20}};
  report.area.by_component = {{"buffers", 0.1, 0.1, 0.3}};
  report.area.total_um2 = 0.1;
  report::LayerReport layer;
  layer.name = "conv1";
  layer.energy = {{"dram", 4, 3, 5}};
  layer.latency_cycles = 77;
  report.layers = {layer, layer};
  report.layers[1].latency_cycles = 78;
  report.pim_costs = {{"components", "", true, 5, 6, {}, {}, {{"adc", 1.5}}}};
  return report;
}

double at(const std::string& pointer) { return pointer_values(sample(), {pointer}).front(); }

TEST(ReportPointer, GivesEveryNumberOfTheReport) {
  EXPECT_EQ(at("/energy_by_component_pj/dram"), 10);
  EXPECT_EQ(at("/area/by_component/buffers"), 0.1);
  EXPECT_EQ(at("/layers/1/latency_cycles"), 78);
  EXPECT_EQ(at("/layers/0/energy_by_component_pj/dram"), 4);
  EXPECT_EQ(at("/pim_costs/0/parts/0/energy_pj"), 1.5);
  EXPECT_EQ(at("/totals/batch"), 1);
  EXPECT_THAT(pointer_values(sample(), {"/totals/energy_pj", "/energy_by_component_pj/dma"}),
              ElementsAre(30, 20));
  EXPECT_THAT(pointer_values(sample(), {}), IsEmpty());
}

TEST(ReportPointer, HasNoNumberWhereTheReportHasNone) {
  EXPECT_TRUE(std::isnan(at("/layers/2/latency_cycles")));
  EXPECT_TRUE(std::isnan(at("/design/dataflow")));
  EXPECT_TRUE(std::isnan(at("/energy_by_component_pj")));
  EXPECT_TRUE(std::isnan(at("/energy_by_component_pj/sram")));
}

TEST(ReportPointer, TakesAFigureForBothEndsOfAnIntervalItDoesNotHave) {
  EXPECT_EQ(at("/energy_interval_pj/dram/0"), 8);
  EXPECT_EQ(at("/energy_interval_pj/dram/1"), 13);
  EXPECT_EQ(at("/energy_interval_pj/dma/0"), 20);
  EXPECT_EQ(at("/energy_interval_pj/dma/1"), 20);
  EXPECT_EQ(at("/area/interval_um2/buffers/1"), 0.3);
  EXPECT_EQ(at("/layers/1/energy_interval_pj/dram/1"), 5);
  EXPECT_TRUE(std::isnan(at("/energy_interval_pj/dma/2")));
  EXPECT_TRUE(std::isnan(at("/energy_interval_pj/sram/0")));
}

TEST(ReportPointer, KnowsTheIntervalOfAPart) {
  EXPECT_THAT(interval_pointers("/energy_by_component_pj/dram"),
              ElementsAre("/energy_interval_pj/dram/0", "/energy_interval_pj/dram/1"));
  EXPECT_THAT(
      interval_pointers("/layers/3/energy_by_component_pj/dram"),
      ElementsAre("/layers/3/energy_interval_pj/dram/0", "/layers/3/energy_interval_pj/dram/1"));
  EXPECT_THAT(interval_pointers("/area/by_component/buffers"),
              ElementsAre("/area/interval_um2/buffers/0", "/area/interval_um2/buffers/1"));
  EXPECT_THAT(interval_pointers("/layers/3/latency_cycles"), IsEmpty());
}

// What has a short name is stored once, under that name, with the value that the pointer names.
TEST(ReportPointer, ShortNamesAreThoseOfTheSameNumbers) {
  EXPECT_EQ(canonical_field("/totals/energy_pj"), "energy_pj");
  EXPECT_EQ(canonical_field("/steady_state/latency_ms"), "steady_latency_ms");
  EXPECT_EQ(canonical_field("/design/rows"), "array_rows");
  EXPECT_EQ(canonical_field("/totals/batch"), "/totals/batch");
  EXPECT_EQ(canonical_field("energy_pj"), "energy_pj");
  const report::Report report = sample();
  const std::vector<double> values = result_values(report);
  for (const char* pointer : {"/totals/energy_pj", "/design/rows", "/area/total_um2",
                              "/totals/energy_interval_pj/0", "/totals/energy_interval_pj/1"}) {
    const std::string name = canonical_field(pointer);
    EXPECT_EQ(values[field_index(name, "")], at(pointer)) << pointer;
  }
}

TEST(ReportPointer, SaysWhatIsNearAndWhatIsThere) {
  const base::JsonValue report = point_report(sample(), {"/layers"});
  EXPECT_THAT(no_number_message(report, "/energy_by_component_pj/drm"),
              AllOf(HasSubstr("has no '/energy_by_component_pj/drm'"),
                    HasSubstr("did you mean '/energy_by_component_pj/dram'?"),
                    HasSubstr("(/energy_by_component_pj has: dram, dma)")));
  EXPECT_THAT(no_number_message(report, "/layers/7/latency_cycles"),
              HasSubstr("(/layers has: 0 to 1)"));
  EXPECT_THAT(no_number_message(report, "/design/dataflow"),
              HasSubstr("is no number of report.json but string \"weight_stationary\""));
  EXPECT_THAT(no_number_message(report, "/x"),
              AllOf(HasSubstr("has no '/x'"), HasSubstr("totals"), Not(HasSubstr("did you mean"))));
}

}  // namespace
}  // namespace bitscale::sweep
