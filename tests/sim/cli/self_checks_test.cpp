// The self-checks on real runs: they hold on every design, and a run changed in one place fails.
#include "sim/report/self_checks.h"

#include <gtest/gtest.h>

#include <limits>
#include <set>

#include "arch/cost/cost_model.h"
#include "sim/run/isolated.h"
#include "sim/run/plan.h"
#include "sim/run/simulate.h"
#include "tests/support/random_design.h"
#include "tests/support/reference.h"

namespace bitscale::report {
namespace {

using cost::Action;
using cost::LayerActivity;
using cost::RunActivity;

std::string failures(const RunActivity& run, const Report& report, const Workload& workload) {
  std::string text;
  for (const CheckResult& check : failed_checks(self_checks(run, report, &workload))) {
    text += check.id + " (" + check.detail + ") ";
  }
  return text;
}

// A run of a shipped network with its price.
class RealRun : public ::testing::Test {
 protected:
  explicit RealRun(std::vector<std::string> sets = {}) {
    run::RunRequest request;
    request.network = "resnet20_cifar10";
    request.precision = "w4a4_first_last_8";
    request.sets = std::move(sets);
    config_ = run::load_config(request, run::Catalog(testing::source_path("")));
    const cost::CostModel prices(config_.accelerator, config_.technology);
    const mapping::TaskGraph graph = run::plan_tasks(config_, prices);
    run_ = run::analyze(graph, config_.accelerator, run::plan_mapping(config_, graph, prices));
    report_ = make_report(run_, prices);
  }
  std::set<std::string> failed(const RunActivity& run, const Report& report) const {
    std::set<std::string> ids;
    const Workload workload{config_.network, config_.precisions};
    for (const CheckResult& check : failed_checks(self_checks(run, report, &workload))) {
      ids.insert(check.id);
    }
    return ids;
  }
  std::set<std::string> failed(const RunActivity& run) const { return failed(run, report_); }

  run::RunConfig config_;
  RunActivity run_;
  Report report_;
};

// Weights stay on chip, so that the steady state differs from the cold one.
class PinnedRun : public RealRun {
 protected:
  PinnedRun()
      : RealRun({"/arch/residency=\"network\"", "/arch/state=\"steady\"",
                 "/arch/buffers/weight/capacity_bytes=1000000",
                 "/arch/buffers/act/capacity_bytes=1000000", "/batch=2"}) {}
};

const std::vector<Action> kConserved = {
    Action::Mac,           Action::IdlePeCycle,     Action::StationaryLoadBit,
    Action::WeightReadBit, Action::WeightWriteBit,  Action::ActWriteBit,
    Action::OutputReadBit, Action::OutputWriteBit,  Action::PostOperation,
    Action::DmaBit,        Action::InterconnectBit, Action::DramReadBit,
    Action::DramWriteBit};

void expect_every_changed_count_fails(
    RunActivity run, const std::function<std::set<std::string>(const RunActivity&)>& failed) {
  ASSERT_EQ(failed(run), std::set<std::string>{});
  for (auto* layers : {&run.layers, &run.steady_layers}) {
    for (const std::size_t index : {std::size_t{0}, layers->size() / 2, layers->size() - 1}) {
      LayerActivity& layer = (*layers)[index];
      for (const Action action : kConserved) {
        for (const int change : {-1, 1}) {
          layer.count(action) += change;
          EXPECT_FALSE(failed(run).empty())
              << layer.name << " " << cost::name(action) << " changed by " << change
              << (layers == &run.layers ? "" : " in the steady state");
          layer.count(action) -= change;
        }
      }
    }
  }
}

TEST_F(RealRun, FailsWhenAnyConservedCountIsOffByOne) {
  expect_every_changed_count_fails(run_, [&](const RunActivity& run) { return failed(run); });
}

TEST_F(PinnedRun, FailsWhenAnyConservedCountIsOffByOne) {
  ASSERT_LT(run_.steady_layers[1].dram_bytes(), run_.layers[1].dram_bytes());
  expect_every_changed_count_fails(run_, [&](const RunActivity& run) { return failed(run); });
}

TEST_F(PinnedRun, EachCheckCanFail) {
  std::set<std::string> seen;
  const auto collect = [&](const std::set<std::string>& ids) {
    seen.insert(ids.begin(), ids.end());
  };
  for (const Action action : kConserved) {
    RunActivity run = run_;
    run.layers[2].count(action) += 1;
    collect(failed(run));
  }
  RunActivity run = run_;
  run.layers[1].stall_cycles -= 1;
  collect(failed(run));
  run = run_;
  run.layers[1].dram_stall_cycles = -1;
  collect(failed(run));
  run = run_;
  run.steady_layers[1].ideal_cycles *= 1e6;
  collect(failed(run));
  Report report = report_;
  report.layers[0].energy_pj *= 1.01;
  collect(failed(run_, report));
  report = report_;
  report.totals.tops = std::numeric_limits<double>::quiet_NaN();
  collect(failed(run_, report));
  const Workload workload{config_.network, config_.precisions};
  std::set<std::string> all;
  for (const CheckResult& check : self_checks(run_, report_, &workload)) all.insert(check.id);
  EXPECT_EQ(seen, all);
}

TEST_F(RealRun, FailsOnLayersThatAreNotTheNetworks) {
  RunActivity run = run_;
  run.layers.pop_back();
  EXPECT_EQ(failed(run).count("macs"), 1u);
  run = run_;
  run.layers[3].name = "other";
  EXPECT_EQ(failed(run).count("macs"), 1u);
  run = run_;
  run.batch = 2;
  EXPECT_EQ(failed(run).count("macs"), 1u);
}

TEST_F(RealRun, FailsWhenWhatNobodyStoredIsLoaded) {
  RunActivity run = run_;
  std::size_t reader = 1;
  while (run.layers[reader - 1].count(Action::DramWriteBit) > 0) ++reader;
  const std::int64_t burst = 8 * run.accelerator.dram.burst_bytes;
  run.layers[reader].count(Action::DramReadBit) += burst;
  run.layers[reader].count(Action::DmaBit) += burst;
  run.layers[reader].count(Action::ActWriteBit) += burst;
  EXPECT_EQ(failed(run).count("tensors"), 1u);
}

TEST(SelfChecksOfRandomDesigns, HoldForBothEngines) {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    testing::Dice dice(seed);
    spec::AcceleratorSpec design = testing::random_design(dice);
    for (auto* buffer : {&design.buffers.weight, &design.buffers.act, &design.buffers.output}) {
      buffer->capacity_bytes += 1 << 17;
    }
    const auto network =
        testing::committed_network(dice.pick({"resnet20_cifar10", "mobilenet_v2", "resnet18"}));
    const auto bits = testing::uniform_bits(network, static_cast<int>(dice.between(2, 16)),
                                            static_cast<int>(dice.between(2, 16)));
    const auto graph = mapping::make_tasks(network, bits, design, dice.between(1, 2));
    const auto mapping = mapping::map_network(graph, design, mapping::Objective::Latency, nullptr);
    const Workload workload{network, bits};
    const cost::Technology technology =
        cost::load_technology(testing::source_path("configs/tech/generic_45nm.json"));
    const cost::CostModel prices(design, technology);
    const auto check = [&](const RunActivity& run) {
      EXPECT_EQ(failures(run, make_report(run, prices), workload), "")
          << "design " << seed << ", " << run.engine;
    };
    check(run::analyze(graph, design, mapping));
    if (seed % 3 == 0) check(run::simulate_isolated(graph, design, mapping));
  }
}

}  // namespace
}  // namespace bitscale::report
