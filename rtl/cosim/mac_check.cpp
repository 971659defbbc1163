#include "rtl/cosim/mac_check.h"

#include "arch/base/error.h"
#include "rtl/cosim/mac_stimulus.h"
#include "rtl/cosim/vcd.h"

namespace bitscale::cosim {
namespace {

/// `code`'s low bits as the format reads them.
std::int64_t read_code(std::uint16_t code, const numeric::IntegerFormat& format) {
  const std::int64_t low = code & ((1 << format.bits) - 1);
  return format.is_signed ? numeric::wrap_to_bits(low, format.bits) : low;
}

/// One MAC as arch/numeric has it.
class Reference {
 public:
  explicit Reference(const MacSpec& spec) : spec_(spec), codes_(spec.weights.codes()) {}

  void step(const MacOperands& operands, MacCoverage& coverage) {
    if (spec_.weights.kind == numeric::WeightEncoding::Affine) {
      spec_.weights.zero_point = read_code(operands.zero_point, codes_);
    }
    const std::int64_t weight = read_code(operands.weight, codes_);
    const std::int64_t act = read_code(operands.act, spec_.acts);
    const std::int64_t base = operands.clear ? 0 : acc_;
    const std::int64_t product = spec_.weights.value(weight) * act;
    const numeric::AccumulatorStep step =
        numeric::accumulate(base, product, spec_.acc_bits, spec_.policy);
    acc_ = step.value;
    overflow_ = step.overflow || (overflow_ && !operands.clear);
    count(weight, act, step.overflow ? base + product : 0, coverage);
  }

  std::int64_t acc() const { return acc_; }
  bool overflow() const { return overflow_; }
  const MacSpec& spec() const { return spec_; }

 private:
  void count(std::int64_t weight, std::int64_t act, std::int64_t lost,
             MacCoverage& coverage) const {
    coverage.weight_min += weight == codes_.min();
    coverage.weight_max += weight == codes_.max();
    coverage.weight_minus_one += weight == -1;
    coverage.weight_zero += weight == 0;
    coverage.act_min += act == spec_.acts.min();
    coverage.act_max += act == spec_.acts.max();
    coverage.act_minus_one += act == -1;
    coverage.act_zero += act == 0;
    coverage.overflow_up += lost > 0;
    coverage.overflow_down += lost < 0;
    coverage.overflow_up_by_one += lost == numeric::signed_max(spec_.acc_bits) + 1;
    coverage.overflow_down_by_one += lost == numeric::signed_min(spec_.acc_bits) - 1;
  }

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

/// Repeats the sum around the failing vector and draws it.
std::string draw(MacModel& model, std::size_t index, const MacSpec& spec,
                 const std::vector<MacOperands>& vectors, std::size_t failing) {
  std::size_t first = failing;
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
  MacCoverage unused;
  for (std::size_t i = first; i <= last + model.delay(); ++i) {
    model.step(vectors[std::min(i, last)]);
    if (i < first + model.delay()) continue;
    const MacOperands& operands = vectors[i - model.delay()];
    reference.step(operands, unused);
    vcd.sample({operands.clear ? 1U : 0U, operands.weight, operands.zero_point, operands.act,
                model.acc(index), model.has_overflow() && model.overflow(index) ? 1U : 0U,
                static_cast<std::uint64_t>(reference.acc()), reference.overflow() ? 1U : 0U});
  }
  return vcd.text();
}

}  // namespace

std::string MacFailure::describe() const {
  return parameters + "\n  seed " + std::to_string(seed) + ", cycle " + std::to_string(cycle) +
         ": weight code " + std::to_string(operands.weight) + ", zero point " +
         std::to_string(operands.zero_point) + ", act code " + std::to_string(operands.act) +
         (operands.clear ? ", clear" : "") + "\n  expected " + std::to_string(expected_acc) +
         (expected_overflow ? " overflow" : "") + ", RTL " + std::to_string(rtl_acc) +
         (rtl_overflow ? " overflow" : "");
}

MacCheckReport check_macs(MacModel& model, const std::vector<MacSpec>& specs,
                          const std::vector<MacOperands>& vectors, std::uint64_t seed) {
  BITSCALE_INVARIANT(specs.size() == model.size(), "one spec per MAC");
  BITSCALE_INVARIANT(vectors.empty() || vectors.front().clear, "the first vector starts a sum");
  std::vector<Reference> references(specs.begin(), specs.end());
  MacCheckReport report;
  std::size_t failing_set = 0;
  for (std::size_t i = 0; i < vectors.size() + model.delay(); ++i) {
    model.step(vectors[std::min(i, vectors.size() - 1)]);
    if (i < model.delay()) continue;
    const MacOperands& operands = vectors[i - model.delay()];
    ++report.vectors;
    for (std::size_t k = 0; k < references.size(); ++k) {
      references[k].step(operands, report.coverage);
      if (agrees(model, k, references[k])) continue;
      ++report.mismatches;
      if (report.failure) continue;
      failing_set = k;
      report.failure = MacFailure{specs[k].describe(),
                                  seed,
                                  static_cast<std::int64_t>(i - model.delay()),
                                  operands,
                                  references[k].acc(),
                                  rtl_acc(model, k, specs[k].acc_bits),
                                  references[k].overflow(),
                                  model.has_overflow() && model.overflow(k),
                                  ""};
    }
  }
  report.mac_vectors = report.vectors * static_cast<std::int64_t>(specs.size());
  if (report.failure) {
    report.failure->vcd = draw(model, failing_set, specs[failing_set], vectors,
                               static_cast<std::size_t>(report.failure->cycle));
  }
  return report;
}

std::vector<MacOperands> mac_vectors(const std::vector<MacSpec>& specs, std::int64_t vectors,
                                     std::uint64_t seed) {
  std::vector<MacOperands> all =
      specs.size() == 1 ? corner_operands(specs.front()) : corner_operands();
  for (const MacSpec& spec : specs) {
    const std::vector<MacOperands> edges = edge_operands(spec);
    all.insert(all.end(), edges.begin(), edges.end());
  }
  RandomOperands random(seed);
  while (static_cast<std::int64_t>(all.size()) < vectors) all.push_back(random.next());
  return all;
}

void write_json(base::JsonWriter& json, const MacCheckReport& report) {
  const MacCoverage& met = report.coverage;
  json.begin_object();
  json.member("vectors", report.vectors).member("mac_vectors", report.mac_vectors);
  json.member("mismatches", report.mismatches);
  json.begin_object("coverage");
  json.member("weight_min", met.weight_min).member("weight_max", met.weight_max);
  json.member("weight_minus_one", met.weight_minus_one).member("weight_zero", met.weight_zero);
  json.member("act_min", met.act_min).member("act_max", met.act_max);
  json.member("act_minus_one", met.act_minus_one).member("act_zero", met.act_zero);
  json.member("overflow_up", met.overflow_up).member("overflow_down", met.overflow_down);
  json.member("overflow_up_by_one", met.overflow_up_by_one);
  json.member("overflow_down_by_one", met.overflow_down_by_one);
  json.end();
  if (report.failure) json.member("failure", report.failure->describe());
  json.end();
}

}  // namespace bitscale::cosim
