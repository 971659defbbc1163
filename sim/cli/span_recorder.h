// Keeps what the blocks were busy with, for the timeline and the waveform of a run: the blocks' own
// spans, how many tiles each buffer holds, and when the array waits.
#ifndef BITSCALE_SIM_CLI_SPAN_RECORDER_H_
#define BITSCALE_SIM_CLI_SPAN_RECORDER_H_

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

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
  /// Beyond `most_spans` neighbouring spans are joined (report::thin_timeline). With a window, the
  /// cycles from its first tile's loads to its last one's end are kept for waveform().
  explicit SpanRecorder(std::size_t most_spans = std::numeric_limits<std::size_t>::max(),
                        std::optional<TileWindow> window = std::nullopt)
      : most_spans_(most_spans), window_(window) {}

  void span(std::string_view track, std::string_view name, double start_cycle,
            double end_cycle) override;
  void task(std::string_view name, double cycle) override;
  void tile(double start_cycle, double end_cycle) override;
  void slot(std::string_view buffer, double cycle, int change) override;

  /// Track after track: DRAM, DMA engines, buffers, arrays, post-processing, store, stalls. No two
  /// spans of a track overlap: a load that waits for the one before starts when that one ends. The
  /// stalls of a task are all its cycles in which no tile is worked on.
  std::vector<report::Span> take_spans();
  /// The window's signals: busy bits, tiles held, the number of the tile; cycles from the run's
  /// start. Throws UserError when the run has no such tiles.
  report::Waveform waveform() const;

 private:
  struct Change {
    double cycle;
    int change;
  };
  // Of a track in the window: cycles and, for buffers, tiles held.
  struct Piece {
    std::int64_t start, end, value;
  };
  void add(const std::string& track, std::string name, double start_cycle, double end_cycle,
           std::int64_t value = 1);
  void add_piece(const std::string& track, const Piece& piece);
  void close_task(double cycle);

  std::size_t most_spans_;
  std::optional<TileWindow> window_;
  std::vector<report::Span> spans_;
  std::map<std::string, double> free_at_;             ///< per track
  std::map<std::string, std::vector<Change>> slots_;  ///< per buffer, of this task
  std::int64_t window_end_ = std::numeric_limits<std::int64_t>::max();  ///< once it is known
  std::map<std::string, std::vector<Piece>> pieces_;                    ///< per track
  std::vector<Piece> tiles_;                                            ///< numbers as values
  std::vector<std::pair<std::int64_t, std::string>> tasks_;             ///< first tile and name
  std::int64_t tile_count_ = 0;
  std::string task_;
  double worked_until_ = 0;
};

}  // namespace bitscale::cli

#endif  // BITSCALE_SIM_CLI_SPAN_RECORDER_H_
