#include "sim/reproduce/pact_rule.h"

#include "arch/base/error.h"
#include "arch/base/file.h"
#include "arch/base/json_reader.h"

namespace bitscale::reproduce {
namespace {

constexpr int kRuleSchemaVersion = 1;
constexpr double kOpsPerMac = 2;

}  // namespace

std::int64_t PactRule::macs_per_core() const {
  const double macs = fp16_tflops * 1e12 / (kOpsPerMac * clock_mhz * 1e6);
  std::int64_t power = 1;
  while (static_cast<double>(power) < macs) power *= 2;
  return power;
}

std::int64_t PactRule::rows() const {
  std::int64_t side = 1;
  while (4 * side * side <= macs_per_core()) side *= 2;
  return side;
}

PactRule load_pact_rule(const std::filesystem::path& file) {
  const base::JsonValue document = base::parse_json_file(file);
  base::Problems problems;
  base::JsonReader reader(document, problems);
  PactRule rule;
  rule.file = file.string();
  reader.schema_version(kRuleSchemaVersion);
  rule.statement = reader.string("statement");
  base::JsonReader core = reader.object("core");
  rule.clock_mhz = core.number("clock_mhz", {1, 1e5});
  rule.fp16_tflops = core.number("fp16_tflops", {1e-3, 1e3});
  rule.scratchpad_bytes = core.integer("scratchpad_bytes", {1, std::int64_t{1} << 40});
  rule.core_source = core.string("source");
  core.finish();
  base::JsonReader chip = reader.object("chip");
  rule.cores = chip.integer("cores", {1, 1024});
  rule.chip_source = chip.string("source");
  chip.finish();
  base::JsonReader derivation = reader.object("derivation");
  for (auto& [pointer, words] : derivation.entries()) {
    rule.derivation.emplace_back(pointer, words.as_string());
  }
  reader.finish();
  problems.throw_if_any();
  return rule;
}

void require_rule(const PactRule& rule, const spec::AcceleratorSpec& design,
                  const std::string& file) {
  base::Problems problems;
  const auto require = [&](const char* pointer, double given, double derived) {
    if (given == derived) return;
    problems.add(file + ":" + pointer, "the rule of " + rule.file + " gives " +
                                           base::format_number(derived) + ", given " +
                                           base::format_number(given));
  };
  const auto whole = [](std::int64_t value) { return static_cast<double>(value); };
  require("/clock_mhz", design.clock_mhz, rule.clock_mhz);
  require("/cores", whole(design.cores), whole(rule.cores));
  require("/mac_array/rows", whole(design.mac_array.rows), whole(rule.rows()));
  require("/mac_array/cols", whole(design.mac_array.cols), whole(rule.cols()));
  require("/buffers/shared/capacity_bytes", whole(design.buffers.total_bytes()),
          whole(rule.scratchpad_bytes));
  problems.throw_if_any();
}

}  // namespace bitscale::reproduce
