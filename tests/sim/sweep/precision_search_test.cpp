#include "sim/sweep/precision_search.h"

#include <gmock/gmock.h>

#include "arch/base/file.h"
#include "arch/cost/cost_model.h"
#include "sim/run/run_config.h"
#include "sim/run/simulate.h"
#include "sim/sweep/sensitivity.h"
#include "tests/sim/sweep/sample_sweep.h"
#include "workloads/model/npy.h"

namespace bitscale::sweep {
namespace {

using ::testing::HasSubstr;

class PrecisionSearchTest : public ::testing::Test {
 protected:
  static LayerTableRequest request(const std::string& widths) {
    run::RunRequest asked;
    asked.network = "resnet20_cifar10";
    std::vector<std::pair<std::string, std::string>> inputs;
    return {run::assemble_document(asked, shipped(), inputs),
            parse_width_options(widths, "--widths"), false};
  }
  static std::string losses_refused(const std::string& text, const LayerTable& table) {
    try {
      read_losses(base::parse_json(text, "losses.json"), table);
      return "";
    } catch (const base::UserError& error) {
      return error.what();
    }
  }
  // Each layer loses 1 at 4 bits and 3 at 2 bits, the first one ten times as much.
  static std::vector<std::vector<double>> losses(const LayerTable& table) {
    std::string text = R"({"schema_version": 1, "source": "made up", "layers": [)";
    std::string comma;
    for (const TableLayer& layer : table.layers) {
      if (!layer.has_macs) continue;
      const std::string zero = comma.empty() ? "0" : "";
      text.append(comma).append(R"({"layer": ")").append(layer.layer).append(R"(", "losses": [
        {"weight_bits": 8, "act_bits": 8, "loss": 0},
        {"weight_bits": 4, "act_bits": 4, "loss": 1)");
      text.append(zero).append(R"(},
        {"weight_bits": 2, "act_bits": 2, "loss": 3)");
      text.append(zero).append("}]}");
      comma = ",";
    }
    return read_losses(base::parse_json(text + "]}", "losses.json"), table);
  }

  LayerTableRequest request_ = request("8:8,4:4,2:2");
  LayerTable table_ = make_layer_table(request_);
};

TEST_F(PrecisionSearchTest, TableHasTheNumbersOfUniformRuns) {
  run::RunRequest asked;
  asked.network = "resnet20_cifar10";
  asked.precision = "w4a4";
  const auto config = run::load_config(asked, shipped());
  const cost::CostModel prices(config.accelerator, config.technology);
  const auto graph =
      mapping::make_tasks(config.network, config.precisions, config.accelerator, config.batch);
  const auto mapping = mapping::map_network(graph, config.accelerator, config.objective, &prices);
  const auto run = run::analyze(graph, config.accelerator, mapping);
  ASSERT_EQ(table_.layers.size(), run.layers.size());
  for (std::size_t i = 0; i < run.layers.size(); ++i) {
    EXPECT_EQ(table_.layers[i].costs[1].latency_cycles, run.layers[i].latency_cycles);
    EXPECT_EQ(table_.layers[i].macs, run.layers[i].macs);
  }
  EXPECT_EQ(table_.area_um2[0], table_.area_um2[2]);  // one design
}

TEST_F(PrecisionSearchTest, FittedPesShrinkWithTheirOption) {
  LayerTableRequest fitted = request("8:8:32,4:4:16");
  fitted.fit_pe = true;
  const LayerTable table = make_layer_table(fitted);
  EXPECT_LT(table.area_um2[1], table.area_um2[0]);
}

// A network that PIM arrays take as a whole leaves nothing for wider or narrower PEs to do.
TEST_F(PrecisionSearchTest, FittingPesThatDoNothingIsRefused) {
  LayerTableRequest asked = request("8:8:32,4:4:16");
  base::set_by_pointer(asked.document, "/arch",
                       base::read_text_file(shipped().root() / "configs/arch/pim.json", 1U << 20),
                       "test");
  const LayerTable table = make_layer_table(asked);
  EXPECT_THAT(table.idle_array, ::testing::Each(true));
  asked.fit_pe = true;
  try {
    make_layer_table(asked);
    FAIL() << "fitted PEs without MACs";
  } catch (const base::UserError& error) {
    EXPECT_THAT(error.what(), ::testing::HasSubstr("--fit-pe: no layer has its MACs on the MAC"));
  }
}

TEST_F(PrecisionSearchTest, FormatsAgree) {
  const testing::TempFolder folder;
  const auto tensor = model::read_npy(folder.write("lut.npy", layer_table_npy(table_)));
  const auto layers = static_cast<std::int64_t>(table_.layers.size());
  ASSERT_EQ(tensor.dims(), (model::Dims{layers, 3, 3}));
  EXPECT_EQ(tensor.real(3), static_cast<double>(table_.layers[0].costs[1].latency_cycles));
  EXPECT_EQ(tensor.real(4), table_.layers[0].costs[1].energy_pj);
  EXPECT_EQ(tensor.real(5), table_.area_um2[1]);
  const auto json = base::parse_json(layer_table_json(table_), "lut.json");
  EXPECT_EQ(json.find("layers")->items[0].find("energy_pj")->items[1].number, tensor.real(4));
  const std::string csv = layer_table_csv(table_);
  EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 1 + 3 * layers);
}

TEST_F(PrecisionSearchTest, WiderBudgetsLoseLess) {
  double all_wide = 0;
  double all_narrow = 0;
  for (const TableLayer& layer : table_.layers) {
    all_wide += budget_cost(table_, layer, 0, BudgetKind::EnergyPj);
    all_narrow += budget_cost(table_, layer, 2, BudgetKind::EnergyPj);
  }
  ASSERT_LT(all_narrow, all_wide);
  double before = 1e9;
  for (const double share : {0.0, 0.3, 0.6, 1.0}) {
    const Budget budget{BudgetKind::EnergyPj,
                        (all_narrow + share * (all_wide - all_narrow)) * (1 + 1e-9)};
    const auto search = search_precision(request_, table_, losses(table_), budget);
    EXPECT_LE(search.predicted, budget.limit);
    EXPECT_LT(search.loss, before);
    EXPECT_GT(search.estimated, 0);
    before = search.loss;
    if (share == 0.3) {
      EXPECT_EQ(search.options.front(), 0U);  // the first layer suffers most, it stays wide
    }
  }
  EXPECT_EQ(before, 0);  // everything at 8 bits
}

// Neighbours of other widths may make a network dearer than its table says: a budget between the
// two is met by another assignment.
TEST_F(PrecisionSearchTest, IsWithinTheBudgetAsAWhole) {
  double widest = 0;
  double narrowest = 0;
  for (const TableLayer& layer : table_.layers) {
    widest += budget_cost(table_, layer, 0, BudgetKind::EnergyPj);
    narrowest += budget_cost(table_, layer, 2, BudgetKind::EnergyPj);
  }
  const auto within = [&](double limit) {
    auto search = search_precision(request_, table_, losses(table_), {BudgetKind::EnergyPj, limit});
    EXPECT_LE(search.estimated, limit);
    EXPECT_LE(search.predicted, limit);
    return search;
  };
  int solved_again = 0;
  for (int step = 1; step < 20; ++step) {
    const auto first = within(narrowest + step / 20.0 * (widest - narrowest));
    if (first.estimated <= first.predicted) continue;
    const auto second = within((first.predicted + first.estimated) / 2);
    EXPECT_NE(second.options, first.options);
    EXPECT_GE(second.loss, first.loss);
    solved_again += second.rounds > 1 ? 1 : 0;
  }
  EXPECT_GT(solved_again, 0);
}

// A larger budget never finds less: where one assignment is above it as a whole, another within a
// smaller one is within it too.
TEST_F(PrecisionSearchTest, ALargerBudgetLosesNoMore) {
  LayerTableRequest slow = request_;
  base::set_by_pointer(slow.document, "/arch/dram/bandwidth_gbps", "0.5", "test");
  base::set_by_pointer(slow.document, "/arch/residency", "network", "test");
  const LayerTable table = make_layer_table(slow);
  double least = 0;
  double most = 0;
  for (const TableLayer& layer : table.layers) {
    least += budget_cost(table, layer, 2, BudgetKind::LatencyMs);
    most += budget_cost(table, layer, 0, BudgetKind::LatencyMs);
  }
  double before = 1e9;
  for (int step = 0; step <= 12; ++step) {
    const double limit = (least + step / 12.0 * (most - least)) * (1 + 1e-9);
    const auto search =
        search_precision(slow, table, losses(table), {BudgetKind::LatencyMs, limit});
    EXPECT_LE(search.estimated, limit) << step;
    EXPECT_LE(search.loss, before) << step;
    before = search.loss;
  }
}

TEST_F(PrecisionSearchTest, WidthsTakeTheAccumulatorOfTheDesign) {
  LayerTableRequest narrow = request("8:8,4:4:20");
  base::set_by_pointer(
      narrow.document, "/arch",
      base::read_text_file(shipped().root() / "configs/arch/small_180nm.json", 1U << 20), "test");
  const LayerTable table = make_layer_table(narrow);
  EXPECT_EQ(table.options[0].acc_bits, 24);
  EXPECT_EQ(table.options[1].acc_bits, 20);
  EXPECT_EQ(table_.options[0].acc_bits, 32);
}

TEST_F(PrecisionSearchTest, KeepsWhatThePrecisionSaysBesideWidths) {
  LayerTableRequest own = request("8:8,4:4:20");
  own.document.set("precision", base::parse_json(R"({"schema_version": 1, "name": "own",
      "default": {"weight_bits": 3, "act_bits": 3, "psum_bits": 40, "acc_bits": 30},
      "first_layer": {"weight_bits": 8, "act_bits": 8},
      "overrides": [{"layers": "layer1*", "weight_bits": 2},
                    {"layers": "layer2*", "weight_bits": 2, "output_bits": 12}]})",
                                                 "own.json"));
  const base::JsonValue wide = precision_at(own.document, own.options[0]);
  EXPECT_EQ(base::find_by_pointer(wide, "/default/weight_bits")->integer, 8);
  EXPECT_EQ(base::find_by_pointer(wide, "/default/psum_bits")->integer, 40);
  EXPECT_EQ(base::find_by_pointer(wide, "/default/acc_bits")->integer, 30);
  EXPECT_EQ(wide.find("first_layer"), nullptr);  // it said widths only
  ASSERT_EQ(wide.find("overrides")->items.size(), 1U);
  EXPECT_EQ(base::find_by_pointer(wide, "/overrides/0/output_bits")->integer, 12);
  EXPECT_EQ(base::find_by_pointer(wide, "/overrides/0/weight_bits"), nullptr);
  const base::JsonValue narrow = precision_at(own.document, own.options[1]);
  EXPECT_EQ(base::find_by_pointer(narrow, "/default/acc_bits")->integer, 20);
}

TEST_F(PrecisionSearchTest, UniformAssignmentIsEstimatedAsTheTableSays) {
  const Budget budget{BudgetKind::LatencyMs, 1e9};
  const auto search = search_precision(request_, table_, losses(table_), budget);
  std::int64_t cycles = 0;
  for (const TableLayer& layer : table_.layers) cycles += layer.costs[0].latency_cycles;
  EXPECT_DOUBLE_EQ(search.estimated, static_cast<double>(cycles) / (table_.clock_mhz * 1000));
  EXPECT_THAT(search.precision_json, HasSubstr("\"overrides\""));
}

TEST_F(PrecisionSearchTest, SaysTheLeastThatFits) {
  double least = 0;
  for (const TableLayer& layer : table_.layers) {
    least += static_cast<double>(layer.weights) * 2 / 8;
  }
  const Budget budget{BudgetKind::SizeBytes, least - 1};
  try {
    search_precision(request_, table_, losses(table_), budget);
    FAIL();
  } catch (const base::UserError& error) {
    EXPECT_THAT(error.what(), HasSubstr("size_bytes=" + base::format_number(least)));
  }
  EXPECT_EQ(
      search_precision(request_, table_, losses(table_), {BudgetKind::SizeBytes, least}).predicted,
      least);
}

TEST_F(PrecisionSearchTest, DensitiesWantTheirBits) {
  std::string text =
      R"({"schema_version": 1, "source": "made up", "start_bits": 8, "densities": [)";
  std::string comma;
  for (const TableLayer& layer : table_.layers) {
    if (!layer.has_macs) continue;
    text += comma + R"({"layer": ")" + layer.layer + R"(", "density": 0.5})";
    comma = ",";
  }
  const auto found = read_losses(base::parse_json(text + "]}", "d.json"), table_);
  EXPECT_EQ(found[3][0], 0);  // 8 bits are more than the 4 it wants
  EXPECT_EQ(found[3][1], 0);
  EXPECT_GT(found[3][2], 0);
}

TEST_F(PrecisionSearchTest, RefusesIncompleteSensitivities) {
  EXPECT_THAT(losses_refused(R"({"schema_version": 1, "source": "", "layers": []})", table_),
              HasSubstr("has no entry for layer"));
  EXPECT_THAT(losses_refused(R"({"schema_version": 1, "source": "", "layers": [
                {"layer": "conv_one", "losses": []}]})",
                             table_),
              HasSubstr("unknown layer with MACs 'conv_one'"));
  const std::string first = table_.layers[0].layer;
  EXPECT_THAT(losses_refused(
                  R"({"schema_version": 1, "source": "", "layers": [
                {"layer": ")" +
                      first + R"(", "losses": [{"weight_bits": 8, "act_bits": 8, "loss": 0}]}]})",
                  table_),
              HasSubstr("no loss for the option w4a4acc32"));
  EXPECT_THAT(losses_refused(R"({"schema_version": 1, "source": ""})", table_),
              HasSubstr("either layers"));
}

TEST(WidthOptions, ReadAndRefuse) {
  const auto options = parse_width_options("4:8,16:16:48", "--widths");
  EXPECT_EQ(options[0].name(), "w4a8acc32");
  EXPECT_EQ(options[1].acc_bits, 48);
  for (const char* bad : {"", "4", "0:4", "17:8", "4:4:49", "4:4:32:1", "4:x", "4:4,4:4:32"}) {
    EXPECT_THROW(parse_width_options(bad, "--widths"), base::UserError) << bad;
  }
  try {
    parse_width_options("0:2,4:4,17:4,4:4", "--widths");
    FAIL();
  } catch (const base::UserError& error) {
    EXPECT_EQ(error.problems().size(), 3U);  // all at once
  }
}

TEST(Budget, ReadAndRefuse) {
  EXPECT_EQ(parse_budget("latency_ms=2.5", "--budget").limit, 2.5);
  for (const char* bad :
       {"", "energy_pj", "energy=1", "bops=0", "bops=-1", "bops=1x", "bops=inf"}) {
    EXPECT_THROW(parse_budget(bad, "--budget"), base::UserError) << bad;
  }
}

}  // namespace
}  // namespace bitscale::sweep
