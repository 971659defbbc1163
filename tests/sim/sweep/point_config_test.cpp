#include "sim/sweep/point_config.h"

#include <gtest/gtest.h>

#include "sim/run/own_figures.h"
#include "sim/run/resolved.h"
#include "sim/sweep/evaluate.h"
#include "tests/sim/sweep/sample_sweep.h"

namespace bitscale::sweep {
namespace {

// Axes over every part that is remembered apart, with points that are refused: no rows, 17 bits, a
// clock above f_max.
std::string mixed(const std::string& more = "") {
  return R"({"schema_version": 1, "name": "mixed", "base": {"network": "resnet20_cifar10"},
  "axes": [
    {"name": "bits", "pointer": "/precision/default/weight_bits", "values": [8, 4, 17]},
    {"name": "rows", "pointer": "/arch/mac_array/rows", "values": [0, 8, 32]},
    {"name": "clock", "alternatives": [
      {"name": "usual", "set": {"/arch/clock_mhz": 500, "/arch/clock_mode": "iso_frequency"}},
      {"name": "high", "set": {"/arch/clock_mhz": 90000, "/arch/clock_mode": "iso_frequency"}},
      {"name": "highest", "set": {"/arch/clock_mhz": 90000, "/arch/clock_mode": "f_max"}}]},
    {"name": "gbps", "pointer": "/arch/dram/bandwidth_gbps", "values": [2, 50]},
    {"name": "pj", "pointer": "/arch/dram/energy_pj_per_bit", "values": [5, 20]},
    {"name": "stay", "pointer": "/arch/residency", "values": ["none", "network"]},
    {"name": "batch", "pointer": "/batch", "values": [1, 3]}],
  "objectives": [{"field": "latency_ms"}])" +
         more + "}";
}

std::string resolved_slowly(const SweepSpec& spec, const std::vector<Set>& sets) {
  try {
    return run::resolved_json(run::resolve_config(point_document(spec, sets)));
  } catch (const base::UserError& error) {
    return std::string("refused: ") + error.what();
  }
}

std::string resolved_fast(PointConfigs& configs, const std::vector<Set>& sets) {
  try {
    const auto point = configs.resolve(sets, "test");
    EXPECT_EQ(point.key, config_key("test", *point.config));
    return run::resolved_json(*point.config);
  } catch (const base::UserError& error) {
    return std::string("refused: ") + error.what();
  }
}

// Steps through the points in an order that meets each part again and again.
std::vector<std::int64_t> scrambled(const PointSpace& space, std::int64_t step) {
  std::vector<std::int64_t> order;
  for (std::int64_t i = 0; i < space.size(); ++i) order.push_back(i * step % space.size());
  return order;
}

TEST(PointConfigs, AreThoseOfTheWholeDocument) {
  const testing::TempFolder folder;
  const SweepSpec spec = load_text(folder, mixed());
  const PointSpace space(spec, std::nullopt);
  PointConfigs configs(spec);
  int refused = 0;
  for (const std::int64_t i : scrambled(space, 5)) {
    const std::vector<Set> sets = space.sets(space.choices(i));
    const std::string wanted = resolved_slowly(spec, sets);
    ASSERT_EQ(resolved_fast(configs, sets), wanted) << i;
    refused += wanted.rfind("refused", 0) == 0 ? 1 : 0;
  }
  EXPECT_GT(refused, 0);
  EXPECT_LT(refused, space.size());
}

TEST(PointConfigs, AFigureOfAnAxisDoesNotKeepTheCitationOfTheOneItReplaced) {
  const testing::TempFolder folder;
  const SweepSpec spec = load_text(folder, R"({"schema_version": 1, "name": "own",
  "base": {"arch": "pact_like", "network": "resnet20_cifar10"},
  "axes": [{"name": "gbps", "pointer": "/arch/dram/bandwidth_gbps", "values": [32, 64]}],
  "objectives": [{"field": "latency_ms"}]})");
  const PointSpace space(spec, std::nullopt);
  const auto& cited = spec.base_document.find("arch")->find("sources")->members;
  const auto config = run::resolve_config(point_document(spec, space.sets(space.choices(0))));
  ASSERT_EQ(config.accelerator.sources.size(), cited.size());
  int replaced = 0;
  for (const auto& [key, source] : config.accelerator.sources) {
    if (key != "/dram/bandwidth_gbps") continue;
    EXPECT_EQ(source, run::kSetBySweep);
    ++replaced;
  }
  EXPECT_EQ(replaced, 1);
}

TEST(PointConfigs, KeysDifferWhenAnythingDoes) {
  const testing::TempFolder folder;
  const SweepSpec spec = load_text(folder, mixed());
  PointConfigs configs(spec);
  const auto key = [&](const std::vector<Set>& sets, const char* program) {
    return configs.resolve(sets, program).key;
  };
  const std::string plain = key({}, "test");
  EXPECT_EQ(key({{"/arch/residency", "\"layer\""}}, "test"), plain);  // the default
  EXPECT_NE(key({}, "other"), plain);
  EXPECT_NE(key({{"/arch/mac_array/rows", "16"}}, "test"), plain);
  EXPECT_NE(key({{"/precision/default/weight_bits", "3"}}, "test"), plain);
  EXPECT_NE(key({{"/batch", "2"}}, "test"), plain);
}

// What is remembered changes no result: each point once in one evaluator and once in a fresh one.
void expect_same_outcomes(const SweepSpec& spec, std::int64_t step, std::int64_t every) {
  const PointSpace space(spec, std::nullopt);
  Evaluator remembering(space, "test");
  std::int64_t number = 0;
  for (const std::int64_t i : scrambled(space, step)) {
    const Outcome with = remembering.evaluate({i, Engine::Analytic});
    if (number++ % every != 0) continue;
    Evaluator fresh(space, "test");
    const Outcome without = fresh.evaluate({i, Engine::Analytic});
    ASSERT_EQ(with.error, without.error) << i;
    ASSERT_EQ(with.key, without.key) << i;
    ASSERT_EQ(with.values, without.values) << i;
  }
}

TEST(Evaluator, RemembersWithoutChangingResults) {
  const testing::TempFolder folder;
  expect_same_outcomes(load_text(folder, mixed()), 5, 5);
}

TEST(Evaluator, RemembersUnderAnEnergyObjective) {
  const testing::TempFolder folder;
  expect_same_outcomes(load_text(folder, R"({"schema_version": 1, "name": "energy",
    "base": {"network": "resnet20_cifar10", "set": {"/objective": "energy"}},
    "axes": [{"name": "pj", "pointer": "/arch/dram/energy_pj_per_bit", "values": [1, 20, 60]},
             {"name": "bits", "pointer": "/precision/default/weight_bits", "values": [8, 4]}],
    "objectives": [{"field": "energy_pj"}]})"),
                       5, 1);
}

TEST(Evaluator, RemembersInIsoMode) {
  const testing::TempFolder folder;
  expect_same_outcomes(load_text(folder, R"({"schema_version": 1, "name": "iso",
    "base": {"network": "resnet20_cifar10"}, "iso": {"budget": {"area_um2": 1e6}},
    "axes": [{"name": "gbps", "pointer": "/arch/dram/bandwidth_gbps", "values": [4, 40]},
             {"name": "acc", "pointer": "/arch/mac_array/pe/acc_bits", "values": [24, 32]}],
    "objectives": [{"field": "latency_ms"}]})"),
                       3, 1);
}

}  // namespace
}  // namespace bitscale::sweep
