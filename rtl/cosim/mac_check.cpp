#include "rtl/cosim/mac_check.h"

#include <algorithm>
#include <set>
#include <string>

#include "arch/base/error.h"
#include "rtl/cosim/mac_stimulus.h"
#include "rtl/cosim/vcd.h"

namespace bitscale::cosim {
namespace {

/// Accumulator ends this near are walked to whatever the vectors asked for.
constexpr std::int64_t kLeastWalk = 140;
/// Every MAC of a bank runs the walks of all the others: none is longer than this.
constexpr std::int64_t kMostSharedWalk = 1000000;

/// `code`'s low bits as the format reads them.
std::int64_t read_code(std::uint16_t code, const numeric::IntegerFormat& format) {
  const std::int64_t low = code & ((1 << format.bits) - 1);
  return format.is_signed ? numeric::wrap_to_bits(low, format.bits) : low;
}

/// One MAC as arch/numeric has it.
class Reference {
 public:
  explicit Reference(const MacSpec& spec) : spec_(spec), codes_(spec.weights.codes()) {}

  void step(const MacOperands& operands, Coverage& coverage) {
    if (spec_.weights.kind == numeric::WeightEncoding::Affine) {
      spec_.weights.zero_point = read_code(operands.zero_point, codes_);
    }
    const std::int64_t weight = read_code(operands.weight, codes_);
    const std::int64_t act = read_code(operands.act, spec_.acts);
    if (operands.preload) {
      acc_ = numeric::wrap_to_bits(operands.start, spec_.acc_bits);
      overflow_ = false;
    }
    const std::int64_t base = operands.clear ? 0 : acc_;
    const std::int64_t product = spec_.weights.value(weight) * act;
    const numeric::AccumulatorStep step =
        numeric::accumulate(base, product, spec_.acc_bits, spec_.policy);
    acc_ = step.value;
    overflow_ = step.overflow || (overflow_ && !operands.clear);
    coverage.weight.count(weight, codes_);
    coverage.act.count(act, spec_.acts);
    if (step.overflow) {
      coverage.count_overflow(base + product, spec_.acc_bits);
    } else {
      coverage.count_end(step.value, spec_.acc_bits);
    }
  }

  std::int64_t acc() const { return acc_; }
  bool overflow() const { return overflow_; }
  const MacSpec& spec() const { return spec_; }

 private:
  MacSpec spec_;
  numeric::IntegerFormat codes_;
  std::int64_t acc_ = 0;
  bool overflow_ = false;
};

std::int64_t rtl_acc(const MacModel& model, std::size_t index, int bits) {
  return numeric::wrap_to_bits(static_cast<std::int64_t>(model.acc(index)), bits);
}

bool agrees(const MacModel& model, std::size_t index, const Reference& reference) {
  // The whole word is compared: bits above the accumulator's must be zero.
  const std::uint64_t mask = (std::uint64_t{1} << reference.spec().acc_bits) - 1;
  return model.acc(index) == (static_cast<std::uint64_t>(reference.acc()) & mask) &&
         (!model.has_overflow() || model.overflow(index) == reference.overflow());
}

/// Vectors drawn before the failing one, at most.
constexpr std::size_t kWindow = 64;

/// Repeats the sum that fails at vector `failing` and draws it. The sum is run from its start; what
/// lies more than kWindow vectors back is not drawn.
std::string draw(MacModel& model, const MacUnderTest& mac, const std::vector<MacOperands>& vectors,
                 std::size_t failing) {
  const MacSpec& spec = mac.spec;
  std::size_t first = failing;
  // A preload's cycle before clears, so that nothing of an earlier sum is asserted about.
  while (first > 0 && !vectors[first].clear) --first;
  const std::size_t last = std::min(failing + 2, vectors.size() - 1);
  VcdWriter vcd("mac");
  vcd.signal("clear_i", 1);
  vcd.signal("weight_i", spec.weights.bits);
  vcd.signal("zero_point_i", spec.weights.bits);
  vcd.signal("act_i", spec.acts.bits);
  vcd.signal("acc_o", spec.acc_bits);
  vcd.signal("overflow_o", 1);
  vcd.signal("expected_acc", spec.acc_bits);
  vcd.signal("expected_overflow", 1);
  Reference reference(spec);
  Coverage unused;
  for (std::size_t i = first; i <= last + model.delay(); ++i) {
    model.step(vectors[std::min(i, last)]);
    if (i < first + model.delay()) continue;
    const MacOperands& operands = vectors[i - model.delay()];
    reference.step(operands, unused);
    if (i - model.delay() + kWindow < failing) continue;
    vcd.sample({operands.clear ? 1U : 0U, operands.weight, operands.zero_point, operands.act,
                model.acc(mac.index), model.has_overflow() && model.overflow(mac.index) ? 1U : 0U,
                static_cast<std::uint64_t>(reference.acc()), reference.overflow() ? 1U : 0U});
  }
  return vcd.text();
}

/// The codes that reach the ports and what they stand for: "weight code 9 (-7), act code 13 (13)".
std::string operands_text(const MacSpec& spec, const MacOperands& operands) {
  numeric::OperandEncoding weights = spec.weights;
  const numeric::IntegerFormat codes = weights.codes();
  const auto port = [](std::uint16_t word, int bits) {
    return std::to_string(word & ((1U << bits) - 1));
  };
  std::string zero_point;
  if (weights.kind == numeric::WeightEncoding::Affine) {
    weights.zero_point = read_code(operands.zero_point, codes);
    zero_point = ", zero point " + port(operands.zero_point, codes.bits);
  }
  return "weight code " + port(operands.weight, codes.bits) + " (" +
         std::to_string(weights.value(read_code(operands.weight, codes))) + ")" + zero_point +
         ", act code " + port(operands.act, spec.acts.bits) + " (" +
         std::to_string(read_code(operands.act, spec.acts)) + ")" +
         (operands.clear ? ", clear" : "") +
         (operands.preload ? ", sum set to " + std::to_string(numeric::wrap_to_bits(operands.start,
                                                                                    spec.acc_bits))
                           : "");
}

Failure failure_of(const MacModel& model, std::size_t index, const Reference& reference,
                   const MacOperands& operands, std::size_t cycle, std::uint64_t seed) {
  Failure failure;
  failure.cycle = static_cast<std::int64_t>(cycle);
  const MacSpec& spec = reference.spec();
  failure.text = spec.describe() + "\n  seed " + std::to_string(seed) + ", cycle " +
                 std::to_string(cycle) + ": " + operands_text(spec, operands) + "\n  expected " +
                 std::to_string(reference.acc()) + (reference.overflow() ? " overflow" : "") +
                 ", RTL " + std::to_string(rtl_acc(model, index, spec.acc_bits)) +
                 (model.has_overflow() && model.overflow(index) ? " overflow" : "");
  return failure;
}

}  // namespace

std::int64_t MacCheckReport::mismatches() const {
  std::int64_t sum = 0;
  for (const MacResult& result : results) sum += result.mismatches;
  return sum;
}

MacCheckReport check_macs(MacModel& model, const std::vector<MacUnderTest>& macs,
                          const std::vector<MacOperands>& vectors, std::uint64_t seed) {
  BITSCALE_INVARIANT(vectors.empty() || vectors.front().clear, "the first vector starts a sum");
  std::vector<Reference> references;
  references.reserve(macs.size());
  for (const MacUnderTest& mac : macs) references.emplace_back(mac.spec);
  MacCheckReport report;
  report.results.resize(macs.size());
  for (std::size_t i = 0; i < vectors.size() + model.delay() && !vectors.empty(); ++i) {
    model.step(vectors[std::min(i, vectors.size() - 1)]);
    if (i < model.delay()) continue;
    const std::size_t cycle = i - model.delay();
    ++report.vectors;
    for (std::size_t k = 0; k < macs.size(); ++k) {
      MacResult& result = report.results[k];
      references[k].step(vectors[cycle], result.coverage);
      if (agrees(model, macs[k].index, references[k])) continue;
      ++result.mismatches;
      if (result.failure) continue;
      result.failure = failure_of(model, macs[k].index, references[k], vectors[cycle], cycle, seed);
    }
  }
  for (std::size_t k = 0; k < macs.size(); ++k) {
    std::optional<Failure>& failure = report.results[k].failure;
    if (failure) {
      failure->vcd = draw(model, macs[k], vectors, static_cast<std::size_t>(failure->cycle));
    }
  }
  return report;
}

std::vector<MacUnderTest> all_macs(const std::vector<MacSpec>& specs) {
  std::vector<MacUnderTest> macs;
  macs.reserve(specs.size());
  for (const MacSpec& spec : specs) macs.push_back({macs.size(), spec});
  return macs;
}

std::vector<MacOperands> mac_vectors(const std::vector<MacUnderTest>& macs, std::int64_t vectors,
                                     std::uint64_t seed, bool preloads) {
  std::vector<MacOperands> all =
      macs.size() == 1 ? corner_operands(macs.front().spec) : corner_operands();
  const std::int64_t most_steps =
      std::max(kLeastWalk, macs.size() == 1 ? vectors : std::min(vectors, kMostSharedWalk));
  // MACs that differ in nothing but their policy share their walks.
  std::set<std::string> walked;
  for (const MacUnderTest& mac : macs) {
    MacSpec formats = mac.spec;
    formats.name.clear();
    formats.policy = numeric::OverflowPolicy::Wrap;
    if (!walked.insert(formats.describe()).second) continue;
    const std::vector<MacOperands> edges = edge_operands(mac.spec, most_steps);
    all.insert(all.end(), edges.begin(), edges.end());
    if (!preloads) continue;
    const std::vector<MacOperands> preloaded = preloaded_operands(mac.spec);
    all.insert(all.end(), preloaded.begin(), preloaded.end());
  }
  RandomOperands random(seed);
  while (static_cast<std::int64_t>(all.size()) < vectors) all.push_back(random.next());
  return all;
}

}  // namespace bitscale::cosim
