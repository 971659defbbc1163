#include "arch/base/json_parse.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "arch/base/json_reader.h"
#include "tests/support/problems.h"
#include "tests/support/temp_folder.h"

namespace bitscale::base {
namespace {

using bitscale::testing::TempFolder;
using bitscale::testing::user_error_of;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using Kind = JsonValue::Kind;

std::string error_of(const std::string& text) {
  return user_error_of([&] { parse_json(text, "x.json"); });
}

TEST(ParseJson, KeepsKindsOrderAndOrigin) {
  const JsonValue root = parse_json(R"({"b": 1, "a": [true, null, -2.5, "t"], "o": {}})", "x.json");
  EXPECT_EQ(root.origin, "x.json");
  EXPECT_EQ(root.members.at(0).key, "b");
  EXPECT_EQ(root.find("b")->kind, Kind::Integer);
  const std::vector<JsonValue>& items = root.find("a")->items;
  EXPECT_TRUE(items.at(0).boolean);
  EXPECT_EQ(items.at(1).kind, Kind::Null);
  EXPECT_EQ(items.at(2).number, -2.5);
  EXPECT_EQ(items.at(3).text, "t");
  EXPECT_EQ(root.find("o")->kind, Kind::Object);
  EXPECT_EQ(root.find("absent"), nullptr);
}

TEST(ParseJson, IntegersKeepAll64BitsAndBecomeNumbersBeyond) {
  EXPECT_EQ(parse_json("9223372036854775807", "x").integer, 9223372036854775807);
  EXPECT_EQ(parse_json("-9223372036854775808", "x").integer, INT64_MIN);
  EXPECT_EQ(parse_json("9223372036854775808", "x").kind, Kind::Number);
  EXPECT_EQ(parse_json("2.0", "x").kind, Kind::Number);
  EXPECT_EQ(parse_json("1e3", "x").kind, Kind::Number);
}

TEST(ParseJson, RefusesTextThatIsNoJson) {
  for (const char* text :
       {"", " ", "{", "[1,", "{\"a\": ", "[1] 2", "[1,]", "{\"a\": 1,}", "nul", "NaN", "Infinity",
        "// note\n1", "'a'", "\"a", "\"\xff\"", "01", "+1", ".5", "\"\t\""}) {
    EXPECT_THAT(error_of(text), StartsWith("x.json: not valid JSON at byte ")) << text;
  }
}

TEST(ParseJson, TruncatedTextNamesLineAndColumn) {
  EXPECT_THAT(error_of("{\n  \"rows\": "), HasSubstr("line 2, column 11"));
}

TEST(ParseJson, RefusesNumbersThatOverflow) {
  EXPECT_EQ(parse_json("1e308", "x").number, 1e308);
  EXPECT_THAT(error_of("1e309"), HasSubstr("number overflow"));
  EXPECT_THAT(error_of("-1e309"), HasSubstr("number overflow"));
}

TEST(ParseJson, DuplicateKeyNamesItsPointer) {
  EXPECT_EQ(error_of(R"({"b": [{}, {"a": 1, "a": 2}]})"),
            "x.json:/b/1/a: duplicate key; each key may stand once");
  EXPECT_EQ(error_of(R"({"a/b~": {"c": 1, "c": 2}})"),
            "x.json:/a~1b~0/c: duplicate key; each key may stand once");
  EXPECT_EQ(error_of(R"([{"a": 1}, {"a": 2}])"), "");
}

TEST(ParseJson, EveryDuplicateKeyIsNamedAndWhatEndsTheReading) {
  const std::string both =
      "x.json:/a: duplicate key; each key may stand once\n"
      "x.json:/a/b: duplicate key; each key may stand once";
  EXPECT_EQ(error_of(R"({"a": 1, "a": {"b": 1, "b": 2}})"), both);
  EXPECT_THAT(error_of(R"({"a": 1, "a": {"b": 1, "b": 2}, )"),
              ::testing::StartsWith(both + "\nx.json: not valid JSON at byte "));
}

std::string nested(int depth) {
  return std::string(static_cast<std::size_t>(depth), '[') +
         std::string(static_cast<std::size_t>(depth), ']');
}

TEST(ParseJson, NestingIsLimited) {
  EXPECT_EQ(error_of(nested(kJsonMaxDepth)), "");
  const auto message = [](int depth, int line, int byte) {
    return "x.json: nested " + std::to_string(depth) + " levels deep, at most 64 are read; line " +
           std::to_string(line) + ", byte " + std::to_string(byte) + " opens one more";
  };
  EXPECT_EQ(error_of(nested(kJsonMaxDepth + 1)), message(65, 1, 65));
  EXPECT_EQ(error_of(nested(100000)), message(100000, 1, 65));
  EXPECT_EQ(error_of(std::string(100000, '[')), message(100000, 1, 65));
  // Brackets in strings open nothing.
  EXPECT_EQ(error_of("[\n\"[[\\\"[\",\n" + nested(kJsonMaxDepth) + "]"), message(65, 3, 75));
  std::string objects;
  for (int i = 0; i < 100000; ++i) objects += "{\"a\":";
  EXPECT_EQ(error_of(objects), message(100000, 1, 64 * 5 + 1));
}

TEST(ParseJson, ManyKeysInOneObjectStayCheap) {
  std::string text = "{";
  for (int i = 0; i < 200000; ++i) text += "\"k" + std::to_string(i) + "\":0,";
  EXPECT_EQ(parse_json(text + "\"last\":1}", "x").members.size(), 200001u);
  EXPECT_EQ(error_of(text + "\"k7\":1}"), "x.json:/k7: duplicate key; each key may stand once");
}

TEST(ParseJson, ValuesAreCounted) {
  std::string most = "[0";  // the array counts too
  for (std::size_t i = 2; i < kJsonMaxValues; ++i) most += ",0";
  EXPECT_EQ(error_of(most + "]"), "");
  EXPECT_EQ(error_of(most + ",0]"), "x.json: more than 1000000 values");
}

TEST(ParseJsonFile, RefusesFilesAboveTheLimit) {
  const TempFolder folder;
  const std::string padding(kJsonMaxBytes - 2, ' ');
  EXPECT_NO_THROW(parse_json_file(folder.write("most.json", "{}" + padding)));
  const auto large = folder.write("large.json", "{}" + padding + " ");
  EXPECT_THAT(user_error_of([&] { parse_json_file(large); }),
              HasSubstr("large.json: has 16777217 bytes, more than the limit of 16777216 bytes"));
  EXPECT_NO_THROW(parse_json_file(large, kJsonMaxBytes + 1));
}

TEST(ParseJson, GoesOnAfterDuplicatesWhenTheReaderWantsTo) {
  Problems problems;
  const JsonValue root = parse_json(R"({"a": 1, "a": 2, "c": 3})", "x.json", problems);
  EXPECT_EQ(root.find("a")->integer, 1);
  JsonReader reader(root, problems);
  reader.integer("a", {0, 9});
  reader.finish();
  EXPECT_EQ(user_error_of([&] { problems.throw_if_any(); }),
            "x.json:/a: duplicate key; each key may stand once\n"
            "x.json:/c: unknown key 'c'; did you mean 'a'? (allowed: a)");
}

}  // namespace
}  // namespace bitscale::base
