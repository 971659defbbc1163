// What --set replaces is not told with the source of what was there.
#include "sim/run/own_figures.h"

#include <gtest/gtest.h>

#include "sim/run/applied_sets.h"

namespace bitscale::run {
namespace {

base::JsonValue document() {
  base::JsonValue root = base::JsonValue::make_object();
  root.origin = "run";
  root.set("arch", base::parse_json(R"({"name": "a", "kind": "x", "dram": {"rate": 64, "ns": 5},
      "sources": {"/dram/rate": "a paper [read]", "/dram/ns": "a book", "/kind": "a talk"}})",
                                    "a.json"));
  root.set("tech", base::parse_json(R"({"voltage": 1, "figures": {"post": {"value": 3, "low": 2,
      "high": 4, "source": "Horowitz", "status": "published", "valid": "45 nm"}},
      "sram": {"source": "CACTI", "status": "measured", "valid": "all", "pipelined": true,
      "rows": [{"pj": 1}, {"pj": 2}]}})",
                                    "t.json"));
  return root;
}

std::string text(const base::JsonValue& root, const std::string& pointer) {
  const base::JsonValue* found = base::find_by_pointer(root, pointer);
  return found == nullptr ? "none" : found->text;
}

base::JsonValue with(const std::vector<std::string>& options) {
  base::JsonValue root = document();
  AppliedSets sets;
  for (const std::string& option : options) sets.apply(root, option);
  return root;
}

TEST(OwnFigures, OfADesignHaveTheOptionForTheirSource) {
  const base::JsonValue root = with({"/arch/dram/rate=999"});
  EXPECT_EQ(text(root, "/arch/sources/~1dram~1rate"), kSetByOption);
  EXPECT_EQ(text(root, "/arch/sources/~1dram~1ns"), "a book");
  EXPECT_EQ(text(with({"/arch/kind=y"}), "/arch/sources/~1kind"), kSetByOption);
  EXPECT_EQ(text(with({"/arch/new=7"}), "/arch/sources/~1new"), kSetByOption);
  EXPECT_EQ(text(with({"/arch/name=b"}), "/arch/sources/~1name"), "none");
}

TEST(OwnFigures, AWholeObjectReplacesTheSourcesBelowIt) {
  const base::JsonValue root = with({R"(/arch/dram={"rate": 1, "list": [2]})"});
  EXPECT_EQ(text(root, "/arch/sources/~1dram~1rate"), kSetByOption);
  EXPECT_EQ(text(root, "/arch/sources/~1dram~1list~10"), kSetByOption);
  EXPECT_EQ(text(root, "/arch/sources/~1dram~1ns"), "none");
  EXPECT_EQ(text(root, "/arch/sources/~1kind"), "a talk");
}

TEST(OwnFigures, AnOptionMayNameASourceInAnyOrder) {
  const std::string source = "/arch/sources/~1dram~1rate=my bench";
  const std::string figure = "/arch/dram/rate=9";
  EXPECT_EQ(text(with({source, figure}), "/arch/sources/~1dram~1rate"), "my bench");
  EXPECT_EQ(text(with({figure, source}), "/arch/sources/~1dram~1rate"), "my bench");
  const base::JsonValue root = with(
      {"/tech/figures/post/source=mine", "/tech/figures/post/low=1", "/tech/figures/post/value=9"});
  EXPECT_EQ(text(root, "/tech/figures/post/source"), "mine");
  EXPECT_NE(base::find_by_pointer(root, "/tech/figures/post/low"), nullptr);
}

TEST(OwnFigures, OfATechnologyAreAssumedAndWithoutAnInterval) {
  const base::JsonValue root = with({"/tech/figures/post/value=9"});
  EXPECT_EQ(text(root, "/tech/figures/post/source"), kSetByOption);
  EXPECT_EQ(text(root, "/tech/figures/post/status"), "assumed");
  EXPECT_EQ(text(root, "/tech/figures/post/valid"), "not stated");
  EXPECT_EQ(base::find_by_pointer(root, "/tech/figures/post/low"), nullptr);
  EXPECT_EQ(base::find_by_pointer(root, "/tech/figures/post/high"), nullptr);
  EXPECT_EQ(text(root, "/tech/sram/source"), "CACTI");
}

// A figure called another node's, and scaled from there, is another figure.
TEST(OwnFigures, OfAnotherProcessAreAssumed) {
  for (const char* key : {"node_nm", "voltage", "device", "scale"}) {
    const base::JsonValue root = with({std::string("/tech/figures/post/") + key + "=1"});
    EXPECT_EQ(text(root, "/tech/figures/post/status"), "assumed") << key;
    EXPECT_EQ(text(root, "/tech/figures/post/source"),
              std::string("/") + key + " " + kSetByOption + "; the others: Horowitz");
    EXPECT_NE(base::find_by_pointer(root, "/tech/figures/post/low"), nullptr);
    const base::JsonValue table = with({std::string("/tech/sram/") + key + "=1"});
    EXPECT_EQ(text(table, "/tech/sram/status"), "assumed") << key;
  }
}

TEST(OwnFigures, ATableSaysWhichOfItsFiguresAreSet) {
  const base::JsonValue root = with({"/tech/sram/rows/1/pj=9", "/tech/sram/rows/1/pj=8"});
  EXPECT_EQ(text(root, "/tech/sram/source"),
            std::string("/rows/1/pj ") + kSetByOption + "; the others: CACTI");
  EXPECT_EQ(text(root, "/tech/sram/status"), "assumed");
  const base::JsonValue same = with({"/tech/sram/pipelined=false", "/tech/voltage=1"});
  EXPECT_EQ(text(same, "/tech/sram/source"), "CACTI");
  EXPECT_EQ(text(same, "/tech/sram/status"), "measured");
}

TEST(OwnFigures, ADesignWithoutSourcesGetsThem) {
  base::JsonValue root = base::JsonValue::make_object();
  root.set("arch", base::parse_json(R"({"list": [1, 2]})", "a.json"));
  AppliedSets sets;
  sets.apply(root, "/arch/list=[3, 4]");
  EXPECT_EQ(text(root, "/arch/sources/~1list~10"), kSetByOption);
  EXPECT_EQ(text(root, "/arch/sources/~1list~11"), kSetByOption);
}

TEST(OwnFigures, LeaveADocumentOfAnotherShapeToTheReader) {
  base::JsonValue root = base::JsonValue::make_object();
  root.set("arch", base::parse_json(R"({"sources": 7, "cores": 1})", "a.json"));
  root.set("tech", base::parse_json(R"({"figures": {"x": {"source": 1, "status": 2}}})", "t.json"));
  AppliedSets sets;
  sets.apply(root, "/arch/cores=2");
  sets.apply(root, "/tech/figures/x/value=2");
  sets.apply(root, "/arch=3");
  EXPECT_EQ(base::find_by_pointer(root, "/arch")->integer, 3);
}

}  // namespace
}  // namespace bitscale::run
