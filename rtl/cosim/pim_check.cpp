#include "rtl/cosim/pim_check.h"

#include "arch/base/error.h"
#include "rtl/cosim/pim_window.h"

namespace bitscale::cosim {
namespace {

void count_operands(const PimSpec& pim, const PimCase& test, Coverage& coverage) {
  const auto vectors = static_cast<std::int64_t>(test.vectors.size());
  for (const std::int32_t code : test.weights) {
    coverage.weight.count(code, pim.mac.weights.codes(), vectors);
  }
  for (const PimVector& vector : test.vectors) {
    for (const std::int32_t code : vector.acts) {
      coverage.act.count(code, vector.format, pim.cols);
    }
  }
}

/// Steps that overflow or meet an end, told from the expected sums: a step overflows when its exact
/// sum does not fit.
void count_ends(const PimSpec& pim, const PimCase& test,
                const std::vector<std::vector<ArraySum>>& expected, Coverage& coverage) {
  const auto cols = static_cast<std::size_t>(pim.cols);
  for (std::size_t v = 0; v < expected.size(); ++v) {
    for (std::size_t c = 0; c < cols; ++c) {
      if (!expected[v][c].overflow) {
        coverage.count_end(expected[v][c].value, pim.mac.acc_bits);
        continue;
      }
      const PimVector& vector = test.vectors[v];
      std::int64_t sum = vector.clear || v == 0 ? 0 : expected[v - 1][c].value;
      for (std::size_t w = 0; w < test.weights.size() / cols; ++w) {
        sum += std::int64_t{vector.acts[w]} * test.weights[w * cols + c];
      }
      if (numeric::fits_signed(sum, pim.mac.acc_bits)) {
        coverage.count_end(sum, pim.mac.acc_bits);
      } else {
        coverage.count_overflow(sum, pim.mac.acc_bits);
      }
    }
  }
}

std::string describe(const PimSpec& pim, const PimCase& test) {
  return pim.mac.describe() + ", " + std::to_string(pim.wordlines) + " wordlines x " +
         std::to_string(pim.cols) + " columns, slices of " + std::to_string(pim.slice_bits) +
         " bits, " + std::to_string(pim.bits_per_cell) + " per cell, col_mux " +
         std::to_string(pim.col_mux) + (pim.skip_zero_planes ? ", zero planes skipped" : "") +
         (pim.sign == numeric::SliceSign::Offset ? ", weights with an offset" : "") + "\n  " +
         test.name + ": " + std::to_string(test.vectors.size()) + " vectors, seed " +
         std::to_string(test.seed);
}

std::string text_of(const ArraySum& sum) {
  return std::to_string(sum.value) + (sum.overflow ? " overflow" : "");
}

std::string operands_of(const PimSpec& pim, const PimCase& test, std::size_t vector,
                        std::size_t column) {
  std::string weights, acts;
  const auto cols = static_cast<std::size_t>(pim.cols);
  for (std::size_t w = 0; w < test.weights.size() / cols; ++w) {
    weights += " " + std::to_string(test.weights[w * cols + column]);
    acts += " " + std::to_string(test.vectors[vector].acts[w]);
  }
  const numeric::IntegerFormat format = test.vectors[vector].format;
  return "vector " + std::to_string(vector) + (test.vectors[vector].clear ? " (clear)" : "") +
         " of " + std::to_string(format.bits) + (format.is_signed ? " signed" : " unsigned") +
         " bits, column " + std::to_string(column) + "\n    weights" + weights + "\n    acts" +
         acts;
}

Failure sum_failure(PimModel& model, const PimSpec& pim, const PimCase& test, std::size_t vector,
                    std::size_t column, const ArraySum& expected, const ArraySum& rtl) {
  PimWindow window(pim, vector, column, expected);
  model.run(test.vectors, &window);
  return {window.cycle(),
          describe(pim, test) + "\n  cycle " + std::to_string(window.cycle()) + ", " +
              operands_of(pim, test, vector, column) + "\n  expected " + text_of(expected) +
              ", RTL " + text_of(rtl),
          window.vcd()};
}

}  // namespace

PimCheck check_pim(PimModel& model, const PimSpec& pim, const PimCase& test) {
  BITSCALE_INVARIANT(test.vectors.empty() || test.vectors.front().clear, "starts new sums");
  PimCheck check;
  const std::int64_t written = model.write(test.weights);
  check.run = model.run(test.vectors);
  check.run.write_cycles = written;
  check.rtl_cycles = written + check.run.compute_cycles;
  check.expected_cycles = static_cast<std::int64_t>(test.weights.size()) / pim.cols +
                          pim_compute_cycles(pim, test.vectors);
  const auto expected = expected_pim_sums(pim, test.weights, test.vectors);
  count_operands(pim, test, check.coverage);
  count_ends(pim, test, expected, check.coverage);
  for (std::size_t v = 0; v < expected.size(); ++v) {
    check.macs += static_cast<std::int64_t>(test.weights.size());
    for (std::size_t c = 0; c < expected[v].size(); ++c) {
      if (expected[v][c] == check.run.sums[v][c]) continue;
      ++check.mismatches;
      if (check.failure) continue;
      check.failure = sum_failure(model, pim, test, v, c, expected[v][c], check.run.sums[v][c]);
    }
  }
  if (check.rtl_cycles == check.expected_cycles) return check;
  ++check.mismatches;
  if (check.failure) return check;
  PimWindow window(pim, test.vectors.size(), 0, {});  // no such sum: the window is the end
  model.run(test.vectors, &window);
  check.failure =
      Failure{check.rtl_cycles,
              describe(pim, test) + "\n  expected " + std::to_string(check.expected_cycles) +
                  " cycles, RTL " + std::to_string(check.rtl_cycles),
              window.vcd()};
  return check;
}

Failure pim_failure(PimModel& model, const PimSpec& pim, const PimCase& test, std::size_t vector,
                    std::size_t column, const ArraySum& expected, const std::string& text) {
  model.write(test.weights);
  PimWindow window(pim, vector, column, expected);
  model.run(test.vectors, &window);
  std::string what = describe(pim, test) + "\n  " + text;
  if (vector < test.vectors.size()) {
    what += "\n    cycle " + std::to_string(window.cycle()) + ", " +
            operands_of(pim, test, vector, column);
  }
  return {window.cycle(), what, window.vcd()};
}

}  // namespace bitscale::cosim
