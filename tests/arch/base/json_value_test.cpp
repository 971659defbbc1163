#include "arch/base/json_value.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

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
  EXPECT_EQ(error_of(nested(kJsonMaxDepth + 1)), "x.json: nested deeper than 64 levels");
  EXPECT_EQ(error_of(nested(100000)), "x.json: nested deeper than 64 levels");
  EXPECT_EQ(error_of(std::string(100000, '[')), "x.json: nested deeper than 64 levels");
  std::string objects;
  for (int i = 0; i < 100000; ++i) objects += "{\"a\":";
  EXPECT_EQ(error_of(objects), "x.json: nested deeper than 64 levels");
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
              HasSubstr("large.json: larger than the limit of 16777216 bytes"));
  EXPECT_NO_THROW(parse_json_file(large, kJsonMaxBytes + 1));
}

TEST(Describe, ShowsKindAndValueShortened) {
  const auto text = [](const char* json) { return describe(parse_json(json, "x")); };
  EXPECT_EQ(text("null"), "null");
  EXPECT_EQ(text("false"), "false");
  EXPECT_EQ(text("-3"), "-3");
  EXPECT_EQ(text("2.5"), "2.5");
  EXPECT_EQ(text("64.0"), "64.0");  // must not look like the integer it is not
  EXPECT_EQ(text("\"a\\nb\""), "string \"a\\nb\"");
  EXPECT_EQ(text("[1, 2]"), "an array of 2");
  EXPECT_EQ(text("{}"), "an object");
  EXPECT_EQ(describe(JsonValue::make_string(std::string(61, 'a'))),
            "string \"" + std::string(60, 'a') + "\"…");
}

TEST(SetByPointer, ReplacesAndAdds) {
  JsonValue document = parse_json(R"({"a": {"b": [1, 2]}})", "x.json");
  set_by_pointer(document, "/a/b/1", "7", "--set");
  set_by_pointer(document, "/a/c", "text", "--set");
  set_by_pointer(document, "/a/d/e", R"({"f": true})", "--set");
  set_by_pointer(document, "/g~1h", "\"quoted\"", "--set");
  EXPECT_EQ(find_by_pointer(document, "/a/b/1")->integer, 7);
  EXPECT_EQ(find_by_pointer(document, "/a/c")->text, "text");
  EXPECT_TRUE(find_by_pointer(document, "/a/d/e/f")->boolean);
  EXPECT_EQ(document.find("g/h")->text, "quoted");
  EXPECT_EQ(document.origin, "x.json");
  set_by_pointer(document, "", "{}", "--set");
  EXPECT_TRUE(document.members.empty());
  EXPECT_EQ(document.origin, "x.json");
}

TEST(SetByPointer, RefusesWhatItCannotReach) {
  JsonValue document = parse_json(R"({"a": {"b": [1, 2]}})", "x");
  const auto error = [&](const std::string& pointer) {
    return user_error_of([&] { set_by_pointer(document, pointer, "7", "--set"); });
  };
  EXPECT_THAT(error("/a/b/2"), HasSubstr("no element '2' in an array of 2"));
  EXPECT_THAT(error("/a/b/-1"), HasSubstr("no element '-1'"));
  EXPECT_THAT(error("/a/b/99999999999999999999"), HasSubstr("no element"));
  EXPECT_THAT(error("/a/b/0/c"), HasSubstr("cannot enter 'c' in 1"));
  EXPECT_THAT(error("a"), HasSubstr("begins with '/'"));
}

TEST(SetByPointer, DepthIsLimited) {
  JsonValue document = JsonValue::make_object();
  std::string pointer;
  for (int i = 0; i < kJsonMaxDepth; ++i) pointer += "/a";
  EXPECT_NO_THROW(set_by_pointer(document, pointer, "1", "--set"));
  EXPECT_THROW(set_by_pointer(document, pointer + "/a", "1", "--set"), UserError);
  std::string deep;
  for (int i = 0; i < 100000; ++i) deep += "/a";
  EXPECT_THROW(set_by_pointer(document, deep, "1", "--set"), UserError);
}

TEST(FindByPointer, ReturnsNullForWhatIsNotThere) {
  const JsonValue document = parse_json(R"({"a": [{"": 5}]})", "x");
  EXPECT_EQ(find_by_pointer(document, "/a/0/")->integer, 5);
  EXPECT_EQ(find_by_pointer(document, ""), &document);
  EXPECT_EQ(find_by_pointer(document, "/a/1"), nullptr);
  EXPECT_EQ(find_by_pointer(document, "/b"), nullptr);
  EXPECT_EQ(find_by_pointer(document, "/a/x"), nullptr);
}

}  // namespace
}  // namespace bitscale::base
