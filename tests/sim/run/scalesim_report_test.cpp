#include "sim/run/scalesim_report.h"

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "arch/base/file.h"
#include "sim/run/isolated.h"
#include "sim/run/simulate.h"
#include "tests/support/random_design.h"
#include "tests/support/reference.h"
#include "tests/support/temp_folder.h"

namespace bitscale::run {
namespace {

using spec::Dataflow;
using Rows = std::vector<std::vector<std::string>>;

Rows read_csv(const std::string& text) {
  Rows rows;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    rows.emplace_back();
    std::istringstream fields(line);
    for (std::string field; std::getline(fields, field, ',');) {
      rows.back().push_back(field.substr(std::min(field.find_first_not_of(' '), field.size())));
    }
  }
  return rows;
}

struct Shape {
  std::string name;
  std::int64_t pixels = 1, reduction = 1, filters = 1, groups = 1;
};

// The topology's own arithmetic, apart from the importer (FIELD.md).
std::vector<Shape> read_topology(const std::string& file) {
  Rows rows = read_csv(
      base::read_text_file(testing::reference_path("data/scalesim/" + file + ".csv"), 1u << 20));
  rows.erase(rows.begin());
  std::vector<Shape> shapes;
  for (const auto& row : rows) {
    if (row.size() < 8) continue;
    const auto at = [&](std::size_t i) { return std::stoll(row[i]); };
    const auto side = [&](std::size_t i) { return (at(i) - at(i + 2) + 2 * at(7) - 1) / at(7); };
    Shape shape{row[0], side(1) * side(2), at(3) * at(4) * at(5), at(6), 1};
    if (shape.name.find("DP") != std::string::npos) {
      shape.groups = at(5);
      shape.reduction = at(3) * at(4);
    }
    shapes.push_back(shape);
  }
  return shapes;
}

spec::AcceleratorSpec scale_sim_design(std::int64_t rows, std::int64_t cols, Dataflow dataflow) {
  spec::AcceleratorSpec design;
  design.mac_array.rows = rows;
  design.mac_array.cols = cols;
  design.mac_array.dataflow = dataflow;
  design.mac_array.cycle_model = spec::CycleModel::ScaleSim;
  design.buffers.weight = design.buffers.act = design.buffers.output = {1 << 20, 512, 8, 1};
  design.dram.infinite = true;
  design.residency = spec::Residency::None;
  return design;
}

// A layer of the topology's shape: grouped 1×1 convolutions are matrix products.
model::Network as_network(const std::vector<Shape>& shapes) {
  model::Network network;
  network.name = "topology";
  for (const Shape& shape : shapes) {
    model::Layer layer;
    layer.name = shape.name;
    layer.kind = model::LayerKind::Conv;
    layer.inputs = {-1};
    layer.in_height = layer.out_height = shape.pixels;
    layer.in_channels = shape.reduction * shape.groups;
    layer.out_channels = shape.filters * shape.groups;
    layer.groups = shape.groups;
    network.layers.push_back(layer);
  }
  return network;
}

cost::RunActivity run_topology(const std::vector<Shape>& shapes,
                               const spec::AcceleratorSpec& design, mapping::TaskGraph& graph) {
  const model::Network network = as_network(shapes);
  graph = mapping::make_tasks(network, testing::uniform_bits(network, 8, 8), design, 1);
  const auto mapping = mapping::map_network(graph, design, mapping::Objective::Latency, nullptr);
  return analyze(graph, design, mapping);
}

std::int64_t closed_form(const Shape& s, std::int64_t rows, std::int64_t cols, Dataflow dataflow) {
  const auto up = [](std::int64_t a, std::int64_t b) { return (a + b - 1) / b; };
  switch (dataflow) {
    case Dataflow::OutputStationary:
      return up(s.pixels, rows) * up(s.filters, cols) * (s.reduction + rows + cols - 2);
    case Dataflow::WeightStationary:
      return up(s.reduction, rows) * up(s.filters, cols) * (2 * rows + cols + s.pixels - 2);
    case Dataflow::InputStationary:
      return up(s.reduction, rows) * up(s.pixels, cols) * (2 * rows + cols + s.filters - 2);
  }
  return 0;
}

TEST(ScaleSimReport, ComputeCyclesAreTheClosedForm) {
  BITSCALE_REQUIRE_REFERENCE(testing::reference_path("data/scalesim"));
  for (const char* topology : {"alexnet", "Resnet18", "mobilenet"}) {
    const std::vector<Shape> shapes = read_topology(topology);
    ASSERT_GE(shapes.size(), 5u);
    for (const Dataflow dataflow :
         {Dataflow::WeightStationary, Dataflow::OutputStationary, Dataflow::InputStationary}) {
      for (const std::int64_t side : {8, 16, 32, 64, 128}) {
        mapping::TaskGraph graph;
        const auto run = run_topology(shapes, scale_sim_design(side, side, dataflow), graph);
        const Rows rows = read_csv(scalesim_compute_report(run, graph));
        std::size_t row = 1;
        for (const Shape& shape : shapes) {
          for (std::int64_t group = 0; group < shape.groups; ++group, ++row) {
            ASSERT_LT(row, rows.size());
            EXPECT_EQ(rows[row][2], std::to_string(closed_form(shape, side, side, dataflow) - 1))
                << topology << " " << shape.name << " " << side;
          }
        }
        EXPECT_EQ(row, rows.size());
      }
    }
  }
}

// With a DRAM a layer's stalls need not divide by its parts.
TEST(ScaleSimReport, PartsTakeWholeCyclesThatAddUpToTheLayer) {
  auto design = scale_sim_design(16, 16, Dataflow::WeightStationary);
  design.dram.infinite = false;
  mapping::TaskGraph graph;
  cost::RunActivity run;
  for (const double bandwidth : {0.7, 0.8, 0.9, 1.1}) {
    design.dram.bandwidth_gbps = bandwidth;
    run = run_topology({{"DP", 100, 9, 1, 7}}, design, graph);
    if (run.layers[0].dram_stall_cycles % 7 != 0) break;
  }
  ASSERT_NE(run.layers[0].dram_stall_cycles % 7, 0);
  const Rows rows = read_csv(scalesim_compute_report(run, graph));
  ASSERT_EQ(rows.size(), 8u);
  std::int64_t stalls = 0, totals = 0;
  for (std::size_t row = 1; row < rows.size(); ++row) {
    for (const std::size_t column : {1U, 2U, 3U}) {
      EXPECT_EQ(rows[row][column].find_first_not_of("0123456789"), std::string::npos)
          << rows[row][column];
    }
    totals += std::stoll(rows[row][2]) + 1;
    stalls += std::stoll(rows[row][3]);
  }
  EXPECT_EQ(stalls, run.layers[0].dram_stall_cycles);
  EXPECT_EQ(totals, run.layers[0].compute_cycles + run.layers[0].dram_stall_cycles);
}

TEST(ScaleSimReport, EqualsEveryMeasuredRow) {
  const auto path = testing::reference_path("data/scalesim_cycles.csv");
  BITSCALE_REQUIRE_REFERENCE(path);
  const std::map<std::string, Dataflow> names = {{"os", Dataflow::OutputStationary},
                                                 {"ws", Dataflow::WeightStationary},
                                                 {"is", Dataflow::InputStationary}};
  std::map<std::string, Rows> reports;
  Rows measured = read_csv(base::read_text_file(path, 1u << 20));
  measured.erase(measured.begin());
  ASSERT_EQ(measured.size(), 44u);
  int compute_utils = 0;
  for (const auto& row : measured) {
    const std::string key = row[0] + row[1] + row[2];
    if (reports.find(key) == reports.end()) {
      const std::int64_t rows = std::stoll(row[0]);
      const std::int64_t cols = std::stoll(row[0].substr(row[0].find('x') + 1));
      mapping::TaskGraph graph;
      const auto run = run_topology(read_topology(row[2]),
                                    scale_sim_design(rows, cols, names.at(row[1])), graph);
      reports[key] = read_csv(scalesim_compute_report(run, graph));
    }
    const auto& ours = reports[key].at(std::stoul(row[3]) + 1);
    EXPECT_EQ(ours[2], row[5]) << key << " " << row[4];
    EXPECT_EQ(ours[3], row[6]);
    EXPECT_NEAR(std::stod(ours[4]), std::stod(row[7]), 0.01) << key << " " << row[4];
    EXPECT_NEAR(std::stod(ours[5]), std::stod(row[8]), 0.01) << key << " " << row[4];
    if (row.at(9).find_first_of("0123456789") == std::string::npos) continue;  // not recorded
    EXPECT_NEAR(std::stod(ours[6]), std::stod(row[9]), 0.01) << key << " " << row[4];
    ++compute_utils;
  }
  EXPECT_EQ(compute_utils, 41);
}

// No run of SCALE-Sim to compare: the columns of weight stationary with the operands swapped.
TEST(ScaleSimReport, InputStationaryCountsUtilizationAsWeightStationaryDoes) {
  const auto util = [](Dataflow dataflow, std::int64_t pixels, std::int64_t filters) {
    mapping::TaskGraph graph;
    const auto run =
        run_topology({{"gemm", pixels, 70, filters, 1}}, scale_sim_design(8, 16, dataflow), graph);
    return std::stod(read_csv(scalesim_compute_report(run, graph))[1][6]);
  };
  EXPECT_DOUBLE_EQ(util(Dataflow::InputStationary, 100, 40),
                   util(Dataflow::WeightStationary, 40, 100));
}

// The golden run of a matrix product of 128 × 256 by 256 × 256 on 32 × 32, in one tile.
TEST(ScaleSimReport, CountsTheReadsOfTheGoldenRun) {
  const auto design = scale_sim_design(32, 32, Dataflow::OutputStationary);
  const model::Network network = as_network({{"gemm", 128, 256, 256, 1}});
  const auto graph = mapping::make_tasks(network, testing::uniform_bits(network, 8, 8), design, 1);
  mapping::NetworkMapping whole;
  whole.tasks.resize(1);
  whole.tasks[0].tiling.channels = whole.tasks[0].tiling.reduction = 256;
  whole.tasks[0].tiling.rows = 128;
  const auto run = analyze(graph, design, whole);
  const Rows compute = read_csv(scalesim_compute_report(run, graph));
  EXPECT_EQ(compute[1][2], "10175");
  const Rows words = read_csv(scalesim_bandwidth_report(run, graph));
  EXPECT_NEAR(std::stod(words[1][1]) * 10175, 262144, 1e-3);
  EXPECT_NEAR(std::stod(words[1][2]) * 10175, 262144, 1e-3);
  EXPECT_NEAR(std::stod(words[1][6]) * 10175, 32768, 1e-3);
}

// No edge of the array takes more than a word per row or column in a cycle, whatever the tiles the
// search chose, and the counts are those of folds of the whole layer.
TEST(ScaleSimReport, FeedsNoMoreWordsThanTheArrayHasRows) {
  BITSCALE_REQUIRE_REFERENCE(testing::reference_path("data/scalesim"));
  constexpr std::int64_t kSide = 32;
  const auto folds = [](std::int64_t extent) { return (extent + kSide - 1) / kSide; };
  for (const char* topology : {"alexnet", "Resnet18", "mobilenet"}) {
    const std::vector<Shape> shapes = read_topology(topology);
    for (const Dataflow dataflow :
         {Dataflow::WeightStationary, Dataflow::OutputStationary, Dataflow::InputStationary}) {
      mapping::TaskGraph graph;
      const auto run = run_topology(shapes, scale_sim_design(kSide, kSide, dataflow), graph);
      const Rows compute = read_csv(scalesim_compute_report(run, graph));
      const Rows words = read_csv(scalesim_bandwidth_report(run, graph));
      std::size_t row = 1;
      for (const Shape& shape : shapes) {
        const std::int64_t input_passes =
            dataflow == Dataflow::InputStationary ? 1 : folds(shape.filters);
        const std::int64_t filter_passes =
            dataflow == Dataflow::WeightStationary ? 1 : folds(shape.pixels);
        const double inputs = static_cast<double>(shape.pixels * shape.reduction * input_passes);
        const double filters = static_cast<double>(shape.filters * shape.reduction * filter_passes);
        for (std::int64_t group = 0; group < shape.groups; ++group, ++row) {
          const double cycles = std::stod(compute.at(row)[2]);
          const std::string where = std::string(topology) + " " + shape.name;
          EXPECT_LE(std::stod(words.at(row)[1]), kSide) << where;
          EXPECT_LE(std::stod(words[row][2]), kSide) << where;
          EXPECT_LE(std::stod(words[row][3]), kSide) << where;
          EXPECT_NEAR(std::stod(words[row][1]) * cycles, inputs, 1e-3 * inputs) << where;
          EXPECT_NEAR(std::stod(words[row][2]) * cycles, filters, 1e-3 * filters) << where;
        }
      }
    }
  }
}

// Tiles cost this model's array nothing, so a small last tile must not buy DRAM traffic.
TEST(ScaleSimReport, LoadsNothingTwiceForAShorterTail) {
  const std::vector<Shape> shapes = {{"conv", 3025, 363, 96, 1}};
  auto design = scale_sim_design(32, 32, Dataflow::WeightStationary);
  design.buffers.weight = design.buffers.act = design.buffers.output = {4 << 20, 512, 8, 1};
  mapping::TaskGraph graph;
  const auto run = run_topology(shapes, design, graph);
  const double once = 8 * (3025 * 363 + 363 * 96);  // and bursts left unfilled
  EXPECT_NEAR(static_cast<double>(run.layers[0].count(cost::Action::DramReadBit)), once,
              1e-3 * once);
}

TEST(ScaleSimReport, SystemCCountsTheSameReads) {
  const model::Network network = as_network({{"conv", 400, 90, 70, 1}, {"grouped", 50, 9, 1, 5}});
  for (const Dataflow dataflow :
       {Dataflow::WeightStationary, Dataflow::OutputStationary, Dataflow::InputStationary}) {
    auto design = scale_sim_design(16, 16, dataflow);
    design.buffers.weight = design.buffers.act = design.buffers.output = {4096, 512, 8, 1};
    design.cores = 3;
    const auto graph =
        mapping::make_tasks(network, testing::uniform_bits(network, 8, 8), design, 1);
    const auto mapping = mapping::map_network(graph, design, mapping::Objective::Latency, nullptr);
    const auto expected = analyze(graph, design, mapping);
    const auto run = simulate_isolated(graph, design, mapping);
    EXPECT_GT(run.layers[0].tiles, 1);
    for (std::size_t i = 0; i < run.layers.size(); ++i) {
      for (const auto action :
           {cost::Action::ActReadBit, cost::Action::WeightReadBit, cost::Action::OutputReadBit,
            cost::Action::OutputWriteBit, cost::Action::StationaryLoadBit, cost::Action::Mac}) {
        EXPECT_EQ(run.layers[i].count(action), expected.layers[i].count(action)) << i;
      }
    }
  }
}

TEST(ScaleSimReport, WritesItsHeaders) {
  testing::TempFolder folder;
  mapping::TaskGraph graph;
  const auto design = scale_sim_design(32, 32, Dataflow::OutputStationary);
  const auto run = run_topology({{"gemm", 128, 256, 256, 1}}, design, graph);
  write_scalesim_reports(folder.path(), run, graph);
  const auto first_line = [&](const char* file) {
    const std::string text = base::read_text_file(folder / file, 1u << 20);
    return text.substr(0, text.find('\n'));
  };
  EXPECT_EQ(first_line("COMPUTE_REPORT.csv"),
            "LayerID, Total Cycles (incl. prefetch), Total Cycles, Stall Cycles, Overall Util %, "
            "Mapping Efficiency %, Compute Util %,");
  EXPECT_EQ(first_line("BANDWIDTH_REPORT.csv"),
            "LayerID, Avg IFMAP SRAM BW, Avg FILTER SRAM BW, Avg OFMAP SRAM BW, Avg IFMAP DRAM BW, "
            "Avg FILTER DRAM BW, Avg OFMAP DRAM BW,");
}

}  // namespace
}  // namespace bitscale::run
