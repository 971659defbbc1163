// bitscale reproduce with more than one name.
#include "sim/cli/several_reproductions.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "arch/base/json_value.h"
#include "tests/sim/cli/program.h"
#include "tests/support/temp_folder.h"

namespace bitscale::cli {
namespace {

TEST(SeveralReproductions, JsonIsOneDocument) {
  const testing::TempFolder folder;
  const Outcome outcome =
      bitscale({"reproduce", "colonnade", "area", "--json", "-q", "-o", (folder / "out").string()});
  const base::JsonValue document = base::parse_json(outcome.out, "stdout");
  const base::JsonValue* parts = document.find("reproductions");
  ASSERT_NE(parts, nullptr);
  ASSERT_EQ(parts->items.size(), 2u);
  std::int64_t worst = 0;
  for (std::size_t i = 0; i < 2; ++i) {
    const base::JsonValue& part = parts->items[i];
    const std::string name = i == 0 ? "colonnade" : "area";
    EXPECT_EQ(part.find("name")->text, name);
    EXPECT_TRUE(std::filesystem::exists(folder / "out" / name / "targets.json"));
    // Alone it gives the same figures and the same status.
    const Outcome alone = bitscale({"reproduce", name, "--json"});
    const base::JsonValue result = base::parse_json(alone.out, name);
    EXPECT_EQ(part.find("status")->integer, alone.status);
    EXPECT_EQ(part.find("result")->find("targets")->items.front().find("measured")->number,
              result.find("targets")->items.front().find("measured")->number);
    worst = std::max(worst, part.find("status")->integer);
  }
  EXPECT_EQ(outcome.status, worst);
  EXPECT_EQ(document.find("status")->integer, worst);
}

TEST(SeveralReproductions, TextHasAHeadingForEach) {
  const Outcome outcome = bitscale({"reproduce", "colonnade", "area"});
  EXPECT_LT(outcome.out.find("== colonnade: "), outcome.out.find("== area: ")) << outcome.out;
  EXPECT_TRUE(holds(outcome.out, bitscale({"reproduce", "colonnade"}).out));
}

TEST(SeveralReproductions, OneThatFailsLeavesTheOthers) {
  const testing::TempFolder folder;
  folder.write("area", "a file where its folder should be");
  const Outcome outcome =
      bitscale({"reproduce", "area", "colonnade", "--json", "-o", folder.path().string()});
  EXPECT_EQ(outcome.status, kBadInput);
  const base::JsonValue document = base::parse_json(outcome.out, "stdout");
  const std::vector<base::JsonValue>& parts = document.find("reproductions")->items;
  EXPECT_EQ(parts[0].find("status")->integer, kBadInput);
  EXPECT_EQ(parts[0].find("result")->kind, base::JsonValue::Kind::Null);
  EXPECT_NE(parts[1].find("result")->find("targets"), nullptr);
}

TEST(SeveralReproductions, RefusesWhatFitsOneOnly) {
  const auto refused = [](const std::vector<std::string>& words, const std::string& part) {
    const Outcome outcome = bitscale(words);
    EXPECT_EQ(outcome.status, kBadInput) << part;
    EXPECT_NE(outcome.err.find(part), std::string::npos) << outcome.err;
    EXPECT_EQ(outcome.out, "");
  };
  refused({"reproduce", "area", "fpga", "--study", "study.json"}, "one reproduction, not several");
  refused({"reproduce", "area", "fpgas"}, "fpga");
  refused({"reproduce", "area", "area"}, "named twice");
  refused({"reproduce", "all", "area"}, "named twice");
}

}  // namespace
}  // namespace bitscale::cli
