// The tilings the search looks at: one of the choices (choices.h) along each loop, in an order. The
// list depends on the task and the array alone.
//
// What a candidate needs and bounds on what it costs are products and sums of numbers of its
// choices alone or of two of them, so a grid keeps those, a few hundred, and the thousands of
// candidates are never written down: a sweep whose every point has another array makes a grid per
// layer and point.
#ifndef BITSCALE_SIM_MAPPING_CANDIDATES_H_
#define BITSCALE_SIM_MAPPING_CANDIDATES_H_

#include <cstdint>
#include <vector>

#include "sim/mapping/choices.h"
#include "sim/mapping/estimate.h"

namespace bitscale::mapping {

/// A tiling with what it needs and bounds on what it costs.
struct Candidate {
  Tiling tiling;
  TileSizes sizes;
  // Never more than the estimate has:
  double array_cycles = 0;
  double weight_bytes = 0;  ///< loaded when streamed
  double input_bytes = 0;
  double first_weight_bytes = 0;  ///< of the first tile
  double first_input_bytes = 0;
  double output_share = 1;  ///< one output tile of all
};

/// Columns of a grid are whole multiples of so many numbers.
inline constexpr std::size_t kGridLanes = 4;

/// How many output tiles an order of the loops keeps alive.
enum class HeldOutputs : std::uint8_t { One, PixelTrips, ChannelTrips };

/// All candidates of a task. Rows are pairs of a choice of channels and one of the reduction; a
/// row's candidates are its searched orders, in each the choices of pixels. Those are lanes of
/// columns `width()` long, the choices first, lanes that are none behind them.
class CandidateGrid {
 public:
  /// What a row's candidates share.
  struct Row {
    std::uint32_t channels = 0, reduction = 0;  ///< choices
    std::uint32_t input_line = 0;               ///< of input()
    std::uint32_t several = 0;                  ///< bit 0: trips of channels > 1, 1: of reduction
    double channel_trips = 1;
    double weight_room = 0;  ///< bytes in the buffer
    double first_weight_bytes = 0;
    /// Array cycles by pixel choice: folds · kFolds + trips · kTrips + ends · kEnds + rest.
    double by_folds = 0, by_trips = 0, by_ends = 0, rest = 0;
  };
  /// An order of the loops where such loops have several trips.
  struct Order {
    bool exists = false;               ///< for some choice of pixels
    bool loads_weights_again = false;  ///< once per tile of pixels
    HeldOutputs held = HeldOutputs::One;
  };
  // Columns by choice of pixels; of inputs, which may depend on the row; and of outputs.
  enum PixelColumn : std::size_t { kFolds, kTrips, kEnds, kPixelColumns };
  enum InputColumn : std::size_t { kBytes, kFirstBytes, kInputRoom, kExpandedRoom, kInputColumns };
  enum OutputColumn : std::size_t { kShare, kRoom, kRoomByPixels, kRoomByChannels, kSkipRooms };

  /// Keeps a reference.
  explicit CandidateGrid(const TaskContext& context);

  std::size_t width() const { return width_; }
  /// Of all weights, loaded once.
  double weight_bytes() const { return weight_bytes_; }
  const std::vector<Row>& rows() const { return rows_; }
  /// Candidates and gaps: numbers are (row · kSearchedOrders + order) · width + lane.
  std::uint32_t size() const {
    return static_cast<std::uint32_t>(rows_.size() * kSearchedOrders * width_);
  }
  bool exists(std::uint32_t number) const;
  /// Worked out without the columns.
  Candidate at(std::uint32_t number) const;
  /// Place in the order that decides ties: rows, in them choices of pixels, in those orders.
  std::uint32_t rank(std::uint32_t number) const;
  /// Equal for orders of the same tiles, less than size() / kSearchedOrders.
  std::uint32_t tiles(std::uint32_t number) const { return rank(number) / kSearchedOrders; }
  /// visit(number) for every candidate, by rank.
  template <class Visitor>
  void visit(Visitor&& visit) const {
    for (std::uint32_t rank = 0; rank < size(); ++rank) {
      const std::uint32_t tiles = rank / kSearchedOrders;
      const std::uint32_t order = rank % kSearchedOrders;
      const auto width = static_cast<std::uint32_t>(width_);
      const std::uint32_t number =
          (tiles / width * kSearchedOrders + order) * width + tiles % width;
      if (exists(number)) visit(number);
    }
  }

  const double* pixels(PixelColumn column) const { return at(pixel_columns_, column); }
  const double* input(const Row& row, InputColumn column) const {
    return at(input_columns_, row.input_line * kInputColumns + column);
  }
  /// Skip operand i has the column kSkipRooms + i.
  const double* output(const Row& row, std::size_t column) const {
    return at(output_columns_, row.channels * output_columns_each_ + column);
  }
  const Order& order(const Row& row, std::uint32_t order) const {
    return orders_[row.several * kSearchedOrders + order];
  }
  /// 1 where the inputs are loaded once per tile of channels, else 0.
  const double* loads_inputs_again(const Row& row, std::uint32_t order) const {
    return at(order_columns_, 2 * (row.several * kSearchedOrders + order));
  }
  /// Infinity where there is no candidate, else 0.
  const double* gaps(const Row& row, std::uint32_t order) const {
    return at(order_columns_, 2 * (row.several * kSearchedOrders + order) + 1);
  }
  /// Memory it takes.
  std::size_t bytes() const;

 private:
  const double* at(const std::vector<double>& columns, std::size_t column) const {
    return columns.data() + column * width_;
  }
  double* at(std::vector<double>& columns, std::size_t column) const {
    return columns.data() + column * width_;
  }
  Tiling tiling_of(const Row& row, std::size_t lane) const;
  Trips trips_of(const Row& row, std::size_t lane) const;
  double input_bytes_of(const Row& row, std::size_t lane) const;
  void fill_pixels();
  void fill_orders();
  void add_rows();
  Row row_of(std::uint32_t channels, std::uint32_t reduction) const;
  void fill_inputs(const Row& row);
  void fill_outputs(const Row& row);

  const TaskContext& context_;
  Choices choices_;
  std::size_t width_, output_columns_each_;
  double weight_bytes_ = 0, channel_bytes_ = 0;  ///< once: of all weights, of a pixel's inputs
  std::vector<Row> rows_;
  std::vector<Order> orders_;  ///< by loops with several trips
  std::vector<double> pixel_columns_, order_columns_, input_columns_, output_columns_;
};

/// The candidates in the order that decides ties.
std::vector<Candidate> candidates(const TaskContext& context);

}  // namespace bitscale::mapping

#endif  // BITSCALE_SIM_MAPPING_CANDIDATES_H_
