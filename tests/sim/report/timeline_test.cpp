#include "sim/report/timeline.h"

#include <gtest/gtest.h>

#include "arch/base/json_value.h"

namespace bitscale::report {
namespace {

double number_at(const base::JsonValue& document, const std::string& pointer) {
  const base::JsonValue* value = base::find_by_pointer(document, pointer);
  EXPECT_NE(value, nullptr) << pointer;
  return value == nullptr ? -1 : value->number;
}

TEST(Timeline, WritesOneThreadPerTrackAndTimesInMicroseconds) {
  const std::vector<Span> spans = {
      {"array", "tile 0", 100, 350}, {"dma", "load", 0, 100}, {"array", "tile 1", 350, 400}};
  const auto document = base::parse_json(perfetto_trace(spans, 500, "run \"x\""), "timeline.json");
  const auto& events = document.find("traceEvents")->items;
  ASSERT_EQ(events.size(), 6u);  // process, two threads, three spans
  EXPECT_EQ(events[0].find("args")->find("name")->text, "run \"x\"");
  EXPECT_EQ(events[2].find("args")->find("name")->text, "dma");
  EXPECT_DOUBLE_EQ(number_at(document, "/traceEvents/3/ts"), 0.2);
  EXPECT_DOUBLE_EQ(number_at(document, "/traceEvents/3/dur"), 0.5);
  EXPECT_DOUBLE_EQ(number_at(document, "/traceEvents/4/tid"), 2);
  EXPECT_DOUBLE_EQ(number_at(document, "/traceEvents/5/args/end_cycle"), 400);
}

std::vector<Span> many_spans() {
  std::vector<Span> spans;
  for (std::int64_t i = 0; i < 10000; ++i) {
    spans.push_back({"array", "layer " + std::to_string(i / 100), 10 * i, 10 * i + 7});
    spans.push_back({"dma", "load", 10 * i, 10 * i + 3});
  }
  return spans;
}

TEST(Timeline, ThinningKeepsShortTimelinesAsTheyAre) {
  const auto spans = many_spans();
  EXPECT_EQ(thin_timeline(spans, spans.size()).size(), spans.size());
  EXPECT_LT(thin_timeline(spans, spans.size() - 1).size(), spans.size());
  EXPECT_TRUE(thin_timeline({}, 10).empty());
}

TEST(Timeline, ThinningKeepsTracksAndExtentWithinTheLimit) {
  const auto thin = thin_timeline(many_spans(), 200);
  EXPECT_LE(thin.size(), 202u);
  EXPECT_GE(thin.size(), 100u);
  EXPECT_EQ(thin.front().track, "array");
  EXPECT_EQ(thin.front().start_cycle, 0);
  EXPECT_EQ(thin.back().track, "dma");
  EXPECT_EQ(thin.back().end_cycle, 99993);
}

}  // namespace
}  // namespace bitscale::report
