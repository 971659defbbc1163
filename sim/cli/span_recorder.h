// Keeps what the blocks were busy with, for the timeline and the waveform of a run: the blocks' own
// spans, how many tiles each buffer holds, and when the array waits. The room it takes depends on
// its limit and its window, not on the number of tiles.
#ifndef BITSCALE_SIM_CLI_SPAN_RECORDER_H_
#define BITSCALE_SIM_CLI_SPAN_RECORDER_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sim/cli/held_tiles.h"
#include "sim/components/span_sink.h"
#include "sim/report/report.h"
#include "sim/report/vcd.h"

namespace bitscale::cli {

/// Tiles of a run by number over all layers, the first one 0; both ends belong to it.
struct TileWindow {
  std::int64_t first = 0, last = 0;
};

/// Reads "0..99". Throws UserError placed at `where`.
TileWindow parse_tile_window(const std::string& text, const std::string& where);

class SpanRecorder : public components::SpanSink {
 public:
  /// Beyond `most_spans`, at least 32, neighbours on a track are joined: those that together are
  /// shorter than a resolution which doubles until half the room is free. Buffers then show the
  /// mean of the tiles they hold (held_tiles.h). With a window, the cycles from its first tile's
  /// loads to its last one's end are kept as they are for waveform().
  explicit SpanRecorder(std::size_t most_spans, std::optional<TileWindow> window = std::nullopt);

  void span(std::string_view track, std::string_view name, double start_cycle,
            double end_cycle) override;
  void task(std::string_view name, double cycle) override;
  void tile(double start_cycle, double end_cycle) override;
  void slot(std::string_view buffer, double cycle, int change) override;

  /// Track after track: DRAM, DMA engines, buffers, arrays, post-processing, store, stalls. No two
  /// spans of a track overlap: a load that waits for the one before starts when that one ends. The
  /// stalls of a task are all its cycles in which no tile is worked on.
  std::vector<report::Span> spans() const;
  /// Spans that end less than this after the start of the one before may be joined; 1: none are.
  std::int64_t resolution_cycles() const { return resolution_; }
  /// Of a task a buffer shows means.
  bool has_means() const { return has_means_; }
  /// Spans and changes kept now, those of the window apart.
  std::size_t size() const;
  /// The window's signals: busy bits, tiles held, the number of the tile; cycles from the run's
  /// start. Throws UserError when the run has no such tiles.
  report::Waveform waveform() const;

 private:
  // Of a track in the window: cycles and, for buffers, tiles held.
  struct Piece {
    std::int64_t start, end, value;
  };
  struct Change {
    double cycle;
    int change;
  };
  struct Kept {
    std::int64_t start, end;
    std::size_t name;     ///< in names_, the first one of those joined
    bool others = false;  ///< of other names were joined to it
  };
  struct Track {
    std::vector<Kept> kept;
    double free_at = 0;
  };
  struct Buffer {
    HeldTiles held;
    std::vector<Change> changes;  ///< of this task, for the window
  };
  template <class Value>
  using ByName = std::map<std::string, Value, std::less<>>;

  void add(std::string_view track, std::string_view name, double start_cycle, double end_cycle);
  void keep(Track& track, const Kept& span);
  std::size_t join_neighbours(Track& track) const;
  void make_room();
  std::size_t name_index(std::string_view name, const Track& track);
  void add_piece(std::string_view track, const Piece& piece);
  void keep_change(Buffer& buffer, const Change& change);
  void add_held(const std::string& name, Buffer& buffer, double cycle);
  void add_pieces_held(const std::string& name, const Buffer& buffer, double cycle);
  void close_task(double cycle);

  std::size_t most_spans_;
  std::optional<TileWindow> window_;
  ByName<Track> tracks_;
  ByName<Buffer> buffers_;
  std::vector<std::string> names_;
  ByName<std::size_t> name_indices_;
  std::size_t kept_spans_ = 0;  ///< on all tracks
  std::int64_t resolution_ = 1;
  bool has_means_ = false;
  std::int64_t window_end_ = std::numeric_limits<std::int64_t>::max();  ///< once it is known
  ByName<std::vector<Piece>> pieces_;                                   ///< per track
  std::vector<Piece> tiles_;                                            ///< numbers as values
  std::vector<std::pair<std::int64_t, std::string>> tasks_;             ///< first tile and name
  std::int64_t tile_count_ = 0;
  std::string task_;
  double task_start_ = 0;
  double worked_until_ = 0;
};

}  // namespace bitscale::cli

#endif  // BITSCALE_SIM_CLI_SPAN_RECORDER_H_
