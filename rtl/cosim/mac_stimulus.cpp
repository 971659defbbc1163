#include "rtl/cosim/mac_stimulus.h"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <set>

namespace bitscale::cosim {
namespace {

constexpr int kRunLength = 3;

std::vector<std::uint16_t> corner_codes(int bits) {
  const auto top = static_cast<std::uint16_t>(1U << (bits - 1));
  const auto mask = static_cast<std::uint16_t>((1U << bits) - 1);
  std::set<std::uint16_t> codes;
  for (const int code : {0, 1, 2, top - 1, top + 0, top + 1, mask - 1, mask + 0}) {
    codes.insert(static_cast<std::uint16_t>(code & mask));
  }
  return {codes.begin(), codes.end()};
}

void append_pairs(const std::vector<std::uint16_t>& weights, const std::vector<std::uint16_t>& acts,
                  std::uint16_t zero_point, std::vector<MacOperands>& vectors) {
  for (const std::uint16_t weight : weights) {
    for (const std::uint16_t act : acts) {
      for (int i = 0; i < kRunLength; ++i) {
        vectors.push_back({weight, zero_point, act, i == 0});
      }
    }
  }
}

struct Factor {
  std::int64_t weight = 0;  ///< value, not code
  std::int64_t act = 0;
  std::int64_t product() const { return weight * act; }
};

/// The product nearest to `rest` that does not go beyond it (zero when there is none).
Factor nearest_product(const MacSpec& spec, std::int64_t rest) {
  Factor best;
  for (const std::int64_t act :
       {spec.acts.max(), spec.acts.min(), std::int64_t{1}, std::int64_t{-1}, rest, -rest}) {
    if (act == 0 || act < spec.acts.min() || act > spec.acts.max()) continue;
    std::int64_t weight =
        std::clamp(rest / act, spec.weights.min_value(), spec.weights.max_value());
    // Odd levels: step towards zero to one that has a code.
    while (weight != 0 && !spec.weights.code(weight)) weight -= weight > 0 ? 1 : -1;
    if (!spec.weights.code(weight)) continue;
    const Factor factor{weight, act};
    const bool same_side = (factor.product() > 0) == (rest > 0) && factor.product() != 0;
    if (same_side && std::abs(factor.product()) <= std::abs(rest) &&
        std::abs(factor.product()) > std::abs(best.product())) {
      best = factor;
    }
  }
  return best;
}

MacOperands operands_of(const MacSpec& spec, const Factor& factor, bool clear) {
  const std::int64_t code = spec.weights.code(factor.weight).value_or(0);
  return {static_cast<std::uint16_t>(code), static_cast<std::uint16_t>(spec.weights.zero_point),
          static_cast<std::uint16_t>(factor.act), clear};
}

/// Steps that add up to exactly `target`, or nothing.
std::vector<MacOperands> walk_to(const MacSpec& spec, std::int64_t target,
                                 std::int64_t most_steps) {
  std::vector<MacOperands> vectors;
  for (std::int64_t rest = target; rest != 0;) {
    const Factor factor = nearest_product(spec, rest);
    if (factor.product() == 0) return {};
    const std::int64_t repeats = rest / factor.product();
    if (repeats > most_steps - static_cast<std::int64_t>(vectors.size())) return {};
    for (std::int64_t i = 0; i < repeats; ++i) {
      vectors.push_back(operands_of(spec, factor, vectors.empty()));
    }
    rest -= repeats * factor.product();
  }
  return vectors;
}

/// At most `terms` of the products that add up to `rest`, the greatest first.
bool choose(const std::map<std::int64_t, Factor>& products, std::int64_t rest, std::size_t terms,
            std::vector<Factor>& chosen) {
  if (rest == 0) return true;
  if (terms == 0 || products.empty()) return false;
  const auto others = static_cast<std::int64_t>(terms - 1);
  const std::int64_t most = products.rbegin()->first;
  auto next = products.upper_bound(rest);
  while (next != products.begin()) {
    --next;
    if (rest - next->first > others * most) return false;  // what is left only grows
    chosen.push_back(next->second);
    if (choose(products, rest - next->first, terms - 1, chosen)) return true;
    chosen.pop_back();
  }
  return false;
}

std::int64_t end_of(const MacSpec& spec, bool upwards) {
  return upwards ? numeric::signed_max(spec.acc_bits) : numeric::signed_min(spec.acc_bits);
}

/// With the zero point that makes weights nearly all of one sign; a unit of the other is left, for
/// the way back, where the codes have room for it.
MacSpec leaning(MacSpec spec, bool upwards) {
  if (spec.weights.kind != numeric::WeightEncoding::Affine) return spec;
  const std::int64_t spare = spec.weights.bits > 1 ? 1 : 0;
  const bool positive = upwards || spec.acts.max() == 0;
  spec.weights.zero_point = positive ? spare : spec.weights.codes().max() - spare;
  return spec;
}

}  // namespace

std::vector<MacOperands> corner_operands() {
  std::set<std::uint16_t> codes;
  for (int bits = 1; bits <= numeric::kMaxOperandBits; ++bits) {
    codes.insert(static_cast<std::uint16_t>(1U << (bits - 1)));
    codes.insert(static_cast<std::uint16_t>((1U << (bits - 1)) - 1));
  }
  codes.insert(0xFFFF);
  codes.insert(0xFFFE);
  const std::vector<std::uint16_t> all(codes.begin(), codes.end());
  std::vector<MacOperands> vectors;
  append_pairs(all, all, 0, vectors);
  append_pairs(all, all, 0xFFFF, vectors);
  return vectors;
}

std::vector<MacOperands> corner_operands(const MacSpec& spec) {
  std::vector<MacOperands> vectors;
  append_pairs(corner_codes(spec.weights.bits), corner_codes(spec.acts.bits), 0, vectors);
  return vectors;
}

std::vector<MacOperands> end_walk(const MacSpec& spec, bool upwards, std::int64_t most_steps) {
  const MacSpec leant = leaning(spec, upwards);
  std::vector<MacOperands> walk = walk_to(leant, end_of(spec, upwards), most_steps);
  if (walk.empty()) return walk;
  const std::int64_t direction = upwards ? 1 : -1;
  for (const std::int64_t rest : {direction, direction, -direction, -direction}) {
    const Factor factor = nearest_product(leant, rest);
    if (factor.product() != 0) walk.push_back(operands_of(leant, factor, false));
  }
  return walk;
}

std::vector<MacOperands> edge_operands(const MacSpec& spec, std::int64_t most_steps) {
  std::vector<MacOperands> vectors;
  for (const bool upwards : {true, false}) {
    const std::vector<MacOperands> walk = end_walk(spec, upwards, most_steps);
    vectors.insert(vectors.end(), walk.begin(), walk.end());
  }
  return vectors;
}

std::vector<MacOperands> short_sum(const MacSpec& spec, std::int64_t target, std::size_t terms) {
  const MacSpec leant = leaning(spec, target > 0);
  std::map<std::int64_t, Factor> products;  // of the target's sign, by size
  for (std::int64_t weight = leant.weights.min_value(); weight <= leant.weights.max_value();
       ++weight) {
    if (!leant.weights.code(weight)) continue;
    for (std::int64_t act = leant.acts.min(); act <= leant.acts.max(); ++act) {
      const Factor factor{weight, act};
      if ((factor.product() > 0) == (target > 0) && factor.product() != 0) {
        products[std::abs(factor.product())] = factor;
      }
    }
  }
  std::vector<Factor> chosen;
  if (!choose(products, std::abs(target), terms, chosen)) return {};
  std::vector<MacOperands> vectors;
  vectors.reserve(chosen.size());
  for (const Factor& factor : chosen) {
    vectors.push_back(operands_of(leant, factor, vectors.empty()));
  }
  return vectors;
}

std::vector<MacOperands> preloaded_operands(const MacSpec& spec) {
  std::vector<MacOperands> vectors;
  const MacOperands clear{0, 0, 0, true};
  const auto from = [&](std::int64_t start, MacOperands operands) {
    operands.preload = true;
    operands.start = start;
    vectors.push_back(clear);
    vectors.push_back(operands);
  };
  for (const bool upwards : {true, false}) {
    const std::int64_t direction = upwards ? 1 : -1;
    const std::int64_t at = end_of(spec, upwards);
    const MacSpec leant = leaning(spec, upwards);
    const Factor one = nearest_product(leant, direction);
    const Factor most = nearest_product(leant, at);
    if (one.product() == 0) continue;  // no product of that sign
    from(at - direction, operands_of(leant, one, false));
    for (int step = 0; step < 2; ++step) vectors.push_back(operands_of(leant, one, false));
    const Factor back = nearest_product(leant, -direction);
    for (int step = 0; step < 2 && back.product() != 0; ++step) {
      vectors.push_back(operands_of(leant, back, false));
    }
    from(at, operands_of(leant, most, false));
  }
  vectors.push_back(clear);
  return vectors;
}

std::uint16_t RandomOperands::code(unsigned style) {
  const std::uint64_t word = engine_();
  const auto low = static_cast<std::uint16_t>(word);
  switch (style) {
    case 1:  // sparse
      return (word >> 60) < 12 ? std::uint16_t{0} : low;
    case 2: {  // near the corners of a random width
      const auto bit = static_cast<std::uint16_t>(1U << ((word >> 32) % 16));
      return static_cast<std::uint16_t>(bit + (word >> 62) - 2);
    }
    case 3:  // large, of one sign at every width
      return static_cast<std::uint16_t>(~low & ~(low >> 4) & ~(low >> 8));
    default:
      return low;
  }
}

MacOperands RandomOperands::next() {
  const bool clear = left_ == 0;
  if (clear) {
    const std::uint64_t word = engine_();
    style_ = static_cast<unsigned>(word % 4);
    left_ = 1 + static_cast<unsigned>((word >> 8) % 64);
    zero_point_ = static_cast<std::uint16_t>(word >> 32);
  }
  --left_;
  MacOperands operands;
  operands.weight = code(style_);
  operands.act = code(style_);
  operands.zero_point = zero_point_;
  operands.clear = clear;
  return operands;
}

}  // namespace bitscale::cosim
