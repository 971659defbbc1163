#include "sim/sweep/spec_fields.h"

#include <gmock/gmock.h>

#include <cmath>
#include <filesystem>

#include "arch/base/file.h"
#include "sim/run/plan.h"
#include "sim/run/simulate.h"
#include "sim/sweep/exports.h"
#include "sim/sweep/report_pointer.h"
#include "sim/sweep/result_fields.h"
#include "sim/sweep/run_sweep.h"
#include "tests/sim/sweep/sample_sweep.h"

namespace bitscale::sweep {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

std::string sweep_text(const std::string& objective, const std::string& more = "",
                       const std::string& axis =
                           R"({"name": "rows", "pointer": "/arch/mac_array/rows",
                               "values": [8, 16, 32]})") {
  return R"({"schema_version": 1, "name": "s", "base": {"network": "resnet20_cifar10"}, "axes": [)" +
         axis + R"(], "engine": "analytic", "objectives": [{"field": ")" + objective + R"("}])" +
         more + "}";
}

std::vector<Row> rows_of(const SweepSpec& spec, const testing::TempFolder& folder,
                         const std::string& name) {
  SweepOptions options;
  options.folder = folder / name;
  options.program = "bitscale test";
  run_sweep(spec, options, {});
  const PointSpace space(spec, std::nullopt);
  Store store(options.folder, {spec.fingerprint, "bitscale test", spec.pointers}, true);
  return collect(store, space);
}

TEST(SpecFields, StoresWhatPointersNameAndTheIntervalsOfObjectives) {
  const testing::TempFolder folder;
  const SweepSpec spec = load_text(
      folder, sweep_text("/energy_by_component_pj/dram",
                         R"(, "constraints": ["/layers/0/tiles * 2 <= 1e6", "rows / 2 <= 64"],
                             "fields": ["/area/by_component/dma", "macs", "/totals/tops"])"));
  EXPECT_THAT(spec.pointers, ElementsAre("/area/by_component/dma", "/energy_by_component_pj/dram",
                                         "/energy_interval_pj/dram/0", "/energy_interval_pj/dram/1",
                                         "/layers/0/tiles"));
  EXPECT_EQ(spec.named_pointers.size(), 3U);
  EXPECT_THAT(spec.fields, ElementsAre("/area/by_component/dma", "macs", "tops"));
  EXPECT_EQ(value_names(spec).size(), result_fields().size() + 5);
  EXPECT_EQ(spec.axis_constraints.size(), 1U);
  EXPECT_EQ(spec.result_constraints.size(), 1U);
}

TEST(SpecFields, ASweepWithoutPointersStoresWhatItDid) {
  const testing::TempFolder folder;
  const SweepSpec spec = load_text(folder, sweep_text("latency_ms"));
  EXPECT_TRUE(spec.pointers.empty());
  EXPECT_EQ(value_names(spec), result_fields());
  const SweepSpec same = load_text(folder, sweep_text("/totals/latency_ms"));
  EXPECT_EQ(same.fingerprint, spec.fingerprint);
  EXPECT_EQ(same.objectives[0].field, "latency_ms");
  EXPECT_NE(load_text(folder, sweep_text("/energy_by_component_pj/dram")).fingerprint,
            spec.fingerprint);
}

TEST(SpecFields, RefusesWhatIsNoNumberOfTheReport) {
  EXPECT_THAT(refusal(sweep_text("/energy_by_component_pj/drm")),
              AllOf(HasSubstr("/objectives/0/field"),
                    HasSubstr("did you mean '/energy_by_component_pj/dram'")));
  EXPECT_THAT(refusal(sweep_text("/design/dataflow")), HasSubstr("is no number of report.json"));
  EXPECT_THAT(refusal(sweep_text("latency_ms", R"(, "fields": ["/layers/0/name"])")),
              AllOf(HasSubstr("/fields/0"), HasSubstr("is no number")));
  EXPECT_THAT(refusal(sweep_text("latency_ms", R"(, "constraints": ["/layers/99/tiles <= 2"])")),
              AllOf(HasSubstr("/constraints/0"), HasSubstr("/layers has: 0 to")));
  EXPECT_THAT(refusal(sweep_text("latency_ms", R"(, "fields": ["latncy_ms"])")),
              AllOf(HasSubstr("/fields/0"), HasSubstr("did you mean 'latency_ms'")));
  EXPECT_THAT(refusal(sweep_text("latency_ms", R"(, "constraints": ["/totals/tops <= 1",
                                                   "tops >= 2"])")),
              HasSubstr("contradict"));
}

TEST(SpecFields, RefusesAnObjectiveTwice) {
  const auto two = [](const std::string& other) {
    std::string text = sweep_text("latency_ms");
    const std::string first = R"({"field": "latency_ms"})";
    return refusal(text.replace(text.find(first), first.size(),
                                first + R"(, {"field": ")" + other + R"(", "goal": "max"})"));
  };
  EXPECT_THAT(two("latency_ms"),
              HasSubstr("/objectives/1/field: a second objective is 'latency_ms'"));
  EXPECT_THAT(two("/totals/latency_ms"), HasSubstr("a second objective is 'latency_ms'"));
  EXPECT_EQ(two("energy_pj"), "");
}

TEST(SpecFields, RefusesMorePointersThanAStoreTakes) {
  const auto with = [](std::size_t count) {
    std::string fields = "\"/totals/batch\"";
    for (std::size_t i = 1; i < count; ++i) fields += ", \"/x/" + std::to_string(i) + "\"";
    return refusal(sweep_text("latency_ms", ", \"fields\": [" + fields + "]"));
  };
  EXPECT_THAT(with(kMostPointers + 1), HasSubstr("at most 500"));
  EXPECT_THAT(with(kMostPointers), Not(HasSubstr("at most 500")));
}

// Only some designs of the sweep have the number: the others have none and are off the front.
TEST(SpecFields, TakesANumberThatOnlySomeDesignsHave) {
  const testing::TempFolder folder;
  const SweepSpec spec = load_text(
      folder,
      sweep_text("/pim_costs/0/resident_pj", "",
                 R"({"name": "design", "pointer": "/arch", "values": ["default", "pim"]})"));
  const std::vector<Row> rows = rows_of(spec, folder, "out");
  ASSERT_EQ(rows.size(), 2U);
  const std::size_t at = spec.objectives[0].index;
  EXPECT_TRUE(std::isnan(rows[0].outcome.values[at]));
  EXPECT_FALSE(rows[0].feasible);
  EXPECT_GT(rows[1].outcome.values[at], 0);
  EXPECT_TRUE(rows[1].pareto);
  const PointSpace space(spec, std::nullopt);
  EXPECT_THAT(warnings(rows, space),
              ElementsAre(HasSubstr("1 of 2 results have no number at the objective "
                                    "/pim_costs/0/resident_pj")));
  const std::string csv = results_csv(rows, space);
  EXPECT_THAT(csv, HasSubstr(",\n1,analytic"));  // the empty cell ends the first point's line
  EXPECT_THAT(results_json(rows, space), HasSubstr("null]"));
}

TEST(SpecFields, StoredNumbersAreThoseOfARun) {
  const testing::TempFolder folder;
  const SweepSpec spec = load_text(
      folder, sweep_text("/energy_by_component_pj/mac_array",
                         R"(, "fields": ["/layers/1/stall_cycles", "/gain_waterfall/total"])"));
  const std::vector<Row> rows = rows_of(spec, folder, "out");
  run::RunRequest request;
  request.network = "resnet20_cifar10";
  request.sets = {"/arch/mac_array/rows=16"};
  const run::PlannedRun planned = run::load_plan(request, shipped());
  const report::Report report = report::make_report(
      run::analyze(planned.graph, planned.config.accelerator, planned.mapping), planned.prices);
  const auto stored = [&](const std::string& field) {
    return rows[1].outcome.values[value_index(spec, field, "")];
  };
  EXPECT_EQ(stored("/layers/1/stall_cycles"), report.layers[1].stall_cycles);
  EXPECT_EQ(stored("/energy_by_component_pj/mac_array"), report.energy[0].value);
  EXPECT_EQ(stored("/energy_interval_pj/mac_array/0"), report.energy[0].low);
  EXPECT_EQ(stored("/energy_interval_pj/mac_array/1"), report.energy[0].high);
  EXPECT_LT(report.energy[0].low, report.energy[0].high);
  EXPECT_GE(stored("/gain_waterfall/total"), 1);
}

TEST(SpecFields, AnObjectivePartBringsItsInterval) {
  const testing::TempFolder folder;
  const SweepSpec spec =
      load_text(folder, sweep_text("/area/by_component/mac_array", R"(, "fields": ["tops"])"));
  ASSERT_TRUE(spec.objectives[0].ends.has_value());
  const std::vector<Row> rows = rows_of(spec, folder, "out");
  const auto [low, high] = *spec.objectives[0].ends;
  EXPECT_LT(rows[0].outcome.values[low], rows[0].outcome.values[high]);
}

TEST(SpecFields, AStoreKeepsPointersApart) {
  const testing::TempFolder folder;
  const SweepSpec one = load_text(folder, sweep_text("/energy_by_component_pj/dram"));
  rows_of(one, folder, "out");
  const SweepSpec other = load_text(folder, sweep_text("/energy_by_component_pj/dma"));
  SweepOptions options;
  options.folder = folder / "out";
  options.program = "bitscale test";
  options.resume = true;
  try {
    run_sweep(other, options, {});
    FAIL() << "took the store of other pointers";
  } catch (const base::UserError& error) {
    EXPECT_THAT(error.what(), HasSubstr("pointers into report.json differ"));
  }
}

}  // namespace
}  // namespace bitscale::sweep
