#include "rtl/cosim/unit_check.h"

#include <algorithm>
#include <string>

#include "arch/base/error.h"
#include "rtl/cosim/unit_reference.h"
#include "rtl/cosim/vcd.h"

namespace bitscale::cosim {
namespace {

constexpr std::size_t kWindow = 64;

bool agrees(const UnitModel& model, std::size_t unit, const UnitReference& reference) {
  const std::uint64_t mask = (std::uint64_t{1} << reference.spec().acc_bits) - 1;
  for (std::size_t k = 0; k < reference.accumulators(); ++k) {
    if (model.acc(unit, k) != (static_cast<std::uint64_t>(reference.acc(k)) & mask) ||
        model.overflow(unit, k) != reference.overflow(k)) {
      return false;
    }
  }
  return true;
}

std::string hex(std::uint32_t word) {
  constexpr const char* kDigits = "0123456789abcdef";
  std::string text;
  for (int shift = 28; shift >= 0; shift -= 4) text += kDigits[(word >> shift) & 15U];
  return text;
}

std::string describe(const UnitInputs& inputs) {
  std::string weight;
  for (std::size_t i = inputs.weight.size(); i-- > 0;) weight += hex(inputs.weight[i]);
  return "weight_i " + weight + (inputs.weight_signed ? " signed" : " unsigned") + ", act_i " +
         hex(inputs.act) + (inputs.act_signed ? " signed" : " unsigned") + ", mode " +
         std::to_string(inputs.mode) + (inputs.clear ? ", clear" : "") +
         (inputs.first ? ", first" : "") + (inputs.last ? ", last" : "") +
         (inputs.enable ? "" : ", not enabled");
}

Failure failure_of(const UnitModel& model, std::size_t unit, const UnitReference& reference,
                   const UnitInputs& inputs, std::int64_t cycle, std::uint64_t seed) {
  Failure failure;
  failure.cycle = cycle;
  failure.text = reference.set().name + ": " + reference.set().describe() + "\n  seed " +
                 std::to_string(seed) + ", cycle " + std::to_string(cycle) + ": " +
                 describe(inputs);
  const int bits = reference.spec().acc_bits;
  for (std::size_t k = 0; k < reference.accumulators(); ++k) {
    const std::int64_t rtl =
        numeric::wrap_to_bits(static_cast<std::int64_t>(model.acc(unit, k)), bits);
    if (rtl == reference.acc(k) && model.overflow(unit, k) == reference.overflow(k)) continue;
    failure.text += "\n  accumulator " + std::to_string(k) + ": expected " +
                    std::to_string(reference.acc(k)) + (reference.overflow(k) ? " overflow" : "") +
                    ", RTL " + std::to_string(rtl) + (model.overflow(unit, k) ? " overflow" : "");
  }
  return failure;
}

/// Draws a unit's cycles [first, last] from what was kept of them.
class UnitWindow {
 public:
  explicit UnitWindow(const UnitReference& reference) : vcd_(reference.set().module) {
    for (const char* name :
         {"en_i", "clear_i", "first_i", "last_i", "weight_signed_i", "act_signed_i"}) {
      vcd_.signal(name, 1);
    }
    vcd_.signal("mode_i", 4);
    for (int word = 0; word < 8; ++word) vcd_.signal("weight_i_" + std::to_string(word), 32);
    vcd_.signal("act_i", 32);
    for (std::size_t k = 0; k < reference.accumulators(); ++k) {
      const std::string index = "_" + std::to_string(k);
      vcd_.signal("acc_o" + index, reference.spec().acc_bits);
      vcd_.signal("expected_acc" + index, reference.spec().acc_bits);
      vcd_.signal("overflow_o" + index, 1);
      vcd_.signal("expected_overflow" + index, 1);
    }
  }

  void sample(const UnitInputs& inputs, const UnitModel& model, std::size_t unit,
              const UnitReference& reference) {
    const auto bit = [](bool value) { return std::uint64_t{value ? 1U : 0U}; };
    std::vector<std::uint64_t> values = {
        bit(inputs.enable),        bit(inputs.clear),      bit(inputs.first), bit(inputs.last),
        bit(inputs.weight_signed), bit(inputs.act_signed), inputs.mode};
    values.insert(values.end(), inputs.weight.begin(), inputs.weight.end());
    values.push_back(inputs.act);
    for (std::size_t k = 0; k < reference.accumulators(); ++k) {
      values.push_back(model.acc(unit, k));
      values.push_back(static_cast<std::uint64_t>(reference.acc(k)));
      values.push_back(bit(model.overflow(unit, k)));
      values.push_back(bit(reference.overflow(k)));
    }
    vcd_.sample(values);
  }

  std::string text() const { return vcd_.text(); }

 private:
  VcdWriter vcd_;
};

/// Repeats all cycles up to two after the failure; draws the last ones.
std::string draw(UnitModel& model, const UnitUnderTest& unit, const std::vector<UnitInputs>& inputs,
                 std::size_t failing) {
  UnitReference reference(unit.set);
  UnitWindow window(reference);
  Coverage unused;
  for (std::size_t i = 0; i < std::min(failing + 3, inputs.size()); ++i) {
    model.step(inputs[i]);
    reference.step(inputs[i], unused);
    if (i + kWindow >= failing) window.sample(inputs[i], model, unit.index, reference);
  }
  return window.text();
}

}  // namespace

UnitCheckReport check_units(UnitModel& model, const std::vector<UnitUnderTest>& units,
                            const std::vector<UnitInputs>& inputs, std::uint64_t seed) {
  std::vector<UnitReference> references;
  references.reserve(units.size());
  for (const UnitUnderTest& unit : units) references.emplace_back(unit.set);
  UnitCheckReport report;
  report.results.resize(units.size());
  for (const UnitInputs& now : inputs) {
    model.step(now);
    for (std::size_t u = 0; u < units.size(); ++u) {
      UnitResult& result = report.results[u];
      references[u].step(now, result.coverage);
      if (!references[u].started() || agrees(model, units[u].index, references[u])) continue;
      ++result.mismatches;
      if (result.failure) continue;
      result.failure = failure_of(model, units[u].index, references[u], now, report.cycles, seed);
    }
    ++report.cycles;
  }
  for (std::size_t u = 0; u < units.size(); ++u) {
    std::optional<Failure>& failure = report.results[u].failure;
    if (failure) {
      failure->vcd = draw(model, units[u], inputs, static_cast<std::size_t>(failure->cycle));
    }
  }
  return report;
}

}  // namespace bitscale::cosim
