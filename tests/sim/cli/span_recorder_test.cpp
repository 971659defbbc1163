#include "sim/cli/span_recorder.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "arch/base/error.h"

namespace bitscale::cli {
namespace {

std::string text_of(const std::vector<report::Span>& spans, const std::string& track) {
  std::string text;
  for (const report::Span& span : spans) {
    if (span.track != track) continue;
    text += span.name + " " + std::to_string(span.start_cycle) + "-" +
            std::to_string(span.end_cycle) + "; ";
  }
  return text;
}

const report::Signal* signal_of(const report::Waveform& waveform, const std::string& name) {
  for (const report::Signal& signal : waveform.signals) {
    if (signal.name == name) return &signal;
  }
  return nullptr;
}

using Changes = std::vector<std::pair<std::int64_t, std::int64_t>>;

// Two tasks: loads asked for at 0 and served one after the other, tiles 10–20 and 25–30, the way
// out of the last one until 40; then one tile at once.
void play(SpanRecorder& recorder) {
  recorder.task("a", 0);
  recorder.slot("weight_buffer", 0, 1);
  recorder.span("load_weights", "a", 0, 10);
  recorder.slot("weight_buffer", 0, 1);
  recorder.span("load_weights", "a", 0, 18);
  recorder.span("mac_array", "a", 10, 20);
  recorder.tile(10, 20);
  recorder.slot("weight_buffer", 20, -1);
  recorder.span("mac_array", "a", 25, 30);
  recorder.tile(25, 30);
  recorder.task("b", 40);
  recorder.span("mac_array", "b", 40, 44);
  recorder.tile(40, 44);
  recorder.task("", 44);
}

TEST(SpanRecorder, TracksDoNotOverlapAndStallsAreWhatNoTileTakes) {
  SpanRecorder recorder(1000);
  play(recorder);
  const auto spans = recorder.spans();
  EXPECT_EQ(text_of(spans, "load_weights"), "a 0-10; a 10-18; ");
  EXPECT_EQ(text_of(spans, "stall"), "a 0-10; a 20-25; a 30-40; ");
  EXPECT_EQ(text_of(spans, "weight_buffer"), "a: 2 tiles 0-20; a: 1 tile 20-40; ");
  EXPECT_EQ(spans.front().track, "load_weights");
  EXPECT_EQ(spans.back().track, "stall");
}

TEST(SpanRecorder, JoinsNeighboursBeyondItsRoom) {
  SpanRecorder recorder(100);
  recorder.task("a", 0);
  for (int i = 0; i < 5000; ++i) {
    recorder.span("dram", "read", 10 * i, 10 * i + 7);
    recorder.span("mac_array", "a", 10 * i, 10 * i + 9);
  }
  const auto spans = recorder.spans();
  EXPECT_LE(spans.size(), 100U);
  EXPECT_GT(recorder.resolution_cycles(), 10);
  EXPECT_GT(spans.size(), 20U);
  EXPECT_EQ(spans.front().start_cycle, 0);
  EXPECT_EQ(spans.back().end_cycle, 49999);
}

// Tiles of 10 cycles, each in a slot from 15 cycles before its end.
void play_tiles(SpanRecorder& recorder, int tiles) {
  recorder.task("a", 0);
  for (int i = 0; i < tiles; ++i) {
    recorder.slot("act_buffer", 10.0 * i, 1);
    recorder.span("load_inputs", "a", 10.0 * i, 10.0 * i + 4);
    recorder.span("mac_array", "a", 10.0 * i + 5, 10.0 * i + 15);
    recorder.tile(10.0 * i + 5, 10.0 * i + 15);
    recorder.slot("act_buffer", 10.0 * i + 15, -1);
  }
  recorder.task("", 10.0 * tiles + 5);
}

TEST(SpanRecorder, TakesTheSameRoomForAnyNumberOfTiles) {
  for (const int tiles : {2'000, 60'000}) {
    SpanRecorder recorder(500);
    play_tiles(recorder, tiles);
    EXPECT_LE(recorder.size(), 1001U) << tiles;
    EXPECT_TRUE(recorder.has_means()) << tiles;
    const auto spans = recorder.spans();
    EXPECT_LE(spans.size(), 500U) << tiles;
    EXPECT_GT(spans.size(), 100U) << tiles;
    std::int64_t end = 0;
    for (const report::Span& span : spans) end = std::max(end, span.end_cycle);
    EXPECT_EQ(end, 10 * tiles + 5) << tiles;
    EXPECT_NE(text_of(spans, "act_buffer").find("a: 1.5 tiles"), std::string::npos) << tiles;
  }
}

TEST(SpanRecorder, IsExactUpToItsRoom) {
  SpanRecorder recorder(500);
  play_tiles(recorder, 100);  // 100 loads, 101 of the array and its stall, 199 of the buffer
  EXPECT_EQ(recorder.resolution_cycles(), 1);
  EXPECT_FALSE(recorder.has_means());
  EXPECT_EQ(recorder.spans().size(), 400U);
}

// A window far into a long task: what was before it is forgotten, the tiles held are not.
TEST(SpanRecorder, WaveformOfALateWindowIsExact) {
  SpanRecorder recorder(100, TileWindow{90'000, 90'000});
  play_tiles(recorder, 100'000);
  const report::Waveform waveform = recorder.waveform();
  EXPECT_EQ(waveform.begin_cycle, 900'005);
  EXPECT_EQ(waveform.end_cycle, 900'015);
  const report::Signal* held = signal_of(waveform, "act_buffer_tiles");
  ASSERT_NE(held, nullptr);
  std::int64_t at_begin = 0, later = 0;
  for (const auto& [cycle, value] : held->changes) {
    if (cycle <= 900'006) at_begin = value;
    if (cycle <= 900'011) later = value;
  }
  EXPECT_EQ(at_begin, 1);
  EXPECT_EQ(later, 2);
}

TEST(SpanRecorder, WaveformIsThatOfItsWindow) {
  SpanRecorder recorder(1000, TileWindow{1, 1});
  play(recorder);
  const report::Waveform waveform = recorder.waveform();
  EXPECT_EQ(waveform.begin_cycle, 20);
  EXPECT_EQ(waveform.end_cycle, 30);
  EXPECT_EQ(waveform.comments, std::vector<std::string>{"tiles 0 to 1: a"});
  ASSERT_NE(signal_of(waveform, "tile"), nullptr);
  EXPECT_EQ(signal_of(waveform, "tile")->changes, (Changes{{10, 0}, {25, 1}}));
  EXPECT_EQ(signal_of(waveform, "stall")->changes, (Changes{{0, 1}, {10, 0}, {20, 1}, {25, 0}}));
  EXPECT_EQ(signal_of(waveform, "mac_array")->changes,
            (Changes{{10, 1}, {20, 0}, {25, 1}, {30, 0}}));
  EXPECT_EQ(signal_of(waveform, "weight_buffer_tiles")->changes,
            (Changes{{0, 2}, {20, 0}, {20, 1}, {40, 0}}));
}

TEST(SpanRecorder, RefusesAWindowTheRunDoesNotHave) {
  SpanRecorder recorder(1000, TileWindow{2, 3});
  play(recorder);
  try {
    recorder.waveform();
    FAIL();
  } catch (const base::UserError& error) {
    EXPECT_NE(std::string(error.what()).find("3 tiles"), std::string::npos) << error.what();
  }
}

TEST(TileWindow, ReadAndRefuse) {
  EXPECT_EQ(parse_tile_window("3..17", "--vcd").first, 3);
  EXPECT_EQ(parse_tile_window("3..17", "--vcd").last, 17);
  EXPECT_EQ(parse_tile_window("0..0", "--vcd").last, 0);
  for (const char* text :
       {"", "5", "5..", "..5", "5..4", "-1..4", "1..4x", "a..b", "1.5", "1...4"}) {
    EXPECT_THROW(parse_tile_window(text, "--vcd"), base::UserError) << text;
  }
}

}  // namespace
}  // namespace bitscale::cli
