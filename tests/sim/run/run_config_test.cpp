#include "sim/run/run_config.h"

#include <gtest/gtest.h>

#include "sim/run/plan.h"
#include "tests/support/reference.h"
#include "tests/support/temp_folder.h"

namespace bitscale::run {
namespace {

const Catalog& catalog() {
  static const Catalog shipped(testing::source_path(""));
  return shipped;
}

std::vector<base::Problem> problems_of(const RunRequest& request) {
  try {
    load_config(request, catalog());
  } catch (const base::UserError& error) {
    return error.problems();
  }
  return {};
}

RunRequest small_run() {
  RunRequest request;
  request.network = "resnet20_cifar10";
  return request;
}

TEST(RunConfig, DefaultsStandForWhatNobodyAsks) {
  const RunConfig config = load_config(small_run(), catalog());
  EXPECT_EQ(config.accelerator.name, "default");
  EXPECT_EQ(config.technology.name, "generic_45nm");
  EXPECT_EQ(config.plan.name, "w8a8");
  EXPECT_EQ(config.batch, 1);
  EXPECT_FALSE(config.mapping);
}

TEST(RunConfig, ThePathsOfAConfigStartAtItsFolder) {
  const testing::TempFolder folder;
  folder.write("p.json", R"({"schema_version": 1, "name": "mine", "default": {"weight_bits": 3}})");
  RunRequest request;
  request.config = folder.write("run.json", R"({"schema_version": 1, "network": "alexnet",
      "precision": "p.json", "batch": 2, "objective": "edp"})");
  const RunConfig config = load_config(request, catalog());
  EXPECT_EQ(config.plan.name, "mine");
  EXPECT_EQ(config.network.name, "alexnet");
  EXPECT_EQ(config.batch, 2);
  EXPECT_EQ(config.objective, mapping::Objective::Edp);
  request.network = "resnet20_cifar10";  // an option wins over the file
  EXPECT_EQ(load_config(request, catalog()).network.name, "resnet20_cifar10");
}

TEST(RunConfig, APartMayStandInTheConfig) {
  const testing::TempFolder folder;
  RunRequest request;
  request.config = folder.write("run.json", R"({"schema_version": 1, "network": "alexnet",
      "precision": {"schema_version": 1, "name": "inside", "default": {"weight_bits": 3}}})");
  EXPECT_EQ(load_config(request, catalog()).plan.name, "inside");
  request.precision = "w4a4";  // an option wins over the file
  EXPECT_EQ(load_config(request, catalog()).plan.name, "w4a4");
  request.precision.clear();
  request.config = folder.write("bad.json", R"({"schema_version": 1, "network": "alexnet",
      "precision": {"schema_version": 1, "name": "inside", "default": {"weight_bits": 17}}})");
  const auto problems = problems_of(request);
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_NE(problems[0].where.find("bad.json:/precision/default/weight_bits"), std::string::npos)
      << problems[0].where;
}

TEST(RunConfig, NamesOfAConfigAreBlamedOnIt) {
  const testing::TempFolder folder;
  RunRequest request;
  request.config =
      folder.write("run.json", R"({"schema_version": 1, "network": "alexnett", "tech": "none"})");
  const auto problems = problems_of(request);
  ASSERT_EQ(problems.size(), 2u);
  EXPECT_EQ(problems[0].where, request.config + ":/network");
  EXPECT_EQ(problems[1].where, request.config + ":/tech");
}

TEST(RunConfig, PrecisionProblemsNameTheirFile) {
  const testing::TempFolder folder;
  RunRequest request = small_run();
  request.precision = folder.write("p.json", R"({"schema_version": 1, "name": "p",
      "default": {"weight_bits": 4}, "overrides": [{"layers": "nope*", "weight_bits": 2}]})");
  const auto problems = problems_of(request);
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_EQ(problems[0].where, request.precision + ":/overrides/0");
}

TEST(RunConfig, ADesignAloneNeedsNoNetwork) {
  RunRequest request;
  request.sets = {"/arch/cores=2"};
  EXPECT_EQ(load_design(request, catalog()).accelerator.cores, 2);
  request.sets = {"/arch/clock_mhz=90000", "/precision/name=x"};
  try {
    load_design(request, catalog());
    FAIL();
  } catch (const base::UserError& error) {
    ASSERT_EQ(error.problems().size(), 2u);
    EXPECT_EQ(error.problems()[0].where, "--set /precision/name=x");
    EXPECT_EQ(error.problems()[1].where, "--set /arch/clock_mhz=90000");
  }
}

TEST(Plan, AGivenMappingIsReplayedAndNoneIsSearched) {
  const RunConfig config = load_config(small_run(), catalog());
  const cost::CostModel prices(config.accelerator, config.technology);
  const mapping::TaskGraph graph = plan_tasks(config, prices);
  EXPECT_EQ(plan_mapping(config, graph, prices).tasks.size(), graph.tasks.size());
  RunConfig broken = config;
  broken.mapping = base::parse_json(R"({"schema_version": 1, "tasks": []})", "m.json");
  EXPECT_THROW(plan_mapping(broken, graph, prices), base::UserError);
}

TEST(Plan, ProblemsOfAFusedLayerNameItsFirst) {
  RunRequest request = small_run();
  request.sets = {"/arch/buffers/output/capacity_bytes=1"};
  const RunConfig config = load_config(request, catalog());
  const cost::CostModel prices(config.accelerator, config.technology);
  const mapping::TaskGraph graph = plan_tasks(config, prices);
  try {
    plan_mapping(config, graph, prices);
    FAIL();
  } catch (const base::UserError& error) {
    bool fused = false;
    for (const base::Problem& problem : error.problems()) {
      EXPECT_EQ(problem.where, "--set /arch/buffers/output/capacity_bytes=1");
      if (problem.message.rfind("layer 'layer1.0.conv2+layer1.0.add'", 0) == 0) {
        fused = true;
        EXPECT_NE(problem.message.find("resnet20_cifar10.json:/layers/2)"), std::string::npos);
      }
    }
    EXPECT_TRUE(fused) << error.what();
  }
}

}  // namespace
}  // namespace bitscale::run
