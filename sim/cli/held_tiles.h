// How many tiles a buffer holds over one task, in room that does not grow with the task: every
// change up to a limit, beyond it the exact mean in each of a fixed number of time bins whose width
// doubles whenever the task outgrows them.
#ifndef BITSCALE_SIM_CLI_HELD_TILES_H_
#define BITSCALE_SIM_CLI_HELD_TILES_H_

#include <cstddef>
#include <vector>

namespace bitscale::cli {

class HeldTiles {
 public:
  /// Room for `most_changes` changes, at least 4; bins are a quarter of that.
  explicit HeldTiles(std::size_t most_changes);

  /// Nothing is held from `cycle` on.
  void start(double cycle);
  /// In any order of time, not before the start.
  void change(double cycle, int by);

  struct Piece {
    double start_cycle = 0, end_cycle = 0;
    double tiles = 0;  ///< above 0; to a tenth of a tile where it is a mean
  };
  /// In order of time up to `end_cycle`, neighbours of one value joined.
  std::vector<Piece> pieces(double end_cycle) const;

  /// Changes did not fit: the pieces are means.
  bool has_means() const { return !bins_.empty(); }
  /// Changes and bins kept now.
  std::size_t size() const { return changes_.size() + bins_.size(); }

 private:
  struct Change {
    double cycle;
    int by;
  };
  // Changes of a bin: their sum, and the sum of change × cycles from the bin's start.
  struct Bin {
    double sum = 0, moment = 0;
  };
  void put_in_bin(const Change& change);
  void double_width();
  std::vector<Piece> exact_pieces(double end_cycle) const;
  std::vector<Piece> mean_pieces(double end_cycle) const;

  std::size_t most_changes_;
  double begin_ = 0;
  double width_ = 1;  ///< cycles of a bin
  std::vector<Change> changes_;
  std::vector<Bin> bins_;  ///< empty while the changes fit
};

}  // namespace bitscale::cli

#endif  // BITSCALE_SIM_CLI_HELD_TILES_H_
