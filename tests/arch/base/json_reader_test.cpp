#include "arch/base/json_reader.h"

#include <gtest/gtest.h>

#include <string>

#include "arch/base/json_writer.h"

namespace bitscale::base {
namespace {

std::string first_problem(const Problems& problems) {
  try {
    problems.throw_if_any();
  } catch (const UserError& error) {
    return error.what();
  }
  return "";
}

TEST(JsonReader, ReportsEveryProblemWithFilePointerAndNearestKey) {
  const JsonValue document =
      parse_json(R"({"rows": 0, "colls": 4, "clock": "fast", "pe": {"bits": 2.5}})", "a.json");
  Problems problems;
  JsonReader reader(document, problems);
  reader.integer("rows", {1, 64});
  reader.integer("cols", {1, 64}, 8);
  reader.number("clock", kPositive);
  JsonReader pe = reader.object("pe");
  pe.integer("bits", {1, 16});
  pe.finish();
  reader.finish();
  const std::string text = first_problem(problems);
  EXPECT_EQ(problems.size(), 4u);
  EXPECT_NE(text.find("a.json:/rows: expected an integer from 1 to 64, given 0"),
            std::string::npos);
  EXPECT_NE(text.find("a.json:/pe/bits: expected an integer from 1 to 16, given 2.5"),
            std::string::npos);
  EXPECT_NE(text.find("a.json:/colls: unknown key 'colls'; did you mean 'cols'?"),
            std::string::npos);
  EXPECT_NE(text.find("a.json:/clock: expected a number above 0, given string \"fast\""),
            std::string::npos);
}

TEST(JsonReader, MissingRequiredKeyIsAProblem) {
  const JsonValue document = parse_json("{}", "a.json");
  Problems problems;
  JsonReader reader(document, problems);
  reader.integer("rows", {1, 64});
  EXPECT_EQ(first_problem(problems), "a.json:/: missing key 'rows'");
}

TEST(ParseJson, RefusesWhatNlohmannWouldLetPass) {
  EXPECT_THROW(parse_json(R"({"a": 1, "a": 2})", "x"), UserError);
  EXPECT_THROW(parse_json("[1] 2", "x"), UserError);
  EXPECT_THROW(parse_json("1e999", "x"), UserError);
  EXPECT_THROW(parse_json("{\"a\": ", "x"), UserError);
  EXPECT_THROW(parse_json(std::string(100000, '['), "x"), UserError);
}

TEST(ParseJson, DuplicateKeyNamesItsPointer) {
  try {
    parse_json(R"({"b": [{}, {"a": 1, "a": 2}]})", "x.json");
    FAIL();
  } catch (const UserError& error) {
    EXPECT_EQ(error.problems().at(0).where, "x.json:/b/1/a");
  }
}

TEST(SetByPointer, ReplacesAddsAndRefuses) {
  JsonValue document = parse_json(R"({"a": {"b": [1, 2]}})", "x");
  set_by_pointer(document, "/a/b/1", "7", "--set");
  set_by_pointer(document, "/a/c", "text", "--set");
  EXPECT_EQ(find_by_pointer(document, "/a/b/1")->integer, 7);
  EXPECT_EQ(find_by_pointer(document, "/a/c")->text, "text");
  EXPECT_THROW(set_by_pointer(document, "/a/b/2", "7", "--set"), UserError);
  EXPECT_THROW(set_by_pointer(document, "a", "7", "--set"), UserError);
}

TEST(JsonWriter, RoundTripsThroughTheParser) {
  JsonWriter writer;
  writer.begin_object().member("x", 0.1).member("s", "a\"\n\x01").begin_array("list");
  writer.value(std::int64_t{-3}).value(true).end().begin_object("empty").end().end();
  const std::string text = writer.take();
  const JsonValue document = parse_json(text, "x");
  EXPECT_EQ(document.find("x")->number, 0.1);
  EXPECT_EQ(document.find("s")->text, "a\"\n\x01");
  EXPECT_EQ(document.find("list")->items.at(0).integer, -3);
  JsonWriter again;
  again.value(document);
  EXPECT_EQ(again.take(), text);
}

}  // namespace
}  // namespace bitscale::base
