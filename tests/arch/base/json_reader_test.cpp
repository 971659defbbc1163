#include "arch/base/json_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/support/problems.h"

namespace bitscale::base {
namespace {

using bitscale::testing::text_of;
using ::testing::HasSubstr;

enum class Kind { Fixed, Serial };
const NameTable<Kind> kKindNames = {{Kind::Fixed, "fixed"}, {Kind::Serial, "bit_serial"}};

/// What reading `text` with `read(reader)` and finish() complains about.
template <class Read>
std::string problems_of(const std::string& text, Read read) {
  const JsonValue document = parse_json(text, "a.json");
  Problems problems;
  JsonReader reader(document, problems);
  read(reader);
  reader.finish();
  return text_of(problems);
}

TEST(JsonReader, ReadsEveryKind) {
  const std::string text =
      R"({"i": -3, "n": 2.5, "b": true, "s": "t", "k": "bit_serial", "o": {"x": 1}, "a": [4]})";
  EXPECT_EQ(problems_of(text,
                        [](JsonReader& reader) {
                          EXPECT_EQ(reader.integer("i", {}), -3);
                          EXPECT_EQ(reader.number("n", kPositive), 2.5);
                          EXPECT_TRUE(reader.boolean("b"));
                          EXPECT_EQ(reader.string("s"), "t");
                          EXPECT_EQ(reader.one_of("k", kKindNames), Kind::Serial);
                          EXPECT_EQ(reader.object("o").integer("x", {0, 1}), 1);
                          EXPECT_EQ(reader.array("a").at(0).as_integer({}), 4);
                        }),
            "");
}

TEST(JsonReader, AbsentKeysTakeTheFallback) {
  EXPECT_EQ(problems_of("{}",
                        [](JsonReader& reader) {
                          EXPECT_EQ(reader.integer("i", {1, 2}, 2), 2);
                          EXPECT_EQ(reader.number("n", kPositive, 0.5), 0.5);
                          EXPECT_TRUE(reader.boolean("b", true));
                          EXPECT_EQ(reader.string("s", "t"), "t");
                          EXPECT_EQ(reader.one_of("k", kKindNames, Kind::Serial), Kind::Serial);
                          EXPECT_EQ(reader.object("o", false).integer("x", {0, 9}, 9), 9);
                          EXPECT_TRUE(reader.array("a", false).empty());
                        }),
            "");
}

TEST(JsonReader, EveryMissingRequiredKeyIsReported) {
  const std::string text = problems_of("{}", [](JsonReader& reader) {
    reader.integer("i", {});
    reader.number("n", {});
    reader.boolean("b");
    reader.string("s");
    reader.one_of("k", kKindNames);
    reader.object("o").integer("inside", {});  // said once, about the object
    reader.array("a");
  });
  EXPECT_EQ(text,
            "a.json:/: missing key 'i'\na.json:/: missing key 'n'\na.json:/: missing key 'b'\n"
            "a.json:/: missing key 's'\na.json:/: missing key 'k'\na.json:/: missing key 'o'\n"
            "a.json:/: missing key 'a'");
}

TEST(JsonReader, NothingIsSaidBelowAValueOfTheWrongType) {
  const auto read = [](JsonReader& reader) {
    for (const char* key : {"figure", "table"}) {
      JsonReader figure = reader.object(key);
      if (figure.string("source").empty()) figure.problem("an empty source", "source");
      JsonReader inside = figure.object("inside", false);
      inside.problem("needs a row");
      if (figure.member("any").as_string().empty()) inside.problem("needs any");
      figure.finish();
    }
  };
  EXPECT_EQ(problems_of(R"("text")", read), "a.json:/: expected an object, given string \"text\"");
  EXPECT_EQ(problems_of(R"({"figure": 3})", read),
            "a.json:/figure: expected an object, given 3\na.json:/: missing key 'table'");
  const auto absent = [](JsonReader& reader) { reader.object("o", false).problem("needed here"); };
  EXPECT_EQ(problems_of("{}", absent), "a.json:/o: needed here");  // nothing was said of it yet
}

TEST(JsonReader, ReportsEveryProblemWithFilePointerAndNearestKey) {
  const std::string text = problems_of(
      R"({"rows": 0, "colls": 4, "clock": "fast", "pe": {"bits": 2.5}})", [](JsonReader& reader) {
        reader.integer("rows", {1, 64});
        reader.integer("cols", {1, 64}, 8);
        reader.number("clock", kPositive);
        JsonReader pe = reader.object("pe");
        pe.integer("bits", {1, 16});
        pe.finish();
      });
  EXPECT_EQ(text,
            "a.json:/rows: expected an integer from 1 to 64, given 0\n"
            "a.json:/clock: expected a number above 0, given string \"fast\"\n"
            "a.json:/pe/bits: expected an integer from 1 to 16, given 2.5\n"
            "a.json:/colls: unknown key 'colls'; did you mean 'cols'? "
            "(allowed: rows, cols, clock, pe)");
}

TEST(JsonReader, IntegerRangeIsClosed) {
  const auto read = [](JsonReader& reader) { reader.integer("i", {1, 16}); };
  EXPECT_EQ(problems_of(R"({"i": 1})", read), "");
  EXPECT_EQ(problems_of(R"({"i": 16})", read), "");
  for (const char* given :
       {"0", "17", "-1", "9223372036854775808", "2.5", "17.0", "\"3\"", "null"}) {
    EXPECT_THAT(problems_of(std::string(R"({"i": )") + given + "}", read),
                HasSubstr("a.json:/i: expected an integer from 1 to 16, given "))
        << given;
  }
}

// As JSON Schema counts them.
TEST(JsonReader, WholeNumbersMayBeWrittenWithAPointOrAnExponent) {
  std::int64_t value = 0;
  const auto read = [&](JsonReader& reader) { value = reader.integer("i", {-9, 1000}); };
  EXPECT_EQ(problems_of(R"({"i": 8.0})", read), "");
  EXPECT_EQ(value, 8);
  EXPECT_EQ(problems_of(R"({"i": 1e3})", read), "");
  EXPECT_EQ(value, 1000);
  const auto version = [](JsonReader& reader) { reader.schema_version(1); };
  EXPECT_EQ(problems_of(R"({"schema_version": 1.0})", version), "");
  EXPECT_NE(problems_of(R"({"schema_version": 1.5})", version), "");
}

TEST(JsonReader, WrongNumbersAreShownAsTheyWereWritten) {
  const auto read = [](JsonReader& reader) { reader.integer("i", {1, 16}); };
  for (const char* given :
       {"18446744073709551617", "18446744073709551615", "99e0", "1.50", "9007199254740993.0"}) {
    EXPECT_EQ(problems_of(std::string(R"({"i": )") + given + "}", read),
              std::string("a.json:/i: expected an integer from 1 to 16, given ") + given);
  }
}

TEST(JsonReader, NumberRangeKnowsItsOpenEnd) {
  const auto positive = [](JsonReader& reader) { reader.number("n", {0, 1, true}); };
  EXPECT_EQ(problems_of(R"({"n": 1})", positive), "");
  EXPECT_EQ(problems_of(R"({"n": 5e-324})", positive), "");
  EXPECT_EQ(problems_of(R"({"n": 0})", positive),
            "a.json:/n: expected a number above 0 and at most 1, given 0");
  EXPECT_EQ(problems_of(R"({"n": 1.5})", positive),
            "a.json:/n: expected a number above 0 and at most 1, given 1.5");
  const auto closed = [](JsonReader& reader) { reader.number("n", kNonNegative); };
  EXPECT_EQ(problems_of(R"({"n": 0})", closed), "");
  EXPECT_EQ(problems_of(R"({"n": -1})", closed),
            "a.json:/n: expected a number of at least 0, given -1");
}

TEST(JsonReader, NamesAreListedWhenWrong) {
  const auto read = [](JsonReader& reader) { reader.one_of("k", kKindNames); };
  EXPECT_EQ(problems_of(R"({"k": "bitserial"})", read),
            "a.json:/k: unknown value 'bitserial'; did you mean 'bit_serial'? "
            "(allowed: fixed, bit_serial)");
  EXPECT_EQ(problems_of(R"({"k": 3})", read),
            "a.json:/k: expected one of fixed, bit_serial, given 3");
}

TEST(JsonReader, WrongKindIsSaidOnce) {
  EXPECT_EQ(problems_of("[]",
                        [](JsonReader& reader) {
                          reader.integer("rows", {});
                          reader.integer("cols", {});
                        }),
            "a.json:/: expected an object, given an array of 0");
  EXPECT_EQ(
      problems_of(R"({"o": 3, "a": {}, "b": 1})",
                  [](JsonReader& reader) {
                    reader.object("o").integer("x", {});
                    reader.array("a");
                    reader.boolean("b", true);
                  }),
      "a.json:/o: expected an object, given 3\na.json:/a: expected an array, given an object\n"
      "a.json:/b: expected true or false, given 1");
}

TEST(JsonReader, PointersAreEscapedAndCountElements) {
  EXPECT_EQ(problems_of(R"({"m": {"a/b~c": [1, "x"]}})",
                        [](JsonReader& reader) {
                          JsonReader map = reader.object("m");
                          for (auto& [key, unused] : map.entries()) {
                            for (JsonReader& item : map.array(key)) item.as_integer({});
                          }
                          map.finish();  // entries() knows every key
                        }),
            "a.json:/m/a~1b~0c/1: expected any integer, given string \"x\"");
}

TEST(JsonReader, UnknownKeysAreEscapedAndProblemsTakeRelativePointers) {
  EXPECT_EQ(problems_of(R"({"a/b": 1})", [](JsonReader& reader) { reader.problem("bad", "c/0"); }),
            "a.json:/c/0: bad\na.json:/a~1b: unknown key 'a/b' (none is known here)");
}

TEST(JsonReader, ContentOfAnotherFileIsNamedByThatFile) {
  JsonValue document = parse_json(R"({"arch": null})", "config.json");
  document.set("arch", parse_json(R"({"rows": 0})", "arch.json"));
  Problems problems;
  JsonReader reader(document, problems);
  reader.object("arch").integer("rows", {1, 2});
  EXPECT_EQ(text_of(problems), "arch.json:/rows: expected an integer from 1 to 2, given 0");
}

TEST(JsonReader, SchemaVersionMustBeThere) {
  const auto read = [](JsonReader& reader) { reader.schema_version(1); };
  EXPECT_EQ(problems_of(R"({"schema_version": 1})", read), "");
  EXPECT_EQ(problems_of(R"({"schema_version": 2})", read),
            "a.json:/schema_version: this program reads version 1, given 2");
  EXPECT_EQ(problems_of("{}", read), "a.json:/: missing key 'schema_version'");
}

}  // namespace
}  // namespace bitscale::base
