#include "sim/sweep/axis.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bitscale::sweep {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct Read {
  Axis axis;
  std::string refusal;
};

Read read(const std::string& text) {
  const base::JsonValue document = base::parse_json(text, "axis");
  base::Problems problems;
  base::JsonReader reader(document, problems);
  Read result{read_axis(reader), ""};
  try {
    problems.throw_if_any();
  } catch (const base::UserError& error) {
    result.refusal = error.what();
  }
  return result;
}

std::vector<std::string> texts(const Axis& axis) {
  std::vector<std::string> all;
  for (const Option& option : axis.options) all.push_back(option.sets[0].text);
  return all;
}

TEST(Axis, RangeIncludesItsEndWhenAStepFallsOnIt) {
  const auto axis = [](const std::string& range) {
    return texts(read(R"({"name": "a", "pointer": "/a", "range": )" + range + "}").axis);
  };
  EXPECT_THAT(axis(R"({"from": 8, "to": 24, "step": 8})"), ElementsAre("8", "16", "24"));
  EXPECT_THAT(axis(R"({"from": 8, "to": 23, "step": 8})"), ElementsAre("8", "16"));
  EXPECT_EQ(axis(R"({"from": 0.1, "to": 0.3, "step": 0.1})").size(), 3U);
  EXPECT_THAT(axis(R"({"from": 5, "to": 5, "step": 1})"), ElementsAre("5"));
}

TEST(Axis, LogRangeOfIntegersRoundsAndDropsRepetitions) {
  const auto axis = [](const std::string& range) {
    return texts(read(R"({"name": "a", "pointer": "/a", "log_range": )" + range + "}").axis);
  };
  EXPECT_THAT(axis(R"({"from": 1000, "to": 100000, "count": 3})"),
              ElementsAre("1000", "10000", "100000"));
  EXPECT_THAT(axis(R"({"from": 1, "to": 4, "count": 8})"), ElementsAre("1", "2", "3", "4"));
}

TEST(Axis, RangeGivesTheDecimalsThatOneWouldWrite) {
  const auto values = [](const std::string& range) {
    return texts(read(R"({"name": "a", "pointer": "/a", "range": )" + range + "}").axis);
  };
  EXPECT_THAT(values(R"({"from": 0.1, "to": 0.7, "step": 0.1})"),
              ElementsAre("0.1", "0.2", "0.3", "0.4", "0.5", "0.6", "0.7"));
  EXPECT_THAT(values(R"({"from": 1, "to": 1.5, "step": 0.25})"), ElementsAre("1", "1.25", "1.5"));
  EXPECT_THAT(values(R"({"from": 1e-20, "to": 2e-20, "step": 1e-20})"),
              ElementsAre("1e-20", "2e-20"));  // too many decimals: as the sum gives them
  EXPECT_THAT(values(R"({"from": 8, "to": 20, "step": 8})"), ElementsAre("8", "16"));
}

TEST(Axis, LogRangeSaysHowManyValuesItDropped) {
  const auto note = [](const std::string& range) {
    return read(R"({"name": "a", "pointer": "/a", "log_range": )" + range + "}").axis.note;
  };
  EXPECT_EQ(note(R"({"from": 1000, "to": 100000, "count": 3})"), "");
  EXPECT_EQ(note(R"({"from": 1, "to": 4, "count": 8})"),
            "axis 'a': log_range asks for 8 whole numbers, of which 4 repeat the one before: 4 "
            "values");
  EXPECT_EQ(note(R"({"from": 1.0, "to": 4, "count": 8})"), "");
}

TEST(Axis, LargeWholeNumbersStayIntegers) {
  const Read result = read(R"({"name": "a", "pointer": "/a", "values": [100000, 1048576]})");
  EXPECT_THAT(texts(result.axis), ElementsAre("100000", "1048576"));
}

TEST(Axis, ZipGoesThroughItsMembersTogether) {
  const Read result = read(R"({"zip": [{"name": "a", "pointer": "/a", "values": [1, 2]},
                                       {"name": "b", "pointer": "/b", "values": ["x", "y"]}]})");
  ASSERT_EQ(result.refusal, "");
  ASSERT_EQ(result.axis.options.size(), 2U);
  EXPECT_EQ(result.axis.columns[1].name, "b");
  EXPECT_EQ(result.axis.options[1].sets[0].text, "2");
  EXPECT_EQ(result.axis.options[1].sets[1].text, "\"y\"");
  EXPECT_THAT(read(R"({"zip": [{"name": "a", "pointer": "/a", "values": [1, 2]},
                               {"name": "b", "pointer": "/b", "values": [1]}]})")
                  .refusal,
              HasSubstr("equally long"));
}

TEST(Axis, AlternativesSetSeveralPointersAtOnce) {
  const Read result = read(R"({"name": "v", "alternatives": [
      {"name": "one", "set": {"/a": 1, "/b": [1, 2]}}, {"name": "two", "set": {"/a": 2, "/b": []}}]})");
  ASSERT_EQ(result.refusal, "");
  ASSERT_EQ(result.axis.columns.size(), 3U);
  EXPECT_EQ(result.axis.columns[0].pointer, "");
  EXPECT_EQ(result.axis.columns[2].pointer, "/b");
  EXPECT_EQ(std::get<std::string>(result.axis.options[0].values[0]), "one");
  EXPECT_EQ(result.axis.options[0].sets[1].text, "[1,2]");
  EXPECT_THAT(read(R"({"name": "v", "alternatives": [
      {"name": "one", "set": {"/a": 1}}, {"name": "two", "set": {"/c": 2}}]})")
                  .refusal,
              HasSubstr("same pointers"));
}

TEST(Axis, RefusesAlternativesOfOneNameAndEmptyOnes) {
  EXPECT_THAT(read(R"({"name": "v", "alternatives": [
      {"name": "one", "set": {"/a": 1}}, {"name": "one", "set": {"/a": 2}}]})")
                  .refusal,
              HasSubstr("second alternative has the name 'one'"));
  EXPECT_THAT(read(R"({"name": "v", "alternatives": [{"name": "one", "set": {}}]})").refusal,
              HasSubstr("sets nothing"));
}

TEST(Axis, RefusesWhatTriesNothing) {
  for (const char* values : {R"("values": [])", R"("range": {"from": 2, "to": 1, "step": 1})",
                             R"("alternatives": [])"}) {
    const std::string pointer =
        std::string(values).find("alternatives") == std::string::npos ? R"("pointer": "/a", )" : "";
    EXPECT_THAT(read(R"({"name": "a", )" + pointer + values + "}").refusal, HasSubstr("empty"))
        << values;
  }
}

TEST(Axis, RefusesWrongForms) {
  EXPECT_THAT(read(R"({"name": "a", "pointer": "/a"})").refusal, HasSubstr("exactly one of"));
  EXPECT_THAT(read(R"({"name": "a", "pointer": "a", "values": [1]})").refusal,
              HasSubstr("must begin with '/'"));
  EXPECT_THAT(read(R"({"name": "a", "pointer": "/a", "values": [[1]]})").refusal,
              HasSubstr("expected a number"));
  EXPECT_THAT(read(R"({"name": "a", "pointer": "/a", "valeus": [1], "values": [1]})").refusal,
              HasSubstr("valeus"));
  EXPECT_THAT(
      read(R"({"name": "a", "pointer": "/a", "range": {"from": 0, "to": 1e9, "step": 1}})").refusal,
      HasSubstr("more than 1000000"));
}

}  // namespace
}  // namespace bitscale::sweep
