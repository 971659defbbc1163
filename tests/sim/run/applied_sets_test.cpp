#include "sim/run/applied_sets.h"

#include <gtest/gtest.h>

#include "arch/base/error.h"

namespace bitscale::run {
namespace {

// A document of two files, as a run's is.
base::JsonValue document() {
  base::JsonValue root = base::JsonValue::make_object();
  root.origin = "run";
  root.set("arch", base::parse_json(R"({"array": {"rows": 4}, "list": [{"a": 1}]})", "a.json"));
  return root;
}

std::string placed(const AppliedSets& sets, const std::string& where) {
  return sets.blame({{where, "message"}}).front().where;
}

TEST(AppliedSets, BlamesWhatStandsAtOrBelowItsPointer) {
  base::JsonValue root = document();
  AppliedSets sets;
  sets.apply(root, "/arch/array={\"rows\": 0}");
  EXPECT_EQ(placed(sets, "a.json:/array"), "--set /arch/array={\"rows\": 0}");
  EXPECT_EQ(placed(sets, "a.json:/array/rows"), "--set /arch/array={\"rows\": 0}");
  EXPECT_EQ(sets.blame({{"a.json:/array/rows", "bad"}}).front().message,
            "at a.json:/array/rows: bad");
  EXPECT_EQ(placed(sets, "a.json:/arrays"), "a.json:/arrays");
  EXPECT_EQ(placed(sets, "a.json:/"), "a.json:/");
  EXPECT_EQ(placed(sets, "b.json:/array"), "b.json:/array");
}

TEST(AppliedSets, BlamesTheFirstTokenThatWasMissing) {
  base::JsonValue root = document();
  AppliedSets sets;
  sets.apply(root, "/arch/new/deep/key=1");
  sets.apply(root, "/arch/array/rows=2");
  EXPECT_EQ(placed(sets, "a.json:/new"), "--set /arch/new/deep/key=1");
  EXPECT_EQ(placed(sets, "a.json:/new/deep"), "--set /arch/new/deep/key=1");
  EXPECT_EQ(placed(sets, "a.json:/array"), "a.json:/array");  // was there: the file's
  EXPECT_EQ(placed(sets, "a.json:/array/rows"), "--set /arch/array/rows=2");
}

TEST(AppliedSets, TheLatestOptionOwnsThePlace) {
  base::JsonValue root = document();
  AppliedSets sets;
  sets.apply(root, "/arch/array/rows=2");
  sets.apply(root, "/arch/array/rows=3");
  EXPECT_EQ(placed(sets, "a.json:/array/rows"), "--set /arch/array/rows=3");
  EXPECT_EQ(sets.latest_below("/arch/array"), "--set /arch/array/rows=3");
  EXPECT_EQ(sets.latest_below("/arch/arr"), "");
  EXPECT_EQ(sets.latest_below("/arch/list"), "");
}

TEST(AppliedSets, PlacesBeyondFilesBelongToTheRun) {
  base::JsonValue root = document();
  AppliedSets sets;
  sets.apply(root, "/bach=2");
  EXPECT_EQ(placed(sets, "run:/bach"), "--set /bach=2");
  EXPECT_EQ(placed(sets, "run:/batch"), "run:/batch");
}

TEST(AppliedSets, RefusesWhatCannotBeApplied) {
  base::JsonValue root = document();
  AppliedSets sets;
  for (const char* text :
       {"", "=1", "/arch", "arch/array=1", "/arch/list/7/a=1", "/arch/array/rows/x=1"}) {
    EXPECT_THROW(sets.apply(root, text), base::UserError) << text;
  }
  EXPECT_EQ(placed(sets, "a.json:/array/rows"), "a.json:/array/rows");
}

TEST(AppliedSets, LongOptionsAreShortenedInMessages) {
  base::JsonValue root = document();
  AppliedSets sets;
  sets.apply(root, "/arch/array/rows=\"" + std::string(100000, 'x') + "\"");
  EXPECT_LT(placed(sets, "a.json:/array/rows").size(), 200u);
}

// Figures of one process do not become another's because an option says so.
TEST(AppliedSets, RefuseAnotherProcessForFiguresThatAreNotScaled) {
  const auto with_figure = [](const std::string& figure) {
    base::JsonValue root = document();
    root.set("tech",
             base::parse_json(
                 R"({"node_nm": 45, "voltage": 1.1, "figures": {"x": )" + figure + "}}", "t.json"));
    return root;
  };
  AppliedSets sets;
  base::JsonValue root = with_figure(R"({"value": 1, "source": "s", "status": "measured"})");
  for (const char* text : {"/tech/node_nm=7", "/tech/voltage=0.9"}) {
    EXPECT_THROW(sets.apply(root, text), base::UserError) << text;
  }
  EXPECT_EQ(root.find("tech")->find("node_nm")->integer, 45);
  EXPECT_NO_THROW(sets.apply(root, "/tech/node_nm=45"));
  EXPECT_NO_THROW(sets.apply(root, "/tech/voltage=1.10"));
  root = with_figure(
      R"({"value": 1, "source": "s", "status": "measured", "node_nm": 90, "scale": true})");
  EXPECT_NO_THROW(sets.apply(root, "/tech/node_nm=7"));
  EXPECT_EQ(root.find("tech")->find("node_nm")->integer, 7);
  EXPECT_THROW(sets.apply(root, "/tech/voltage=0.9"), base::UserError);  // it has no own
}

}  // namespace
}  // namespace bitscale::run
