#include "rtl/cosim/array_check.h"

#include <algorithm>
#include <cstdlib>

#include "arch/timing/fold.h"
#include "rtl/cosim/array_window.h"
#include "rtl/cosim/random_codes.h"

namespace bitscale::cosim {
namespace {

/// Whether no sum of `steps` products can reach the accumulator's ends, whatever the codes.
bool stays_inside(const numeric::OperandEncoding& weights, const MacSpec& mac, std::int64_t steps) {
  const std::int64_t weight = std::max(std::abs(weights.min_value()), weights.max_value());
  const std::int64_t act = std::max(std::abs(mac.acts.min()), mac.acts.max());
  return weight * act < numeric::signed_max(mac.acc_bits) / steps;
}

/// One fold, pixel by pixel; a row of channels at a time.
class FoldReference {
 public:
  FoldReference(const ArraySpec& array, const Gemm& gemm, Coverage* coverage)
      : array_(array), gemm_(gemm), weights_(array.mac.weights), coverage_(coverage) {
    weights_.zero_point = gemm.zero_point;
    for (const std::int32_t code : gemm.weights) values_.push_back(weights_.value(code));
  }

  std::vector<ArraySum> sums(const ArrayFold& fold) {
    const auto pixels = static_cast<std::size_t>(pixels_of(array_, fold));
    const auto channels = static_cast<std::size_t>(channels_of(array_, fold));
    const std::int64_t reduction = reduction_of(array_, fold);
    const bool exact = stays_inside(weights_, array_.mac, reduction);
    std::vector<ArraySum> sums(pixels * channels);
    for (std::size_t p = 0; p < pixels; ++p) {
      const std::int64_t row = (fold.m0 + static_cast<std::int64_t>(p)) * gemm_.k + fold.k0;
      const std::int32_t* acts = gemm_.acts.data() + row;
      for (std::int64_t k = 0; k < reduction; ++k) {
        const std::int64_t* values = values_.data() + (fold.k0 + k) * gemm_.n + fold.n0;
        ArraySum* out = sums.data() + p * channels;
        if (exact) {
          for (std::size_t c = 0; c < channels; ++c) out[c].value += values[c] * acts[k];
        } else {
          for (std::size_t c = 0; c < channels; ++c) add(out[c], values[c] * acts[k]);
        }
      }
    }
    if (coverage_ != nullptr) count(fold);
    return sums;
  }

 private:
  void add(ArraySum& sum, std::int64_t product) const {
    const numeric::AccumulatorStep step =
        numeric::accumulate(sum.value, product, array_.mac.acc_bits, array_.mac.policy);
    if (coverage_ != nullptr && step.overflow) {
      coverage_->count_overflow(sum.value + product, array_.mac.acc_bits);
    } else if (coverage_ != nullptr) {
      coverage_->count_end(step.value, array_.mac.acc_bits);
    }
    sum = {step.value, sum.overflow || step.overflow};
  }

  /// Every weight meets each of the fold's pixels, every activation each of its channels.
  void count(const ArrayFold& fold) const {
    const std::int64_t pixels = pixels_of(array_, fold), channels = channels_of(array_, fold);
    const numeric::IntegerFormat codes = array_.mac.weights.codes();
    for (std::int64_t k = fold.k0; k < fold.k0 + reduction_of(array_, fold); ++k) {
      for (std::int64_t c = fold.n0; c < fold.n0 + channels; ++c) {
        coverage_->weight.count(gemm_.weights[static_cast<std::size_t>(k * gemm_.n + c)], codes,
                                pixels);
      }
      for (std::int64_t p = fold.m0; p < fold.m0 + pixels; ++p) {
        coverage_->act.count(gemm_.acts[static_cast<std::size_t>(p * gemm_.k + k)], array_.mac.acts,
                             channels);
      }
    }
  }

  const ArraySpec& array_;
  const Gemm& gemm_;
  numeric::OperandEncoding weights_;
  Coverage* coverage_;
  std::vector<std::int64_t> values_;
};

std::string describe(const ArraySpec& array, const ArrayCase& test) {
  return array.mac.describe() + ", " + std::to_string(array.rows) + " x " +
         std::to_string(array.cols) + " " + std::string(spec::kDataflowNames.name(array.dataflow)) +
         (array.shadow ? " with shadow registers" : "") + "\n  " + test.name + ": " +
         std::to_string(test.gemm.m) + " x " + std::to_string(test.gemm.k) + " x " +
         std::to_string(test.gemm.n) + ", seed " + std::to_string(test.seed);
}

std::string text_of(const ArraySum& sum) {
  return std::to_string(sum.value) + (sum.overflow ? " overflow" : "");
}

/// The codes of the dot product that makes sum `index` of a fold.
std::string operands_of(const ArraySpec& array, const Gemm& gemm, const ArrayFold& fold,
                        std::int64_t index) {
  constexpr std::int64_t kMost = 64;
  const std::int64_t pixel = fold.m0 + index / channels_of(array, fold);
  const std::int64_t channel = fold.n0 + index % channels_of(array, fold);
  const std::int64_t reduction = reduction_of(array, fold);
  std::string weights, acts;
  for (std::int64_t k = fold.k0; k < fold.k0 + std::min(reduction, kMost); ++k) {
    weights += " " + std::to_string(gemm.weights[static_cast<std::size_t>(k * gemm.n + channel)]);
    acts += " " + std::to_string(gemm.acts[static_cast<std::size_t>(pixel * gemm.k + k)]);
  }
  const std::string more = reduction > kMost ? " …" : "";
  return "weight codes" + weights + more + "\n    act codes" + acts + more +
         (gemm.zero_point != 0 ? "\n    zero point " + std::to_string(gemm.zero_point) : "");
}

Failure sum_failure(ArrayModel& model, const ArraySpec& array, const ArrayCase& test,
                    const SumPosition& position, const ArraySum& expected, const ArraySum& rtl) {
  const ArrayFold& fold = test.folds[position.fold];
  const auto index = static_cast<std::int64_t>(position.index);
  ArrayWindow window(array, position, expected);
  run_on_rtl(model, array, test.gemm, test.folds, &window);
  Failure failure;
  failure.cycle = window.cycle();
  failure.vcd = window.vcd();
  failure.text = describe(array, test) + "\n  cycle " + std::to_string(failure.cycle) + ", fold " +
                 std::to_string(position.fold) + " (steps " + std::to_string(fold.steps) +
                 ", rows " + std::to_string(fold.rows) + ", cols " + std::to_string(fold.cols) +
                 "), pixel " + std::to_string(fold.m0 + index / channels_of(array, fold)) +
                 ", channel " + std::to_string(fold.n0 + index % channels_of(array, fold)) +
                 "\n    " + operands_of(array, test.gemm, fold, index) + "\n  expected " +
                 text_of(expected) + ", RTL " + text_of(rtl);
  return failure;
}

Failure cycle_failure(ArrayModel& model, const ArraySpec& array, const ArrayCase& test,
                      std::int64_t rtl_cycles) {
  ArrayWindow window(array, {test.folds.size(), 0}, {});  // no such sum: the window is the end
  run_on_rtl(model, array, test.gemm, test.folds, &window);
  return {rtl_cycles,
          describe(array, test) + "\n  " + std::to_string(test.folds.size()) + " folds: expected " +
              std::to_string(test.expected_cycles) + " cycles, RTL " + std::to_string(rtl_cycles),
          window.vcd()};
}

}  // namespace

std::vector<std::vector<ArraySum>> expected_sums(const ArraySpec& array, const Gemm& gemm,
                                                 const std::vector<ArrayFold>& folds,
                                                 Coverage* coverage) {
  FoldReference reference(array, gemm, coverage);
  std::vector<std::vector<ArraySum>> all;
  all.reserve(folds.size());
  for (const ArrayFold& fold : folds) all.push_back(reference.sums(fold));
  return all;
}

Gemm random_gemm(const ArraySpec& array, std::int64_t m, std::int64_t k, std::int64_t n,
                 std::uint64_t seed) {
  RandomCodes random(seed);
  const numeric::IntegerFormat weights = array.mac.weights.codes();
  Gemm gemm{m, k, n, random.take(m * k, array.mac.acts), random.take(k * n, weights), 0};
  if (array.mac.weights.kind == numeric::WeightEncoding::Affine) {
    gemm.zero_point = random.take(1, weights).front();
  }
  return gemm;
}

std::int64_t folds_cycles(const ArraySpec& array, const std::vector<ArrayFold>& folds) {
  std::vector<timing::Fold> same;
  same.reserve(folds.size());
  for (const ArrayFold& fold : folds) same.push_back({fold.steps, fold.rows, fold.cols});
  return timing::sequence_cycles(simulated_array(array), same);
}

Failure array_failure(ArrayModel& model, const ArraySpec& array, const ArrayCase& test,
                      std::size_t fold, std::size_t index, const ArraySum& expected,
                      const std::string& text) {
  ArrayWindow window(array, {fold, index}, expected);
  run_on_rtl(model, array, test.gemm, test.folds, &window);
  std::string what = describe(array, test) + "\n  " + text;
  if (fold < test.folds.size()) {
    what += "\n    cycle " + std::to_string(window.cycle()) + ", fold " + std::to_string(fold) +
            "\n    " +
            operands_of(array, test.gemm, test.folds[fold], static_cast<std::int64_t>(index));
  }
  return {window.cycle(), what, window.vcd()};
}

ArrayCheck check_array(ArrayModel& model, const ArraySpec& array, const ArrayCase& test) {
  ArrayCheck check;
  check.run = run_on_rtl(model, array, test.gemm, test.folds);
  const auto expected = expected_sums(array, test.gemm, test.folds, &check.coverage);
  for (std::size_t f = 0; f < test.folds.size(); ++f) {
    const ArrayFold& fold = test.folds[f];
    check.macs += fold.steps * fold.rows * fold.cols;
    for (std::size_t i = 0; i < expected[f].size(); ++i) {
      if (expected[f][i] == check.run.sums[f][i]) continue;
      ++check.mismatches;
      if (check.failure) continue;
      check.failure = sum_failure(model, array, test, {f, i}, expected[f][i], check.run.sums[f][i]);
    }
  }
  if (check.run.cycles != test.expected_cycles) {
    ++check.mismatches;
    if (!check.failure) check.failure = cycle_failure(model, array, test, check.run.cycles);
  }
  return check;
}

}  // namespace bitscale::cosim
