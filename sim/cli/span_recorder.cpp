#include "sim/cli/span_recorder.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

#include "arch/base/error.h"
#include "sim/report/timeline.h"

namespace bitscale::cli {
namespace {

constexpr const char* kStall = "stall";
constexpr std::size_t kMostPieces = 1 << 16;  // before those of no use are dropped
constexpr int kTileBits = 64, kHeldBits = 32;

// The order of the tracks; others follow.
constexpr std::array<std::string_view, 12> kTracks = {
    "dram",      "load_weights", "load_inputs", "load_skips",      "weight_buffer", "act_buffer",
    "mac_array", "pim_array",    kStall,        "post_processing", "output_buffer", "store"};

std::size_t rank_of(const std::string& track) {
  return static_cast<std::size_t>(std::find(kTracks.begin(), kTracks.end(), track) -
                                  kTracks.begin());
}

bool is_buffer(const std::string& track) {
  return track.size() > 7 && track.compare(track.size() - 7, 7, "_buffer") == 0;
}

std::int64_t whole(double cycle) { return static_cast<std::int64_t>(cycle); }

}  // namespace

TileWindow parse_tile_window(const std::string& text, const std::string& where) {
  TileWindow window;
  const char* end = text.data() + text.size();
  const auto [dots, bad_first] = std::from_chars(text.data(), end, window.first);
  if (bad_first == std::errc() && std::string_view(dots, 2) == "..") {
    const auto [stop, bad_last] = std::from_chars(dots + 2, end, window.last);
    const bool numbers = bad_last == std::errc() && stop == end;
    if (numbers && window.first >= 0 && window.first <= window.last) return window;
  }
  throw base::UserError(
      where, "expected FIRST..LAST with 0 <= FIRST <= LAST, as in 0..99; given '" + text + "'");
}

void SpanRecorder::span(std::string_view track, std::string_view name, double start_cycle,
                        double end_cycle) {
  const std::string key(track);
  double& free_at = free_at_[key];
  const double start = std::max(start_cycle, free_at);
  if (end_cycle <= start && end_cycle > start_cycle) return;  // all of it behind the one before
  free_at = std::max(free_at, end_cycle);
  add(key, std::string(name), start, end_cycle);
}

void SpanRecorder::task(std::string_view name, double cycle) {
  close_task(cycle);
  task_ = name;
  if (window_) tasks_.emplace_back(tile_count_, task_);
}

void SpanRecorder::tile(double start_cycle, double end_cycle) {
  if (start_cycle > worked_until_) add(kStall, task_, worked_until_, start_cycle);
  worked_until_ = std::max(worked_until_, end_cycle);
  const std::int64_t number = tile_count_++;
  if (!window_ || number > window_->last) return;
  if (number >= window_->first - 1)
    tiles_.push_back({whole(start_cycle), whole(end_cycle), number});
  if (number == window_->last) window_end_ = whole(end_cycle);
}

void SpanRecorder::slot(std::string_view buffer, double cycle, int change) {
  slots_[std::string(buffer)].push_back({cycle, change});
}

// What is left of the task: waiting for its last outputs, and the buffers' contents over time.
void SpanRecorder::close_task(double cycle) {
  if (cycle > worked_until_) add(kStall, task_, worked_until_, cycle);
  worked_until_ = std::max(worked_until_, cycle);
  for (auto& [buffer, changes] : slots_) {
    std::stable_sort(changes.begin(), changes.end(),
                     [](const Change& a, const Change& b) { return a.cycle < b.cycle; });
    std::int64_t held = 0;
    for (std::size_t i = 0; i < changes.size(); ++i) {
      held += changes[i].change;
      const double until = i + 1 < changes.size() ? changes[i + 1].cycle : cycle;
      if (held <= 0 || until <= changes[i].cycle) continue;
      add(buffer, task_ + ": " + std::to_string(held) + (held == 1 ? " tile" : " tiles"),
          changes[i].cycle, until, held);
    }
    changes.clear();
  }
}

void SpanRecorder::add(const std::string& track, std::string name, double start_cycle,
                       double end_cycle, std::int64_t value) {
  const Piece piece{whole(start_cycle), whole(end_cycle), value};
  spans_.push_back({track, std::move(name), piece.start, piece.end});
  if (spans_.size() / 2 > most_spans_) spans_ = report::thin_timeline(spans_, most_spans_);
  if (window_ && piece.start < window_end_) add_piece(track, piece);
}

void SpanRecorder::add_piece(const std::string& track, const Piece& piece) {
  std::vector<Piece>& pieces = pieces_[track];
  pieces.push_back(piece);
  if (pieces.size() < kMostPieces || tile_count_ >= window_->first) return;
  const auto past = [&](const Piece& one) { return one.end < whole(worked_until_); };
  pieces.erase(std::remove_if(pieces.begin(), pieces.end(), past), pieces.end());
}

std::vector<report::Span> SpanRecorder::take_spans() {
  std::stable_sort(spans_.begin(), spans_.end(), [](const auto& a, const auto& b) {
    return rank_of(a.track) < rank_of(b.track);
  });
  return std::move(spans_);
}

report::Waveform SpanRecorder::waveform() const {
  if (!window_ || window_end_ == std::numeric_limits<std::int64_t>::max()) {
    throw base::UserError("--vcd", "the run has " + std::to_string(tile_count_) +
                                       " tiles, numbered from 0: choose a window among them");
  }
  report::Waveform waveform;
  waveform.begin_cycle = window_->first == 0 ? 0 : tiles_.front().end;
  waveform.end_cycle = window_end_;
  for (std::size_t i = 0; i < tasks_.size(); ++i) {
    const auto& [first, name] = tasks_[i];
    const std::int64_t next = i + 1 < tasks_.size() ? tasks_[i + 1].first : tile_count_;
    if (next <= window_->first || first > window_->last || next == first) continue;
    waveform.comments.push_back("tiles " + std::to_string(first) + " to " +
                                std::to_string(next - 1) + ": " + name);
  }
  report::Signal numbers{"tile", kTileBits, {}};
  for (const Piece& tile : tiles_) numbers.changes.emplace_back(tile.start, tile.value);
  waveform.signals.push_back(std::move(numbers));
  for (const std::string_view track : kTracks) {
    const auto found = pieces_.find(std::string(track));
    if (found == pieces_.end()) continue;
    const bool buffer = is_buffer(found->first);
    report::Signal signal{
        buffer ? found->first + "_tiles" : found->first, buffer ? kHeldBits : 1, {}};
    std::vector<Piece> pieces = found->second;
    std::stable_sort(pieces.begin(), pieces.end(),
                     [](const Piece& a, const Piece& b) { return a.start < b.start; });
    for (const Piece& piece : pieces) {
      if (piece.end == piece.start) continue;
      signal.changes.emplace_back(piece.start, piece.value);
      signal.changes.emplace_back(piece.end, 0);
    }
    waveform.signals.push_back(std::move(signal));
  }
  return waveform;
}

}  // namespace bitscale::cli
