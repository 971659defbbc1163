#include "rtl/cosim/end_cases.h"

#include <algorithm>
#include <cstdlib>

#include "rtl/cosim/mac_stimulus.h"

namespace bitscale::cosim {
namespace {

/// Steps of one fold that the arrays count (StepBits of mac_array.sv).
constexpr std::int64_t kMostSteps = (std::int64_t{1} << 20) - 1;

bool output_stationary(const ArraySpec& array) {
  return array.dataflow == spec::Dataflow::OutputStationary;
}

std::int64_t end_of(const MacSpec& mac, bool upwards) {
  return upwards ? numeric::signed_max(mac.acc_bits) : numeric::signed_min(mac.acc_bits);
}

/// The greatest product above zero, or minus the least one below.
std::int64_t reach_of(const MacSpec& mac, bool upwards) {
  std::int64_t reach = 0;
  std::int64_t low = mac.weights.min_value(), high = mac.weights.max_value();
  if (mac.weights.kind == numeric::WeightEncoding::Affine) {  // zero point: any code
    low = -mac.weights.codes().max();
    high = mac.weights.codes().max();
  }
  for (const std::int64_t weight : {low, high}) {
    for (const std::int64_t act : {mac.acts.min(), mac.acts.max()}) {
      reach = std::max(reach, upwards ? weight * act : -weight * act);
    }
  }
  return reach;
}

std::int32_t read_code(std::uint16_t word, const numeric::IntegerFormat& format) {
  const std::int64_t low = word & ((1 << format.bits) - 1);
  return static_cast<std::int32_t>(format.is_signed ? numeric::wrap_to_bits(low, format.bits)
                                                    : low);
}

bool can_overflow(const ArraySpec& array, bool upwards) {
  const std::int64_t terms = output_stationary(array) ? kMostSteps : array.rows;
  return reach_of(array.mac, upwards) * terms > std::abs(end_of(array.mac, upwards));
}

/// A dot product of Rows terms that is the value beyond the end, if there is one.
std::vector<MacOperands> beyond_by_one(const ArraySpec& array, bool upwards) {
  return short_sum(array.mac, end_of(array.mac, upwards) + (upwards ? 1 : -1),
                   static_cast<std::size_t>(array.rows));
}

/// The operands as the dot product of every output of a small product.
ArrayCase case_of(const ArraySpec& array, const std::string& name,
                  const std::vector<MacOperands>& operands) {
  const auto steps = static_cast<std::int64_t>(operands.size());
  Gemm gemm{2, steps, output_stationary(array) ? 1 : array.cols, {}, {}, 0};
  gemm.zero_point = read_code(operands.front().zero_point, array.mac.weights.codes());
  for (std::int64_t pixel = 0; pixel < gemm.m; ++pixel) {
    for (const MacOperands& one : operands) gemm.acts.push_back(read_code(one.act, array.mac.acts));
  }
  for (const MacOperands& one : operands) {
    const std::int32_t code = read_code(one.weight, array.mac.weights.codes());
    gemm.weights.insert(gemm.weights.end(), static_cast<std::size_t>(gemm.n), code);
  }
  ArrayCase test{name, std::move(gemm), {}, 0, 0};
  test.folds = folds_of(array, test.gemm.m, test.gemm.k, test.gemm.n);
  test.expected_cycles = folds_cycles(array, test.folds);
  return test;
}

/// Vectors on wordlines 0 (the weight of greatest reach) and 1 (a unit) that add up to the end and
/// go over it by ones.
PimCase pim_case(const PimSpec& pim, bool upwards) {
  const numeric::IntegerFormat codes = pim.mac.weights.codes();
  // Unsigned weights fall by negative activations, signed ones by negative weights.
  const bool negative_acts = !upwards && !codes.is_signed;
  const auto weight =
      static_cast<std::int32_t>(upwards || negative_acts ? codes.max() : codes.min());
  const std::int32_t unit = upwards || negative_acts ? 1 : -1;
  const numeric::IntegerFormat format{pim.mac.acts.bits, negative_acts};
  const std::int64_t most = negative_acts ? -format.min() : format.max();

  PimCase test{upwards ? "upper end" : "lower end", {}, {}, 0};
  test.weights.assign(static_cast<std::size_t>(pim.cols), weight);
  test.weights.insert(test.weights.end(), static_cast<std::size_t>(pim.cols), unit);
  const auto add = [&](std::int64_t act, std::int64_t unit_act) {
    PimVector vector{{}, format, test.vectors.empty()};
    vector.acts.resize(static_cast<std::size_t>(pim.wordlines), 0);
    vector.acts[0] = static_cast<std::int32_t>(negative_acts ? -act : act);
    vector.acts[1] = static_cast<std::int32_t>(negative_acts ? -unit_act : unit_act);
    test.vectors.push_back(std::move(vector));
  };
  for (std::int64_t rest = std::abs(end_of(pim.mac, upwards)); rest != 0;) {
    const std::int64_t act = std::min(most, rest / std::abs(weight));
    const std::int64_t unit_act = std::min(most, rest - act * std::abs(weight));
    add(act, unit_act);
    rest -= act * std::abs(weight) + unit_act;
  }
  for (int step = 0; step < 2; ++step) add(0, 1);
  return test;
}

}  // namespace

PossibleEnds possible_ends(const ArraySpec& array) {
  PossibleEnds possible{can_overflow(array, true), can_overflow(array, false)};
  if (!output_stationary(array)) {
    possible.rise_by_one = possible.rise && !beyond_by_one(array, true).empty();
    possible.fall_by_one = possible.fall && !beyond_by_one(array, false).empty();
  }
  return possible;
}

std::vector<ArrayCase> end_cases(const ArraySpec& array) {
  std::vector<ArrayCase> cases;
  const auto add = [&](const std::string& name, const std::vector<MacOperands>& operands) {
    if (!operands.empty()) cases.push_back(case_of(array, name, operands));
  };
  for (const bool upwards : {true, false}) {
    if (!can_overflow(array, upwards)) continue;
    const std::string name = upwards ? "upper end" : "lower end";
    if (output_stationary(array)) {
      add(name, end_walk(array.mac, upwards, kMostSteps - 4));
      continue;
    }
    add(name,
        short_sum(array.mac, end_of(array.mac, upwards), static_cast<std::size_t>(array.rows)));
    add(name + " and one", beyond_by_one(array, upwards));
  }
  return cases;
}

std::vector<PimCase> end_cases(const PimSpec& pim) {
  return {pim_case(pim, true), pim_case(pim, false)};
}

}  // namespace bitscale::cosim
