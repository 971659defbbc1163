// What the units are tried on (unit_inputs and append_serial of unit_check.h).
#include <algorithm>
#include <random>

#include "rtl/cosim/unit_check.h"

namespace bitscale::cosim {
namespace {

constexpr int kMostLanes = 16;
constexpr unsigned kRestingMode = 15;  // the decomposable unit does nothing

constexpr int kAccBits[] = {8, 12, 16, 24, 32, 40, 48};  // of the named unit sets
constexpr int kAddendBits[] = {8, 17, 24, 32};           // of the named narrow_accumulator sets

/// Every field of `bits` bits of the buses holds `code`.
void fill(UnitInputs& inputs, int bits, std::uint32_t weight, std::uint32_t act) {
  const std::uint64_t mask = (std::uint64_t{1} << bits) - 1;
  for (std::uint32_t& word : inputs.weight) word = 0;
  inputs.act = 0;
  for (int at = 0; at < 256; at += bits) {
    const std::uint64_t field = (weight & mask) << (at % 32);
    const auto word = static_cast<std::size_t>(at / 32);
    inputs.weight[word] |= static_cast<std::uint32_t>(field);
    if (word + 1 < inputs.weight.size()) {
      inputs.weight[word + 1] |= static_cast<std::uint32_t>(field >> 32U);
    }
    if (at < 32) inputs.act |= static_cast<std::uint32_t>((act & mask) << at);
  }
}

/// The corner codes of a width: 0, −1 (the greatest unsigned), least and greatest signed.
std::vector<std::uint32_t> corners(int bits) {
  const std::uint32_t top = std::uint32_t{1} << (bits - 1);
  return {0, top - 1, top, top | (top - 1)};
}

class Corners {
 public:
  explicit Corners(std::vector<UnitInputs>& all) : all_(all) {}

  /// Every pair of corners of the fields of `bits` bits, signed and unsigned, summed up long enough
  /// to leave a narrow accumulator. A clear begins each run.
  void append(int bits) {
    for (const std::uint32_t weight : corners(bits)) {
      for (const std::uint32_t act : corners(bits)) {
        for (unsigned signs = 0; signs < 4; ++signs) {
          UnitInputs inputs;
          fill(inputs, bits, weight, act);
          inputs.weight_signed = (signs & 1U) != 0;
          inputs.act_signed = (signs & 2U) != 0;
          append_modes(inputs);
          append_bits(inputs, act, bits);
        }
      }
    }
  }

  /// The corners of addends, for the accumulators: each added up until narrow ones overflow.
  void append_addends() {
    for (const int bits : kAddendBits) {
      for (const std::uint32_t addend : corners(bits)) {
        UnitInputs inputs;
        inputs.enable = inputs.first = inputs.last = true;
        inputs.weight[0] = addend;
        for (int repeat = 0; repeat < 20; ++repeat) {
          inputs.clear = repeat == 0;
          all_.push_back(inputs);
        }
      }
    }
  }

  /// Sums that begin one step from an end of an accumulator and go over it by ones (the
  /// decomposable unit in 2 x 2, the configurable one in 16 x 16, one serial bit), every lane alike
  /// or lane 0 alone.
  void append_ends() {
    constexpr std::uint32_t kOnes = ~std::uint32_t{0};
    constexpr std::uint32_t kEvery2Bits = 0x55555555U;
    for (const int acc_bits : kAccBits) {
      const std::int64_t top = (std::int64_t{1} << (acc_bits - 1)) - 1;
      append_ends(top - 1, 1, 1, false);                      // + 1
      append_ends(-top, kOnes, 1, false);                     // - 1 · 1
      append_ends(-top, 1, 1, true);                          // 1 · - 1 of one signed bit
      append_ends(top - 1, kEvery2Bits, kEvery2Bits, false);  // + 1 in every 2-bit field
      append_ends(-top, kOnes, kEvery2Bits, false);
    }
  }

 private:
  void append_ends(std::int64_t start, std::uint32_t weight, std::uint32_t act, bool act_signed) {
    UnitInputs inputs;
    inputs.enable = inputs.first = inputs.last = true;
    inputs.clear = true;
    all_.push_back(inputs);
    inputs.clear = false;
    inputs.preload = true;
    inputs.start = start;
    inputs.weight_signed = true;
    inputs.act_signed = act_signed;
    inputs.weight.fill(weight);
    inputs.act = act;
    for (int step = 0; step < 3; ++step) {
      all_.push_back(inputs);
      inputs.preload = false;
    }
    inputs.clear = true;
    all_.push_back(inputs);
  }

  void append_modes(UnitInputs inputs) {
    inputs.enable = true;
    inputs.first = inputs.last = true;
    for (unsigned mode = 0; mode < 11; ++mode) {
      inputs.mode = mode;
      for (int repeat = 0; repeat < 4; ++repeat) {
        inputs.clear = repeat == 0;
        all_.push_back(inputs);
      }
    }
  }

  void append_bits(UnitInputs inputs, std::uint32_t act, int bits) {
    inputs.mode = kRestingMode;
    for (int repeat = 0; repeat < 3; ++repeat) {
      inputs.clear = repeat == 0;
      append_serial(inputs, std::vector<std::int64_t>(kMostLanes, act), bits, all_);
    }
  }

  std::vector<UnitInputs>& all_;
};

UnitInputs random_inputs(std::mt19937_64& engine) {
  UnitInputs inputs;
  for (std::uint32_t& word : inputs.weight) word = static_cast<std::uint32_t>(engine());
  inputs.act = static_cast<std::uint32_t>(engine());
  inputs.weight_signed = engine() % 2 == 0;
  inputs.act_signed = engine() % 2 == 0;
  inputs.enable = engine() % 8 != 0;
  inputs.clear = engine() % 16 == 0;
  return inputs;
}

}  // namespace

void append_serial(const UnitInputs& inputs, const std::vector<std::int64_t>& acts, int act_bits,
                   std::vector<UnitInputs>& all) {
  UnitInputs now = inputs;
  now.enable = true;
  for (int bit = act_bits - 1; bit >= 0; --bit) {
    now.first = bit == act_bits - 1;
    now.last = bit == 0;
    now.act = 0;
    for (std::size_t lane = 0; lane < std::min<std::size_t>(acts.size(), 32); ++lane) {
      now.act |= static_cast<std::uint32_t>((acts[lane] >> bit) & 1) << lane;
    }
    all.push_back(now);
  }
}

std::vector<UnitInputs> unit_inputs(std::int64_t cycles, std::uint64_t seed) {
  std::vector<UnitInputs> all;
  Corners corner(all);
  for (const int bits : {1, 2, 3, 4, 8, 16}) corner.append(bits);
  corner.append_addends();
  corner.append_ends();
  std::mt19937_64 engine(seed);
  for (std::int64_t i = 0; static_cast<std::int64_t>(all.size()) < cycles; ++i) {
    UnitInputs inputs = random_inputs(engine);
    inputs.clear = inputs.clear || i == 0;
    inputs.enable = inputs.enable || i == 0;
    if (i % 4 == 0) {  // operands in series, now and then with a pause between two bits
      const int act_bits = 1 + static_cast<int>(engine() % 16);
      std::vector<std::int64_t> acts(kMostLanes);
      for (std::int64_t& act : acts) act = static_cast<std::int64_t>(engine() & 0xFFFFU);
      std::vector<UnitInputs> bits;
      inputs.mode = static_cast<unsigned>(engine() % 11);
      append_serial(inputs, acts, act_bits, bits);
      for (const UnitInputs& bit : bits) {
        all.push_back(bit);
        if (engine() % 4 != 0) continue;
        all.push_back(random_inputs(engine));
        all.back().enable = false;
      }
    } else {
      inputs.mode = static_cast<unsigned>(engine() % 11);
      inputs.first = inputs.last = true;
      all.push_back(inputs);
    }
  }
  return all;
}

}  // namespace bitscale::cosim
