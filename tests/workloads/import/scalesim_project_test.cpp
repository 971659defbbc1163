#include "workloads/import/scalesim_project.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "arch/base/file.h"
#include "arch/base/json_reader.h"
#include "tests/support/reference.h"
#include "workloads/import/scalesim_text.h"
#include "workloads/import/scalesim_topology.h"

namespace bitscale::import {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* kCfg =
    "[general]\nrun_name = demo\n[Architecture_Presets]\nARRAYHEIGHT: 8\narraywidth = 16 ; cols\n"
    "IfmapSramSzkB: 64\nFilterSramSzkB: 32\nOfmapSramSzkB: 4\nBandwidth : 10\nDataflow : OS\n";
constexpr const char* kConvHeader =
    "Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, "
    "Strides,\n";

class ScaleSim : public ::testing::Test {
 protected:
  ScaleSim()
      : dir(std::filesystem::path(::testing::TempDir()) /
            (std::string("scalesim_") +
             ::testing::UnitTest::GetInstance()->current_test_info()->name())) {
    std::filesystem::remove_all(dir);
  }
  ~ScaleSim() override { std::filesystem::remove_all(dir); }

  ScaleSimProject read(const std::string& cfg, const std::string& topology) {
    base::write_file_atomically(dir / "a.cfg", cfg);
    base::write_file_atomically(dir / "t.csv", topology);
    return read_scalesim(dir / "a.cfg", dir / "t.csv");
  }

  /// "file:line: message" of every problem, folders cut off.
  std::vector<std::string> problems(const std::string& cfg, const std::string& topology) {
    std::vector<std::string> all;
    try {
      read(cfg, topology);
    } catch (const base::UserError& error) {
      for (const base::Problem& problem : error.problems()) {
        all.push_back(std::filesystem::path(problem.where).filename().string() + ": " +
                      problem.message);
      }
    }
    return all;
  }

  std::filesystem::path dir;
};

TEST_F(ScaleSim, CfgBecomesADesignPoint) {
  const ScaleSimProject project = read(kCfg, std::string(kConvHeader) + "a,5,5,3,3,2,4,1,\n");
  const spec::AcceleratorSpec& design = project.accelerator;
  EXPECT_EQ(design.name, "demo");
  EXPECT_EQ(design.mac_array.rows, 8);
  EXPECT_EQ(design.mac_array.cols, 16);
  EXPECT_EQ(design.mac_array.dataflow, spec::Dataflow::OutputStationary);
  EXPECT_EQ(design.mac_array.cycle_model, spec::CycleModel::ScaleSim);
  EXPECT_EQ(design.buffers.act.capacity_bytes, 64 * 1024);
  EXPECT_EQ(design.buffers.weight.capacity_bytes, 32 * 1024);
  EXPECT_EQ(design.buffers.output.capacity_bytes, 4 * 1024);
  EXPECT_TRUE(design.dram.infinite);  // CALC is SCALE-Sim's default
  EXPECT_THAT(project.notes, IsEmpty());
}

TEST_F(ScaleSim, UserBandwidthIsWordsPerCycle) {
  const ScaleSimProject project = read(std::string(kCfg) + "[run_presets]\nInterfaceBandwidth=user",
                                       std::string(kConvHeader) + "a,5,5,3,3,2,4,1,\n");
  EXPECT_FALSE(project.accelerator.dram.infinite);
  EXPECT_DOUBLE_EQ(project.accelerator.dram_bytes_per_cycle(), 10);
  EXPECT_EQ(project.accelerator.dram_latency_cycles(), 0);
}

TEST_F(ScaleSim, ConvLinesWithCommasBlanksCrlfAndEmptyLines) {
  const ScaleSimProject project = read(
      kCfg, std::string("\xEF\xBB\xBF") + kConvHeader +
                "\r\n conv 1 , 224 ,224,11,11,3,96,4,\r\n,,,,\r\nDP_2,8,6,3,3,5,1,2,,\r\nfc,1,1,1,"
                "1,512,1000,1\r\nfc,1,1,1,1,512,10,1");
  ASSERT_EQ(project.network.layers.size(), 4u);
  const model::Layer& conv = project.network.layers[0];
  EXPECT_EQ(conv.name, "conv 1");
  EXPECT_EQ(conv.out_height, 55);  // ceil((224 - 11 + 4) / 4): the last window reaches beyond
  EXPECT_EQ(conv.pad_bottom, 3);
  EXPECT_EQ(conv.macs(), std::int64_t{55} * 55 * 96 * 363);
  const model::Layer& depthwise = project.network.layers[1];
  EXPECT_EQ(depthwise.groups, 5);
  EXPECT_EQ(depthwise.out_channels, 5);
  EXPECT_EQ(depthwise.out_height, 4);  // ceil((8 - 3 + 2) / 2)
  EXPECT_EQ(depthwise.out_width, 3);   // ceil((6 - 3 + 2) / 2)
  EXPECT_EQ(depthwise.reduction(), 9);
  EXPECT_EQ(project.network.layers[3].name, "fc#2");
  EXPECT_THAT(project.notes, ElementsAre(HasSubstr("t.csv:7: layer 'fc' becomes 'fc#2'")));
}

TEST_F(ScaleSim, GemmIsMByKTimesKByNInAnyColumnOrder) {
  const ScaleSimProject project = read(kCfg, "Layer, M, N, K,\ng, 7, 3, 5,\n");
  const model::Layer& gemm = project.network.layers.at(0);
  EXPECT_EQ(gemm.kind, model::LayerKind::Gemm);
  EXPECT_EQ(gemm.out_pixels(), 7);
  EXPECT_EQ(gemm.out_channels, 3);
  EXPECT_EQ(gemm.reduction(), 5);
  const ScaleSimProject turned = read(kCfg, "Layer, K, M, N\ng, 5, 7, 3\n");
  EXPECT_EQ(turned.network.layers.at(0).out_channels, 3);
  EXPECT_EQ(turned.network.layers.at(0).reduction(), 5);
}

TEST_F(ScaleSim, AllProblemsOfBothFilesWithTheirLines) {
  const std::string cfg =
      "[general]\nwhat\n[architecture_presets]\nArrayHeight: 0\nArrayHieght: 4\n"
      "IfmapSramSzkB: 64k\nFilterSramSzkB: 32\nOfmapSramSzkB: 4\nOfmapSramSzkB: 5\n"
      "Dataflow: rs\n[sparsity]\nSparsitySupport: true\n";
  const std::string topology =
      std::string(kConvHeader) +
      "a,5,5,3,3,2,x,1,\nb,5,5,3,3,2,4,\nc,2,5,3,3,2,4,1\n,5,5,3,3,2,4,1\nd,5,-5,3,3,2,4,1.5,\n";
  EXPECT_THAT(
      problems(cfg, topology),
      ElementsAre(
          HasSubstr("a.cfg:2: expected 'key: value'"),
          HasSubstr("a.cfg:5: unknown key 'ArrayHieght'; did you mean 'ArrayHeight'?"),
          HasSubstr("a.cfg:9: second 'OfmapSramSzkB'; the first is on line 8"),
          HasSubstr("a.cfg:12: 'SparsitySupport' is not modelled"),
          HasSubstr("a.cfg:4: ArrayHeight: expected a whole number from 1 to 65536, given '0'"),
          HasSubstr("a.cfg: missing key 'ArrayWidth'"),
          HasSubstr("a.cfg:10: unknown Dataflow 'rs'"),
          HasSubstr("a.cfg:6: IfmapSramSzkB: expected a whole number"),
          HasSubstr("t.csv:2: Num Filter: expected a whole number from 1 to 16777216, given 'x'"),
          HasSubstr("t.csv:3: expected 8 cells as in the header, given 7"),
          HasSubstr("t.csv:4: layer 'c': the filter of 3x3 is larger than the IFMAP of 2x5"),
          HasSubstr("t.csv:5: the layer has no name"),
          HasSubstr("t.csv:6: IFMAP Width: expected a whole number"),
          HasSubstr("t.csv:6: Strides: expected a whole number")));
}

TEST_F(ScaleSim, RefusesAMissingFileAndAMissingHeader) {
  EXPECT_THAT(problems(kCfg, "a,5,5,3,3,2,4,1,\nb,5,5,3,3,2,4,1,\n"),
              ElementsAre(HasSubstr("t.csv:1: the header's column 2: unknown column '5'")));
  EXPECT_THAT(problems(kCfg, "Layer, M, N,\n a,1,1\n"),
              ElementsAre(HasSubstr("expected the header")));
  EXPECT_THAT(problems(kCfg, kConvHeader), ElementsAre(HasSubstr("at least one layer")));
  EXPECT_THAT(problems(kCfg, std::string(kConvHeader) + ",,,\n"),
              ElementsAre(HasSubstr("no layer in it")));
  base::write_file_atomically(dir / "only.cfg", "[general]\n");
  try {
    read_scalesim(dir / "only.cfg", dir / "none.csv");
    FAIL();
  } catch (const base::UserError& error) {
    EXPECT_EQ(error.problems().size(), 7u);  // six missing keys and the missing file
  }
}

TEST_F(ScaleSim, FarUnknownKeysAreNotedAndIgnored) {
  const ScaleSimProject project =
      read(std::string(kCfg) + "MemoryBanks: 1\n[layout]\nIfmapSRAMBankNum: 10\n",
           std::string(kConvHeader) + "a,5,5,3,3,2,4,1,\n");
  EXPECT_THAT(project.notes, ElementsAre(HasSubstr("a.cfg:13: 'IfmapSRAMBankNum' is ignored")));
}

template <class Value, class Read>
Value read_back(const std::filesystem::path& path, Read read) {
  const base::JsonValue document = base::parse_json_file(path);
  base::Problems problems;
  base::JsonReader reader(document, problems);
  Value value = read(reader);
  problems.throw_if_any();
  return value;
}

void expect_same_geometry(const model::Network& one, const model::Network& other) {
  ASSERT_EQ(one.layers.size(), other.layers.size());
  for (std::size_t i = 0; i < one.layers.size(); ++i) {
    const model::Layer& a = one.layers[i];
    const model::Layer& b = other.layers[i];
    EXPECT_EQ(a.name, b.name);
    EXPECT_EQ(a.inputs, b.inputs);
    EXPECT_EQ(a.macs(), b.macs()) << a.name;
    EXPECT_EQ(a.padding_macs(), b.padding_macs()) << a.name;
    EXPECT_EQ(a.input_elements(), b.input_elements()) << a.name;
    EXPECT_EQ(a.out_pixels(), b.out_pixels()) << a.name;
    EXPECT_EQ(a.groups, b.groups) << a.name;
  }
}

TEST_F(ScaleSim, WrittenProjectReadsBack) {
  const ScaleSimProject project =
      read(kCfg, std::string(kConvHeader) + "a,224,224,11,11,3,96,4,\nDPb,8,6,3,3,5,2,2,\n");
  write_project(dir / "new" / "project", project);
  const base::JsonValue config = base::parse_json_file(dir / "new/project/config.json");
  EXPECT_EQ(config.find("schema_version")->integer, 1);
  EXPECT_EQ(config.find("arch")->text, "arch.json");
  EXPECT_EQ(config.find("network")->text, "network.json");
  const auto design =
      read_back<spec::AcceleratorSpec>(dir / "new/project/arch.json", spec::read_accelerator);
  EXPECT_EQ(design.mac_array.cols, 16);
  EXPECT_EQ(design.sources, project.accelerator.sources);
  expect_same_geometry(project.network, read_back<model::Network>(dir / "new/project/network.json",
                                                                  model::read_network));
}

TEST(ScaleSimReference, PublishedTopologiesRead) {
  const std::filesystem::path data = testing::reference_path("data/scalesim");
  BITSCALE_REQUIRE_REFERENCE(data);
  const ScaleSimProject alexnet = read_scalesim(data / "scale.cfg", data / "alexnet.csv");
  EXPECT_EQ(alexnet.accelerator.mac_array.dataflow, spec::Dataflow::WeightStationary);
  EXPECT_TRUE(alexnet.accelerator.dram.infinite);
  EXPECT_EQ(alexnet.network.layers.size(), 5u);
  const ScaleSimProject resnet = read_scalesim(data / "scale.cfg", data / "Resnet18.csv");
  EXPECT_EQ(resnet.network.layers.size(), 21u);
  const ScaleSimProject mobilenet = read_scalesim(data / "scale.cfg", data / "mobilenet.csv");
  EXPECT_EQ(mobilenet.network.layers.size(), 27u);
  EXPECT_EQ(mobilenet.network.layers[1].groups, 1);  // its names do not contain DP
}

/// SCALE-Sim's closed form for an M×K by K×N product: folds × cycles per fold − 1.
std::int64_t closed_form(const std::string& dataflow, std::int64_t rows, std::int64_t cols,
                         std::int64_t m, std::int64_t n, std::int64_t k) {
  const auto up = [](std::int64_t a, std::int64_t b) { return (a + b - 1) / b; };
  if (dataflow == "os") return up(m, rows) * up(n, cols) * (k + rows + cols - 2) - 1;
  if (dataflow == "ws") return up(k, rows) * up(n, cols) * (2 * rows + cols + m - 2) - 1;
  return up(k, rows) * up(m, cols) * (2 * rows + cols + n - 2) - 1;
}

/// Imported shapes give the compute cycles SCALE-Sim itself reported, layer by layer.
TEST(ScaleSimReference, ImportedShapesGiveTheReportedCycles) {
  const std::filesystem::path runs = testing::reference_path("data/scalesim_cycles.csv");
  const std::filesystem::path data = testing::reference_path("data/scalesim");
  BITSCALE_REQUIRE_REFERENCE(runs);
  BITSCALE_REQUIRE_REFERENCE(data);
  std::vector<std::string> notes;
  base::Problems problems;
  std::map<std::string, model::Network> networks;
  for (const char* name : {"alexnet", "Resnet18", "mobilenet"}) {
    networks[name] = read_scalesim_topology(data / (std::string(name) + ".csv"), problems, notes);
  }
  problems.throw_if_any();
  int compared = 0;
  for (const TextLine& line : lines_of(base::read_text_file(runs, base::kJsonMaxBytes))) {
    const std::vector<std::string> cells = cells_of(line.text, ',');
    if (line.number == 1 || networks.count(cells.at(2)) == 0) continue;
    const std::int64_t rows = std::stoll(cells[0]);
    const std::int64_t cols = std::stoll(cells[0].substr(cells[0].find('x') + 1));
    const model::Layer& layer = networks[cells[2]].layers.at(std::stoul(cells[3]));
    EXPECT_EQ(layer.name, cells[4]);
    EXPECT_EQ(closed_form(cells[1], rows, cols, layer.out_pixels(), layer.out_channels,
                          layer.reduction()),
              std::stoll(cells[5]))
        << line.text;
    ++compared;
  }
  EXPECT_EQ(compared, 44);  // every row of the file
}

}  // namespace
}  // namespace bitscale::import
