#include "rtl/cosim/unit_model.h"

#include <gtest/gtest.h>

#include <random>

#include "tests/rtl/cosim/support.h"

namespace bitscale::cosim {
namespace {

// Field `index` of `bits` bits of a packed bus, as a signed or unsigned number.
std::int64_t field(const std::uint32_t* words, int index, int bits, bool is_signed) {
  std::int64_t value = 0;
  for (int b = 0; b < bits; ++b) {
    const int position = index * bits + b;
    value |= std::int64_t{(words[position / 32] >> (position % 32)) & 1U} << b;
  }
  return is_signed ? numeric::wrap_to_bits(value, bits) : value;
}

/// One accumulator of arch/numeric beside one of the RTL.
struct Reference {
  std::int64_t acc = 0;
  bool overflow = false;

  void add(std::int64_t addend, bool clear, const MacSpec& spec) {
    const auto step = numeric::accumulate(clear ? 0 : acc, addend, spec.acc_bits, spec.policy);
    acc = step.value;
    overflow = step.overflow || (overflow && !clear);
  }
};

class RtlUnits : public testing::Test {
 protected:
  void SetUp() override {
    BITSCALE_REQUIRE_RTL_MODELS();
    model = make_unit_bank();
    sets = unit_sets();
  }

  UnitInputs random_inputs() {
    UnitInputs inputs;
    for (std::uint32_t& word : inputs.weight) word = static_cast<std::uint32_t>(engine());
    inputs.act = static_cast<std::uint32_t>(engine());
    inputs.weight_signed = engine() % 2 == 0;
    inputs.act_signed = engine() % 2 == 0;
    inputs.enable = engine() % 8 != 0;
    inputs.clear = engine() % 16 == 0;
    return inputs;
  }

  void expect(std::size_t unit, std::size_t index, const Reference& reference) {
    const int bits = sets[unit].integer("AccBits", 0);
    const std::uint64_t mask = (std::uint64_t{1} << bits) - 1;
    EXPECT_EQ(model->acc(unit, index), static_cast<std::uint64_t>(reference.acc) & mask)
        << sets[unit].name;
    EXPECT_EQ(model->overflow(unit, index), reference.overflow) << sets[unit].name;
  }

  /// Calls check(unit, spec) for the units of a module.
  template <class Check>
  void for_units(const std::string& module, Check check) {
    int found = 0;
    for (std::size_t unit = 0; unit < sets.size(); ++unit) {
      if (sets[unit].module != module) continue;
      check(unit, mac_spec(sets[unit]));
      ++found;
    }
    EXPECT_GT(found, 0);
  }

  std::unique_ptr<UnitModel> model;
  std::vector<NamedSet> sets;
  std::mt19937_64 engine{3};
};

TEST_F(RtlUnits, NarrowAccumulatorAddsAnyAddend) {
  std::vector<Reference> references(sets.size());
  for (int i = 0; i < 20000; ++i) {
    UnitInputs inputs = random_inputs();
    inputs.enable = inputs.enable || i == 0;
    inputs.clear = inputs.clear || i == 0;
    model->step(inputs);
    for_units("narrow_accumulator", [&](std::size_t unit, const MacSpec& spec) {
      const int bits = sets[unit].integer("AddendBits", 0);
      if (inputs.enable) {
        references[unit].add(field(inputs.weight.data(), 0, bits, true), inputs.clear, spec);
      }
      expect(unit, 0, references[unit]);
    });
    if (HasFailure()) return;
  }
}

TEST_F(RtlUnits, BitSerialTakesEveryActivationWidth) {
  std::vector<Reference> references(sets.size());
  for (int i = 0; i < 3000; ++i) {
    UnitInputs inputs = random_inputs();
    inputs.clear = inputs.clear || i == 0;
    const int act_bits = 1 + i % 16;
    std::vector<std::int64_t> acts(16);
    for (std::int64_t& act : acts) {
      act = numeric::wrap_to_bits(static_cast<std::int64_t>(engine() >> 8), act_bits);
      if (!inputs.act_signed) act &= (std::int64_t{1} << act_bits) - 1;
    }
    for (int bit = act_bits - 1; bit >= 0; --bit) {
      inputs.enable = true;
      inputs.first = bit == act_bits - 1;
      inputs.last = bit == 0;
      inputs.act = 0;
      for (std::size_t lane = 0; lane < 16; ++lane) {
        inputs.act |= static_cast<std::uint32_t>((acts[lane] >> bit) & 1) << lane;
      }
      model->step(inputs);
      if (engine() % 4 == 0) {  // a pause between two bits
        UnitInputs pause = random_inputs();
        pause.enable = false;
        model->step(pause);
      }
    }
    for_units("bit_serial_mac", [&](std::size_t unit, const MacSpec& spec) {
      std::int64_t dot = 0;
      for (int lane = 0; lane < sets[unit].integer("Lanes", 1); ++lane) {
        dot += acts[static_cast<std::size_t>(lane)] *
               field(inputs.weight.data(), lane, spec.weights.bits, spec.weights.is_signed);
      }
      references[unit].add(dot, inputs.clear, spec);
      expect(unit, 0, references[unit]);
    });
    if (HasFailure()) return;
  }
}

TEST_F(RtlUnits, DecomposableFusesEveryMixOfWidths) {
  std::vector<std::vector<Reference>> references(sets.size(), std::vector<Reference>(16));
  for (int i = 0; i < 20000; ++i) {
    UnitInputs inputs = random_inputs();
    inputs.enable = inputs.enable || i == 0;
    inputs.clear = inputs.clear || i == 0;
    const int weight_log = (i / 7) % 3;
    const int act_log = (i / 21) % 3;
    inputs.mode = static_cast<unsigned>(act_log * 4 + weight_log);
    model->step(inputs);
    if (!inputs.enable) continue;
    std::vector<std::int64_t> products(16, 0);
    std::int64_t sum = 0;
    for (int k = 0; k < 16 >> (weight_log + act_log); ++k) {
      products[static_cast<std::size_t>(k)] =
          field(inputs.weight.data(), k, 2 << weight_log, inputs.weight_signed) *
          field(&inputs.act, k, 2 << act_log, inputs.act_signed);
      sum += products[static_cast<std::size_t>(k)];
    }
    for_units("decomposable_mac", [&](std::size_t unit, const MacSpec& spec) {
      const bool apart = sets[unit].get("SumApart", 0) != 0;
      for (std::size_t k = 0; k < (apart ? 16U : 1U); ++k) {
        references[unit][k].add(apart ? products[k] : sum, inputs.clear, spec);
        expect(unit, k, references[unit][k]);
      }
    });
    if (HasFailure()) return;
  }
}

TEST_F(RtlUnits, ConfigurableSplitsInEveryWay) {
  std::vector<Reference> references(sets.size());
  for (int i = 0; i < 20000; ++i) {
    UnitInputs inputs = random_inputs();
    inputs.enable = inputs.enable || i == 0;
    inputs.clear = inputs.clear || i == 0;
    const int split = (i / 5) % 4;
    inputs.mode = static_cast<unsigned>(split);
    model->step(inputs);
    std::int64_t sum = 0;
    for (int k = 0; k < 1 << split; ++k) {
      sum += field(inputs.weight.data(), k, 16 >> split, inputs.weight_signed) *
             field(&inputs.act, k, 16 >> split, inputs.act_signed);
    }
    for_units("configurable_mac", [&](std::size_t unit, const MacSpec& spec) {
      if (inputs.enable) references[unit].add(sum, inputs.clear, spec);
      expect(unit, 0, references[unit]);
    });
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace bitscale::cosim
