#include "rtl/cosim/unit_reference.h"

#include "arch/base/error.h"

namespace bitscale::cosim {

std::int64_t unit_field(const std::uint32_t* words, int index, int bits, bool is_signed) {
  std::int64_t value = 0;
  for (int b = 0; b < bits; ++b) {
    const int position = index * bits + b;
    value |= std::int64_t{(words[position / 32] >> (position % 32)) & 1U} << b;
  }
  return is_signed ? numeric::wrap_to_bits(value, bits) : value;
}

UnitReference::UnitReference(const NamedSet& set)
    : set_(set),
      spec_(mac_spec(set)),
      module_(Module::Accumulator),
      lanes_(set.integer("Lanes", 1)),
      apart_(set.get("SumApart", 0) != 0) {
  if (set.module == "bit_serial_mac") module_ = Module::BitSerial;
  if (set.module == "decomposable_mac") module_ = Module::Decomposable;
  if (set.module == "configurable_mac") module_ = Module::Configurable;
  sums_.resize(apart_ ? 16 : 1);
  acts_.resize(static_cast<std::size_t>(lanes_));
}

void UnitReference::step(const UnitInputs& inputs, Coverage& coverage) {
  if (inputs.preload) {
    for (Sum& sum : sums_) sum = {numeric::wrap_to_bits(inputs.start, spec_.acc_bits), false};
    started_ = true;
  }
  if (!inputs.enable) return;
  switch (module_) {
    case Module::Accumulator:
      return step_accumulator(inputs, coverage);
    case Module::BitSerial:
      return step_bit_serial(inputs, coverage);
    case Module::Decomposable:
      return step_decomposable(inputs, coverage);
    case Module::Configurable:
      return step_configurable(inputs, coverage);
  }
}

void UnitReference::add(Sum& sum, std::int64_t addend, bool clear, Coverage& coverage) {
  started_ = started_ || clear;
  const std::int64_t base = clear ? 0 : sum.value;
  const auto step = numeric::accumulate(base, addend, spec_.acc_bits, spec_.policy);
  if (step.overflow) {
    coverage.count_overflow(base + addend, spec_.acc_bits);
  } else {
    coverage.count_end(step.value, spec_.acc_bits);
  }
  sum = {step.value, step.overflow || (sum.overflow && !clear)};
}

std::int64_t UnitReference::product(const UnitInputs& inputs, int index, int weight_bits,
                                    int act_bits, Coverage& coverage) const {
  const std::int64_t weight =
      unit_field(inputs.weight.data(), index, weight_bits, inputs.weight_signed);
  const std::int64_t act = unit_field(&inputs.act, index, act_bits, inputs.act_signed);
  coverage.weight.count(weight, {weight_bits, inputs.weight_signed});
  coverage.act.count(act, {act_bits, inputs.act_signed});
  return weight * act;
}

// The addend counts as the weight and has no activation beside it.
void UnitReference::step_accumulator(const UnitInputs& inputs, Coverage& coverage) {
  const int bits = set_.integer("AddendBits", 16);
  const std::int64_t addend = unit_field(inputs.weight.data(), 0, bits, true);
  coverage.weight.count(addend, {bits, true});
  add(sums_.front(), addend, inputs.clear, coverage);
}

void UnitReference::step_bit_serial(const UnitInputs& inputs, Coverage& coverage) {
  if (inputs.first) act_bits_ = 0;
  ++act_bits_;
  for (int lane = 0; lane < lanes_; ++lane) {
    const std::int64_t bit = (inputs.act >> lane) & 1U;
    std::int64_t& act = acts_[static_cast<std::size_t>(lane)];
    // The top bit of a signed activation counts negatively.
    act = inputs.first ? (inputs.act_signed ? -bit : bit) : 2 * act + bit;
  }
  if (!inputs.last) return;
  std::int64_t dot = 0;
  for (int lane = 0; lane < lanes_; ++lane) {
    const std::int64_t act = acts_[static_cast<std::size_t>(lane)];
    const std::int64_t weight =
        unit_field(inputs.weight.data(), lane, spec_.weights.bits, spec_.weights.is_signed);
    coverage.weight.count(weight, spec_.weights.codes());
    coverage.act.count(act, {act_bits_, inputs.act_signed});
    dot += weight * act;
  }
  add(sums_.front(), dot, inputs.clear, coverage);
}

void UnitReference::step_decomposable(const UnitInputs& inputs, Coverage& coverage) {
  const int weight_log = static_cast<int>(inputs.mode & 3U);
  const int act_log = static_cast<int>(inputs.mode >> 2U);
  if (weight_log == 3 || act_log == 3) return;
  const int count = 16 >> (weight_log + act_log);
  std::int64_t dot = 0;
  for (int k = 0; k < 16; ++k) {
    const std::int64_t one =
        k < count ? product(inputs, k, 2 << weight_log, 2 << act_log, coverage) : 0;
    if (apart_) add(sums_[static_cast<std::size_t>(k)], one, inputs.clear, coverage);
    dot += one;
  }
  if (!apart_) add(sums_.front(), dot, inputs.clear, coverage);
}

void UnitReference::step_configurable(const UnitInputs& inputs, Coverage& coverage) {
  const int split = static_cast<int>(inputs.mode & 3U);
  std::int64_t dot = 0;
  for (int k = 0; k < 1 << split; ++k) {
    dot += product(inputs, k, 16 >> split, 16 >> split, coverage);
  }
  add(sums_.front(), dot, inputs.clear, coverage);
}

}  // namespace bitscale::cosim
