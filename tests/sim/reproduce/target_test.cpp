#include "sim/reproduce/target.h"

#include <gtest/gtest.h>

#include "arch/base/json_value.h"

namespace bitscale::reproduce {
namespace {

TEST(Target, IsMetWithinItsToleranceAndNotBeyond) {
  EXPECT_TRUE(around("P1", "gain", 4.5, "read", 0.2, 4.7).met());
  EXPECT_TRUE(around("P1", "gain", 4.5, "read", 0.2, 4.3).met());
  EXPECT_FALSE(around("P1", "gain", 4.5, "read", 0.2, 4.71).met());
  EXPECT_FALSE(around("P1", "gain", 4.5, "read", 0.2, 4.29).met());
}

TEST(Target, SaysByHowMuchItIsMissed) {
  EXPECT_EQ(around("P1", "gain", 4.5, "read", 0.5, 4.5).miss(), 0);
  EXPECT_DOUBLE_EQ(around("P1", "gain", 4.5, "read", 0.5, 5.25).miss(), 0.25);
  EXPECT_DOUBLE_EQ(around("P1", "gain", 4.5, "read", 0.5, 3.5).miss(), 0.5);
  const std::string text = targets_text({around("P1", "gain", 4.5, "read", 0.5, 5.25)});
  EXPECT_NE(text.find("NO, by 0.250"), std::string::npos) << text;
}

TEST(Target, AWordsOnlyClaimHasNoPublishedFigure) {
  const Target claim = between("P5", "super-linear", "read", 4, kNoLimit, 4.5);
  EXPECT_FALSE(claim.published);
  EXPECT_TRUE(claim.met());
  const std::string text = targets_text({claim});
  EXPECT_NE(text.find("no figure"), std::string::npos) << text;
  EXPECT_NE(text.find("≥ 4.000"), std::string::npos) << text;
}

TEST(Target, OneMissIsAMissOfAll) {
  const Target met = around("a", "a", 1, "read", 0, 1);
  const Target missed = around("b", "b", 1, "read", 0, 2);
  EXPECT_TRUE(all_met({}));
  EXPECT_TRUE(all_met({met, met}));
  EXPECT_FALSE(all_met({met, missed}));
}

TEST(Target, JsonHasTheMembersTheContractNames) {
  base::JsonWriter json;
  json.begin_object();
  write_targets(json, {around("P1", "gain", 4.5, "read", 0.2, 4.6),
                       between("P5", "32 GB/s: super-linear", "read", 4, kNoLimit, 3)});
  const base::JsonValue document = base::parse_json(json.end().take(), "targets");
  const base::JsonValue* targets = document.find("targets");
  ASSERT_NE(targets, nullptr);
  ASSERT_EQ(targets->items.size(), 2u);
  for (const base::JsonValue& target : targets->items) {
    for (const char* key :
         {"id", "what", "published", "published_status", "measured", "tolerance", "met"}) {
      EXPECT_NE(target.find(key), nullptr) << key;
    }
  }
  EXPECT_EQ(targets->items[0].find("id")->text, "P1");
  EXPECT_EQ(targets->items[0].find("published")->number, 4.5);
  EXPECT_TRUE(targets->items[0].find("met")->boolean);
  EXPECT_EQ(targets->items[1].find("published")->kind, base::JsonValue::Kind::Null);
  EXPECT_EQ(targets->items[0].find("published_text"), nullptr);
  EXPECT_DOUBLE_EQ(targets->items[0].find("low")->number, 4.3);
  EXPECT_EQ(targets->items[1].find("published_text")->text, "super-linear");
  EXPECT_EQ(targets->items[1].find("tolerance")->kind, base::JsonValue::Kind::Null);
  EXPECT_EQ(targets->items[1].find("low")->number, 4);
  EXPECT_EQ(targets->items[1].find("high")->kind, base::JsonValue::Kind::Null);
  EXPECT_FALSE(targets->items[1].find("met")->boolean);
}

}  // namespace
}  // namespace bitscale::reproduce
