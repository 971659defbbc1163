#include "rtl/cosim/array_run.h"

#include <algorithm>

#include "arch/base/error.h"

namespace bitscale::cosim {
using spec::Dataflow;

std::int64_t pixels_of(const ArraySpec& array, const ArrayFold& fold) {
  switch (array.dataflow) {
    case Dataflow::WeightStationary:
      return fold.steps;
    case Dataflow::OutputStationary:
      return fold.rows;
    case Dataflow::InputStationary:
      break;
  }
  return fold.cols;
}

std::int64_t channels_of(const ArraySpec& array, const ArrayFold& fold) {
  return array.dataflow == Dataflow::InputStationary ? fold.steps : fold.cols;
}

std::int64_t reduction_of(const ArraySpec& array, const ArrayFold& fold) {
  return array.dataflow == Dataflow::OutputStationary ? fold.steps : fold.rows;
}

namespace {

/// Feeds the folds' operands and collects their results.
class Runner {
 public:
  Runner(ArrayModel& model, const ArraySpec& array, const Gemm& gemm,
         const std::vector<ArrayFold>& folds, ArrayProbe* probe)
      : model_(model), array_(array), gemm_(gemm), folds_(folds), probe_(probe) {
    const auto words = [](int fields, int bits) {
      return static_cast<std::size_t>((fields * bits + 31) / 32);
    };
    top_words_.resize(words(array.cols, array.top_bits()));
    left_words_.resize(words(array.rows, array.left_bits()));
    out_.resize(static_cast<std::size_t>(array.cols));
    for (const ArrayFold& fold : folds) {
      run_.sums.emplace_back(
          static_cast<std::size_t>(pixels_of(array, fold) * channels_of(array, fold)));
    }
  }

  ArrayRun run() {
    model_.set_zero_point(static_cast<std::uint32_t>(gemm_.zero_point));
    std::int64_t cycle = 0;
    bool started = false;
    for (bool working = true; working; ++cycle) {
      const ArraySignals signals = step();
      started = started || signals.busy;
      BITSCALE_INVARIANT(started, array_.name + " does not start");
      if (signals.busy) run_.cycles = cycle + 1;
      working = signals.busy || accepted_ < folds_.size();
    }
    // Sums of the last row stand below the array one cycle after busy has fallen, those of unused
    // columns later still.
    for (int c = 0; c < array_.cols; ++c) step();
    return std::move(run_);
  }

 private:
  struct Position {  // in the stream of operands or results
    std::size_t fold = 0;
    std::int64_t index = 0;
  };

  /// One cycle.
  ArraySignals step() {
    offer();
    const ArraySignals signals = model_.settle();
    const ArrayFold offered = accepted_ < folds_.size() ? folds_[accepted_] : ArrayFold{};
    if (accepted_ < folds_.size() && signals.fold_ready) ++accepted_;
    if (signals.top_ready) feed_top();
    if (signals.left_ready) feed_left();
    collect();
    if (probe_ != nullptr) {
      probe_->cycle({signals, offered, top_words_, left_words_, valid_, results_, overflow_});
    }
    model_.tick();
    return signals;
  }

  void offer() {
    if (accepted_ == folds_.size()) {
      model_.offer(0, 0, 0);
      return;
    }
    const ArrayFold& fold = folds_[accepted_];
    model_.offer(static_cast<std::uint32_t>(fold.steps), static_cast<std::uint32_t>(fold.rows),
                 static_cast<std::uint32_t>(fold.cols));
  }

  static void advance(Position& position, std::int64_t length) {
    if (++position.index == length) position = {position.fold + 1, 0};
  }

  const std::int32_t* act(std::int64_t pixel, std::int64_t reduction) const {
    return gemm_.acts.data() + pixel * gemm_.k + reduction;
  }
  const std::int32_t* weight(std::int64_t reduction, std::int64_t channel) const {
    return gemm_.weights.data() + reduction * gemm_.n + channel;
  }

  void feed_top() {
    const ArrayFold& fold = folds_[top_.fold];
    // Held operands enter bottom row first.
    const std::int64_t row = output_ ? top_.index : array_.rows - 1 - top_.index;
    const auto used = static_cast<std::size_t>(output_ || row < fold.rows ? fold.cols : 0);
    if (input_) {
      const std::int32_t* first = used != 0 ? act(fold.m0, fold.k0 + row) : nullptr;
      pack_strided(first, gemm_.k, used, array_.top_bits(), top_words_);
    } else {
      const std::int32_t* first = used != 0 ? weight(fold.k0 + row, fold.n0) : nullptr;
      pack_strided(first, 1, used, array_.top_bits(), top_words_);
    }
    model_.set_top(top_words_);
    advance(top_, output_ ? fold.steps : array_.rows);
  }

  void feed_left() {
    const ArrayFold& fold = folds_[left_.fold];
    const std::int64_t t = left_.index;
    const auto rows = static_cast<std::size_t>(fold.rows);
    if (output_) {
      pack_strided(act(fold.m0, fold.k0 + t), gemm_.k, rows, array_.left_bits(), left_words_);
    } else if (input_) {
      pack_strided(weight(fold.k0, fold.n0 + t), gemm_.n, rows, array_.left_bits(), left_words_);
    } else {
      pack_strided(act(fold.m0 + t, fold.k0), 1, rows, array_.left_bits(), left_words_);
    }
    model_.set_left(left_words_);
    advance(left_, fold.steps);
  }

  void collect() {
    model_.read_valid(valid_);
    const bool any = std::any_of(valid_.begin(), valid_.end(), [](auto word) { return word != 0; });
    if (!any && probe_ == nullptr) return;
    model_.read_results(results_, overflow_);
    for (std::int64_t c = 0; c < array_.cols; ++c) {
      const auto column = static_cast<std::size_t>(c);
      if (((valid_[column / 32] >> (column % 32)) & 1U) == 0) continue;
      Position& position = out_[column];
      const ArrayFold& fold = folds_.at(position.fold);
      // An output-stationary column gives its last row first.
      const std::int64_t t = output_ ? fold.rows - 1 - position.index : position.index;
      if (c < fold.cols) {
        const std::int64_t where = input_ ? c * fold.steps + t : t * fold.cols + c;
        const std::uint64_t bits = unpack_field(results_, column, array_.mac.acc_bits);
        run_.sums[position.fold][static_cast<std::size_t>(where)] = {
            numeric::wrap_to_bits(static_cast<std::int64_t>(bits), array_.mac.acc_bits),
            ((overflow_[column / 32] >> (column % 32)) & 1U) != 0};
        if (probe_ != nullptr) probe_->sum(position.fold, static_cast<std::size_t>(where));
      }
      advance(position, output_ ? fold.rows : fold.steps);
    }
  }

  ArrayModel& model_;
  const ArraySpec& array_;
  const Gemm& gemm_;
  const std::vector<ArrayFold>& folds_;
  ArrayProbe* probe_;
  const bool output_ = array_.dataflow == Dataflow::OutputStationary;
  const bool input_ = array_.dataflow == Dataflow::InputStationary;
  std::size_t accepted_ = 0;
  Position top_, left_;
  std::vector<Position> out_;
  std::vector<std::uint32_t> top_words_, left_words_, valid_, results_, overflow_;
  ArrayRun run_;
};

}  // namespace

std::vector<ArrayFold> folds_of(const ArraySpec& array, std::int64_t m, std::int64_t k,
                                std::int64_t n) {
  // Extents that the rows and the columns cut into tiles; the third is streamed whole.
  const bool output = array.dataflow == Dataflow::OutputStationary;
  const bool input = array.dataflow == Dataflow::InputStationary;
  const std::int64_t row_extent = output ? m : k;
  const std::int64_t col_extent = input ? m : n;
  const std::int64_t steps = output ? k : (input ? n : m);
  std::vector<ArrayFold> folds;
  for (std::int64_t c = 0; c < col_extent; c += array.cols) {
    for (std::int64_t r = 0; r < row_extent; r += array.rows) {
      ArrayFold fold;
      fold.steps = steps;
      fold.rows = std::min<std::int64_t>(array.rows, row_extent - r);
      fold.cols = std::min<std::int64_t>(array.cols, col_extent - c);
      (output ? fold.m0 : fold.k0) = r;
      (input ? fold.m0 : fold.n0) = c;
      folds.push_back(fold);
    }
  }
  return folds;
}

ArrayRun run_on_rtl(ArrayModel& model, const ArraySpec& array, const Gemm& gemm,
                    const std::vector<ArrayFold>& folds, ArrayProbe* probe) {
  BITSCALE_INVARIANT(!folds.empty(), "no folds");
  return Runner(model, array, gemm, folds, probe).run();
}

}  // namespace bitscale::cosim
