// The sweeps that ship show what the reproductions show: their axes are the studies', and every
// point that both have is the same.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "arch/base/json_writer.h"
#include "sim/reproduce/crossover.h"
#include "sim/reproduce/pact_study.h"
#include "sim/sweep/evaluate.h"
#include "sim/sweep/result_fields.h"
#include "tests/support/reference.h"

namespace bitscale::reproduce {
namespace {

run::Catalog shipped() { return run::Catalog(testing::source_path("")); }

sweep::SweepSpec committed(const char* name) {
  return sweep::load_sweep(testing::source_path("configs/sweeps") / name, shipped());
}

const sweep::Axis& axis_of(const sweep::SweepSpec& spec, const std::string& name) {
  const auto found = std::find_if(spec.axes.begin(), spec.axes.end(), [&](const auto& axis) {
    return axis.columns.front().name == name;
  });
  EXPECT_NE(found, spec.axes.end()) << name;
  return *found;
}

std::vector<double> numbers_of(const sweep::Axis& axis) {
  std::vector<double> numbers;
  for (const sweep::Option& option : axis.options) {
    numbers.push_back(std::get<double>(option.values.front()));
  }
  return numbers;
}

template <class Number>
std::vector<double> as_numbers(const std::vector<Number>& values) {
  return {values.begin(), values.end()};
}

// Position of an axis' first column among a point's values.
std::size_t column_of(const sweep::SweepSpec& spec, const std::string& name) {
  const auto columns = sweep::axis_columns(spec);
  const auto found = std::find_if(columns.begin(), columns.end(),
                                  [&](const auto& column) { return column.name == name; });
  return static_cast<std::size_t>(found - columns.begin());
}

double field_of(const sweep::Outcome& outcome, const char* field) {
  return outcome.values[sweep::field_index(field, "test")];
}

TEST(CommittedSweeps, PactMapIsTheMapOfReproducePact) {
  const sweep::SweepSpec spec = committed("pact_map.json");
  const PactStudy study = load_pact_study(pact_study_file(shipped()), shipped());
  EXPECT_EQ(numbers_of(axis_of(spec, "cores")), as_numbers(study.map_cores));
  EXPECT_EQ(numbers_of(axis_of(spec, "capacity_bytes")), as_numbers(study.map_capacity_bytes));
  const sweep::PointSpace space(spec, std::nullopt);
  EXPECT_GE(space.size(), 1000);

  // Cores, capacity and bandwidth to the latencies at 16 bits and at 4 with first and last at 8.
  std::map<std::array<double, 3>, std::map<std::string, double>> latency_ms;
  sweep::Evaluator evaluator(space, "test");
  const std::size_t cores = column_of(spec, "cores");
  const std::size_t capacity = column_of(spec, "capacity_bytes");
  const std::size_t bandwidth = column_of(spec, "bandwidth_gbps");
  const std::size_t bits = column_of(spec, "bits");
  for (std::int64_t i = 0; i < space.size(); ++i) {
    const auto values = space.values(space.choices(i));
    const auto& name = std::get<std::string>(values[bits]);
    if (name != "w16" && name != "w4_first_last_8") continue;
    const sweep::Outcome outcome = evaluator.evaluate({i, sweep::Engine::Analytic});
    ASSERT_EQ(outcome.error, "") << i;
    latency_ms[{std::get<double>(values[cores]), std::get<double>(values[capacity]),
                std::get<double>(values[bandwidth])}][name] = field_of(outcome, "latency_ms");
  }
  int compared = 0;
  for (const PactMapPoint& point : pact_map(study)) {
    const auto found =
        latency_ms.find({static_cast<double>(point.cores),
                         static_cast<double>(point.capacity_bytes), point.bandwidth_gbps});
    if (found == latency_ms.end()) continue;
    ++compared;
    const double gain = found->second.at("w16") / found->second.at("w4_first_last_8");
    EXPECT_NEAR(gain, point.gain, 1e-9 * point.gain)
        << point.cores << " cores, " << point.capacity_bytes << " bytes, " << point.bandwidth_gbps;
  }
  EXPECT_GE(compared, 48 * 2);
}

std::string design_text(spec::AcceleratorSpec design) {
  design.name.clear();
  design.description.clear();
  design.sources.clear();
  base::JsonWriter json;
  spec::write_accelerator(json, design);
  return json.take();
}

TEST(CommittedSweeps, CrossoverIsThatOfReproduceCrossover) {
  const sweep::SweepSpec spec = committed("crossover.json");
  const CrossoverStudy study = load_crossover(shipped());
  const sweep::PointSpace space(spec, std::nullopt);
  ASSERT_EQ(space.size(), 4 * 8 * 8);
  const std::vector<int> widths = {1, 4, 8};
  const auto parts = reproduce_crossover(study, widths, [](const std::string&) {});
  const std::vector<CrossoverPoint>& wanted = parts.front().points;  // of the whole network
  sweep::Evaluator evaluator(space, "test");
  for (std::size_t design = 0; design < kContenders.size(); ++design) {
    const auto first = static_cast<std::int64_t>(design) * 64;
    EXPECT_EQ(design_text(evaluator.resolve(first).accelerator), design_text(study.designs[design]))
        << kContenders[design];
    for (const CrossoverPoint& point : wanted) {
      const std::int64_t index = first + (point.weight_bits - 1) * 8 + point.act_bits - 1;
      const sweep::Outcome outcome = evaluator.evaluate({index, sweep::Engine::Analytic});
      ASSERT_EQ(outcome.error, "") << index;
      EXPECT_NEAR(field_of(outcome, "latency_ms"), point.latency_ms[design],
                  1e-9 * point.latency_ms[design])
          << index;
      // The sweep knows prices and takes the cheapest of equally fast mappings.
      const double energy_uj = field_of(outcome, "energy_pj") * 1e-6;
      EXPECT_LE(energy_uj, point.energy_uj[design] * (1 + 1e-9)) << index;
      EXPECT_GT(energy_uj, point.energy_uj[design] * 0.98) << index;
    }
  }
}

}  // namespace
}  // namespace bitscale::reproduce
