#include "sim/run/applied_sets.h"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace bitscale::run
