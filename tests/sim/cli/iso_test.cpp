#include <gtest/gtest.h>

#include "arch/base/json_value.h"
#include "tests/sim/cli/program.h"

namespace bitscale::cli {
namespace {

base::JsonValue answer(std::vector<std::string> words) {
  words.insert(words.begin(), "iso");
  words.emplace_back("--json");
  const Outcome outcome = bitscale(std::move(words));
  EXPECT_EQ(outcome.status, kDone) << outcome.err;
  return base::parse_json(outcome.out, "iso");
}

double demand(const base::JsonValue& answer, const char* key) {
  return answer.find("demand")->find(key)->number;
}

TEST(Iso, StaysWithinTheBudgetAndNotBeyondOneMoreColumn) {
  const base::JsonValue found = answer({"--area-um2", "4e6", "--rows", "16"});
  const std::int64_t cols = found.find("cols")->integer;
  EXPECT_EQ(found.find("rows")->integer, 16);
  EXPECT_LE(demand(found, "area_um2"), 4e6);
  const std::string one_more = std::to_string(cols + 1);
  EXPECT_EQ(bitscale({"iso", "--area-um2", "4e6", "--rows", "16", "--cols", one_more}).status,
            kBadInput);
  EXPECT_EQ(
      bitscale({"iso", "--area-um2", "4e6", "--rows", "16", "--cols", std::to_string(cols)}).status,
      kDone);
}

TEST(Iso, TheArrayItFindsHasTheAreaThatARunReports) {
  const base::JsonValue found = answer({"--area-um2", "4e6"});
  const auto side = [&](const char* key) { return std::to_string(found.find(key)->integer); };
  const Outcome run = bitscale({"run", "--network", "resnet20_cifar10", "--analytic", "--json",
                                "--set", "/arch/mac_array/rows=" + side("rows"), "--set",
                                "/arch/mac_array/cols=" + side("cols")});
  ASSERT_EQ(run.status, kDone) << run.err;
  const base::JsonValue report = base::parse_json(run.out, "run");
  const double area = report.find("area")->find("total_um2")->number;
  EXPECT_NEAR(area / demand(found, "area_um2"), 1, 1e-9);
}

TEST(Iso, RefusesShapeOptionsThatFixedSidesMakeIdle) {
  const auto run = [](std::vector<std::string> shape) {
    shape.insert(shape.begin(), {"iso", "--area-um2", "4e6", "--json"});
    return bitscale(std::move(shape));
  };
  for (const char* option : {"--stretch", "--aspect"}) {
    const Outcome refused = run({"--rows", "7", option, "2"});
    EXPECT_EQ(refused.status, kBadInput) << option;
    EXPECT_NE(refused.err.find(option), std::string::npos) << refused.err;
  }
  EXPECT_EQ(run({"--rows", "7", "--cols", "7", "--step", "8"}).status, kBadInput);
  const Outcome steps = run({"--rows", "7", "--step", "8"});
  ASSERT_EQ(steps.status, kDone) << steps.err;
  EXPECT_EQ(base::parse_json(steps.out, "iso").find("cols")->integer % 8, 0);
}

TEST(Iso, ThePeakBudgetIsOfTheWidthsAsked) {
  const auto pes = [](const base::JsonValue& found) {
    return found.find("rows")->integer * found.find("cols")->integer;
  };
  const base::JsonValue wide = answer({"--peak-tops", "1", "--stretch", "1"});
  const base::JsonValue narrow =
      answer({"--peak-tops", "1", "--stretch", "1", "--weight-bits", "4", "--act-bits", "4"});
  EXPECT_LE(demand(wide, "peak_tops"), 1);
  EXPECT_GT(pes(wide), pes(narrow));  // a PE of the default design does four MACs at 4 bits
}

TEST(Iso, EveryBudgetBinds) {
  const std::vector<std::pair<std::string, const char*>> budgets = {
      {"--area-um2", "area_um2"},
      {"--power-mw", "power_mw"},
      {"--peak-tops", "peak_tops"},
      {"--bandwidth-gbps", "bandwidth_gbps"}};
  const base::JsonValue free = answer({"--area-um2", "4e6"});
  for (const auto& [option, key] : budgets) {
    if (option == "--area-um2") continue;
    const std::string half = std::to_string(demand(free, key) / 2);
    const base::JsonValue bound = answer({"--area-um2", "4e6", option, half});
    EXPECT_LE(demand(bound, key), demand(free, key) / 2) << option;
    EXPECT_LT(bound.find("rows")->integer * bound.find("cols")->integer,
              free.find("rows")->integer * free.find("cols")->integer);
  }
}

TEST(Iso, ShapeOptionsAreKept) {
  const base::JsonValue found =
      answer({"--area-um2", "4e6", "--step", "8", "--aspect", "4", "--stretch", "1"});
  EXPECT_EQ(found.find("rows")->integer, 4 * found.find("cols")->integer);
  EXPECT_EQ(found.find("cols")->integer % 8, 0);
}

TEST(Iso, PrintsATableWithUnits) {
  const Outcome outcome = bitscale({"iso", "--area-um2", "4e6"});
  EXPECT_EQ(outcome.status, kDone);
  for (const char* part : {"PEs in each of 1 core(s) of default", "area µm²", "power mW", "used"}) {
    EXPECT_TRUE(holds(outcome.out, part)) << outcome.out;
  }
}

TEST(Iso, BadQuestionsAreRefusedTogether) {
  const Outcome outcome =
      bitscale({"iso", "--area-um2", "big", "--power-mw", "0", "--step", "1.5"});
  EXPECT_EQ(outcome.status, kBadInput);
  for (const char* part : {"--area-um2: expected a number above 0, given 'big'", "--power-mw",
                           "--step: expected a whole number above 0, given '1.5'"}) {
    EXPECT_TRUE(holds(outcome.err, part)) << outcome.err;
  }
  EXPECT_TRUE(holds(bitscale({"iso", "--area-um2", "1"}).err, "no allowed array fits"));
  EXPECT_TRUE(holds(bitscale({"iso", "--area-um2", "1e6", "--step", "70000"}).err, "--step: "));
  EXPECT_TRUE(holds(bitscale({"iso", "--area-um2", "1e6", "--weight-bits", "17"}).err,
                    "--weight-bits: expected at most the PE's 16 bits, given 17"));
}

}  // namespace
}  // namespace bitscale::cli
