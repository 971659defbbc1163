#include "arch/base/json_value.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/support/problems.h"

namespace bitscale::base {
namespace {

using bitscale::testing::user_error_of;
using ::testing::HasSubstr;

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

TEST(SetByPointer, MakesAndLengthensArrays) {
  JsonValue document = parse_json(R"({"a": {"b": [1, 2]}})", "x.json");
  set_by_pointer(document, "/a/b/2", "3", "--set");
  EXPECT_EQ(find_by_pointer(document, "/a/b")->items.size(), 3u);
  set_by_pointer(document, "/a/c/0/d", "9", "--set");
  set_by_pointer(document, "/a/c/1", "8", "--set");
  EXPECT_EQ(find_by_pointer(document, "/a/c")->kind, JsonValue::Kind::Array);
  EXPECT_EQ(find_by_pointer(document, "/a/c/0/d")->integer, 9);
  EXPECT_EQ(find_by_pointer(document, "/a/c/1")->integer, 8);
  set_by_pointer(document, "/a/e/1", "8", "--set");  // no array begins at 1
  EXPECT_EQ(find_by_pointer(document, "/a/e")->kind, JsonValue::Kind::Object);
}

TEST(SetByPointer, RefusesWhatItCannotReach) {
  JsonValue document = parse_json(R"({"a": {"b": [1, 2]}})", "x");
  const auto error = [&](const std::string& pointer) {
    return user_error_of([&] { set_by_pointer(document, pointer, "7", "--set"); });
  };
  EXPECT_THAT(error("/a/b/3"), HasSubstr("no element '3' in an array of 2"));
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
