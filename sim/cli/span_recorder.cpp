#include "sim/cli/span_recorder.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

#include "arch/base/error.h"
#include "arch/base/file.h"

namespace bitscale::cli {
namespace {

constexpr const char* kStall = "stall";
constexpr std::size_t kLeastSpans = 32;       // more than there are tracks
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
  const std::string_view rest(dots, static_cast<std::size_t>(end - dots));
  if (bad_first == std::errc() && rest.substr(0, 2) == "..") {
    const auto [stop, bad_last] = std::from_chars(dots + 2, end, window.last);
    const bool numbers = bad_last == std::errc() && stop == end;
    if (numbers && window.first >= 0 && window.first <= window.last) return window;
  }
  throw base::UserError(
      where, "expected FIRST..LAST with 0 <= FIRST <= LAST, as in 0..99; given '" + text + "'");
}

SpanRecorder::SpanRecorder(std::size_t most_spans, std::optional<TileWindow> window)
    : most_spans_(std::max(kLeastSpans, most_spans)), window_(window) {}

void SpanRecorder::span(std::string_view track, std::string_view name, double start_cycle,
                        double end_cycle) {
  auto found = tracks_.find(track);
  if (found == tracks_.end()) found = tracks_.emplace(track, Track{}).first;
  double& free_at = found->second.free_at;
  const double start = std::max(start_cycle, free_at);
  if (end_cycle <= start && end_cycle > start_cycle) return;  // all of it behind the one before
  free_at = std::max(free_at, end_cycle);
  add(track, name, start, end_cycle);
}

void SpanRecorder::task(std::string_view name, double cycle) {
  close_task(cycle);
  task_ = name;
  task_start_ = cycle;
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
  auto found = buffers_.find(buffer);
  if (found == buffers_.end()) {
    found = buffers_.emplace(buffer, Buffer{HeldTiles(most_spans_), {}}).first;
    found->second.held.start(task_start_);
  }
  found->second.held.change(cycle, change);
  if (window_ && whole(cycle) < window_end_) keep_change(found->second, {cycle, change});
}

// Before the window only the sum of the changes counts.
void SpanRecorder::keep_change(Buffer& buffer, const Change& change) {
  std::vector<Change>& changes = buffer.changes;
  changes.push_back(change);
  if (changes.size() < kMostPieces || tile_count_ >= window_->first) return;
  Change past{task_start_, 0};
  const auto is_past = [&](const Change& one) {
    if (one.cycle >= worked_until_) return false;
    past.change += one.change;
    return true;
  };
  changes.erase(std::remove_if(changes.begin(), changes.end(), is_past), changes.end());
  changes.push_back(past);
}

// What is left of the task: waiting for its last outputs, and the buffers' contents over time.
void SpanRecorder::close_task(double cycle) {
  if (cycle > worked_until_) add(kStall, task_, worked_until_, cycle);
  worked_until_ = std::max(worked_until_, cycle);
  for (auto& [name, buffer] : buffers_) {
    add_held(name, buffer, cycle);
    if (window_ && tile_count_ >= window_->first) add_pieces_held(name, buffer, cycle);
    buffer.changes.clear();
    buffer.held.start(cycle);
  }
}

void SpanRecorder::add_held(const std::string& name, Buffer& buffer, double cycle) {
  has_means_ = has_means_ || buffer.held.has_means();
  Track& track = tracks_[name];
  for (const HeldTiles::Piece& piece : buffer.held.pieces(cycle)) {
    const std::string label =
        task_ + ": " + base::format_number(piece.tiles) + (piece.tiles == 1 ? " tile" : " tiles");
    keep(track, {whole(piece.start_cycle), whole(piece.end_cycle), name_index(label, track)});
  }
}

void SpanRecorder::add_pieces_held(const std::string& name, const Buffer& buffer, double cycle) {
  std::vector<Change> changes = buffer.changes;
  std::stable_sort(changes.begin(), changes.end(),
                   [](const Change& a, const Change& b) { return a.cycle < b.cycle; });
  std::int64_t held = 0;
  for (std::size_t i = 0; i < changes.size(); ++i) {
    held += changes[i].change;
    const double until = i + 1 < changes.size() ? changes[i + 1].cycle : cycle;
    if (held <= 0 || until <= changes[i].cycle) continue;
    const Piece piece{whole(changes[i].cycle), whole(until), held};
    if (piece.start < window_end_) add_piece(name, piece);
  }
}

void SpanRecorder::add(std::string_view track, std::string_view name, double start_cycle,
                       double end_cycle) {
  auto found = tracks_.find(track);
  if (found == tracks_.end()) found = tracks_.emplace(track, Track{}).first;
  const Piece piece{whole(start_cycle), whole(end_cycle), 1};
  keep(found->second, {piece.start, piece.end, name_index(name, found->second)});
  if (window_ && piece.start < window_end_) add_piece(track, piece);
}

// Most spans have the name of the one before.
std::size_t SpanRecorder::name_index(std::string_view name, const Track& track) {
  if (!track.kept.empty() && names_[track.kept.back().name] == name) return track.kept.back().name;
  const auto found = name_indices_.find(name);
  if (found != name_indices_.end()) return found->second;
  names_.emplace_back(name);
  name_indices_.emplace(name, names_.size() - 1);
  return names_.size() - 1;
}

void SpanRecorder::keep(Track& track, const Kept& span) {
  Kept* last = track.kept.empty() ? nullptr : &track.kept.back();
  if (resolution_ > 1 && last != nullptr && span.end - last->start < resolution_) {
    last->end = std::max(last->end, span.end);
    last->others = last->others || span.others || last->name != span.name;
    return;
  }
  track.kept.push_back(span);
  if (++kept_spans_ > most_spans_) make_room();
}

// Joins the track's spans at the resolution; how many are gone.
std::size_t SpanRecorder::join_neighbours(Track& track) const {
  std::size_t count = 0;
  for (const Kept& span : track.kept) {
    Kept* last = count == 0 ? nullptr : &track.kept[count - 1];
    if (last == nullptr || span.end - last->start >= resolution_) {
      track.kept[count++] = span;
      continue;
    }
    last->end = std::max(last->end, span.end);
    last->others = last->others || span.others || last->name != span.name;
  }
  const std::size_t gone = track.kept.size() - count;
  track.kept.resize(count);
  return gone;
}

// Every doubling is a pass over the room and the run's cycles allow 63 of them.
void SpanRecorder::make_room() {
  while (kept_spans_ > most_spans_ / 2) {
    resolution_ *= 2;
    for (auto& [name, track] : tracks_) kept_spans_ -= join_neighbours(track);
  }
}

void SpanRecorder::add_piece(std::string_view track, const Piece& piece) {
  auto found = pieces_.find(track);
  if (found == pieces_.end()) found = pieces_.emplace(track, std::vector<Piece>()).first;
  std::vector<Piece>& pieces = found->second;
  pieces.push_back(piece);
  if (pieces.size() < kMostPieces || tile_count_ >= window_->first) return;
  const auto past = [&](const Piece& one) { return one.end < whole(worked_until_); };
  pieces.erase(std::remove_if(pieces.begin(), pieces.end(), past), pieces.end());
}

std::size_t SpanRecorder::size() const {
  std::size_t size = kept_spans_;
  for (const auto& [name, buffer] : buffers_) size += buffer.held.size();
  return size;
}

std::vector<report::Span> SpanRecorder::spans() const {
  std::vector<const ByName<Track>::value_type*> order;
  for (const auto& track : tracks_) order.push_back(&track);
  std::stable_sort(order.begin(), order.end(), [](const auto* a, const auto* b) {
    return rank_of(a->first) < rank_of(b->first);
  });
  std::vector<report::Span> spans;
  spans.reserve(kept_spans_);
  for (const auto* track : order) {
    for (const Kept& span : track->second.kept) {
      spans.push_back(
          {track->first, names_[span.name] + (span.others ? " …" : ""), span.start, span.end});
    }
  }
  return spans;
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
    const auto found = pieces_.find(track);
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
