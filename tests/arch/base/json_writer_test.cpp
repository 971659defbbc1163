#include "arch/base/json_writer.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "arch/base/error.h"

namespace bitscale::base {
namespace {

TEST(JsonWriter, WritesInCallOrderIndentedByTwo) {
  JsonWriter json;
  json.begin_object().member("rows", 32).begin_array("items").value(1.5).value("a").end();
  json.begin_object("empty").end().member("yes", true).end();
  EXPECT_EQ(json.take(),
            "{\n  \"rows\": 32,\n  \"items\": [\n    1.5,\n    \"a\"\n  ],\n"
            "  \"empty\": {},\n  \"yes\": true\n}\n");
}

TEST(JsonWriter, RoundTripsThroughTheParser) {
  JsonWriter writer;
  writer.begin_object().member("x", 0.1).member("s", "a\"\\\n\t\x01é");
  writer.member("least", std::numeric_limits<std::int64_t>::min()).begin_array("list");
  writer.value(std::int64_t{-3}).value(true).end().begin_object("empty").end().end();
  const std::string text = writer.take();
  const JsonValue document = parse_json(text, "x");
  EXPECT_EQ(document.find("x")->number, 0.1);
  EXPECT_EQ(document.find("s")->text, "a\"\\\n\t\x01é");
  EXPECT_EQ(document.find("least")->integer, std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(document.find("list")->items.at(0).integer, -3);
  JsonWriter again;
  again.value(document);
  EXPECT_EQ(again.take(), text);
}

TEST(JsonWriter, CanBeUsedAgainAfterTake) {
  JsonWriter json;
  json.value(1);
  EXPECT_EQ(json.take(), "1\n");
  json.value(2);
  EXPECT_EQ(json.take(), "2\n");
}

TEST(JsonWriter, WrongNestingIsOurBug) {
  EXPECT_THROW(JsonWriter().end(), InternalError);
  EXPECT_THROW(JsonWriter().take(), InternalError);
  EXPECT_THROW(JsonWriter().begin_object().take(), InternalError);
  EXPECT_THROW(JsonWriter().begin_object().value(1), InternalError);
  EXPECT_THROW(JsonWriter().begin_array().member("key", 1), InternalError);
  EXPECT_THROW(JsonWriter().value(1).value(2), InternalError);
}

TEST(JsonWriter, NumbersMustBeFinite) {
  EXPECT_THROW(JsonWriter().value(std::numeric_limits<double>::infinity()), InternalError);
  EXPECT_THROW(JsonWriter().value(std::numeric_limits<double>::quiet_NaN()), InternalError);
}

TEST(QuoteJson, EscapesWhatJsonDemands) {
  EXPECT_EQ(quote_json("a\"b\\c\nd\x1f"), "\"a\\\"b\\\\c\\nd\\u001f\"");
  EXPECT_EQ(quote_json(std::string_view("\0", 1)), "\"\\u0000\"");
}

TEST(QuoteJson, KeepsUtf8AndReplacesWhatIsNot) {
  EXPECT_EQ(quote_json("é€😀"), "\"é€😀\"");
  const std::string bad = "\xEF\xBF\xBD";
  EXPECT_EQ(quote_json("a\xFFz"), "\"a" + bad + "z\"");
  EXPECT_EQ(quote_json("\xC3"), "\"" + bad + "\"");                                // cut short
  EXPECT_EQ(quote_json("\xC0\xAF"), "\"" + bad + bad + "\"");                      // overlong
  EXPECT_EQ(quote_json("\xE0\x9F\xBF"), "\"" + bad + bad + bad + "\"");            // overlong
  EXPECT_EQ(quote_json("\xED\xA0\x80"), "\"" + bad + bad + bad + "\"");            // surrogate
  EXPECT_EQ(quote_json("\xF4\x90\x80\x80"), "\"" + bad + bad + bad + bad + "\"");  // too large
  EXPECT_NO_THROW(parse_json(quote_json("\xF0\x90\x80\x80\xFE"), "x"));
}

}  // namespace
}  // namespace bitscale::base
