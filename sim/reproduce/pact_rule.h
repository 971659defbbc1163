// The rule that chooses what PACT's system study does not publish (configs/papers/pact_2018/
// rule.json): figures of one published core and chip, and how the design follows from them.
#ifndef BITSCALE_SIM_REPRODUCE_PACT_RULE_H_
#define BITSCALE_SIM_REPRODUCE_PACT_RULE_H_

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "arch/spec/accelerator.h"

namespace bitscale::reproduce {

struct PactRule {
  std::string file;
  std::string statement;
  double clock_mhz = 0;
  double fp16_tflops = 0;             ///< of the core
  std::int64_t scratchpad_bytes = 0;  ///< of the core
  std::int64_t cores = 0;             ///< of the chip
  std::string core_source, chip_source;
  std::vector<std::pair<std::string, std::string>> derivation;  ///< pointer → words

  // What follows.
  /// Power of two, at least fp16_tflops / (2 operations × clock).
  std::int64_t macs_per_core() const;
  /// The largest power of two whose square does not exceed macs_per_core().
  std::int64_t rows() const;
  std::int64_t cols() const { return macs_per_core() / rows(); }
};

PactRule load_pact_rule(const std::filesystem::path& file);

/// Throws UserError for every figure of the design (read from `file`) that the rule does not give.
void require_rule(const PactRule& rule, const spec::AcceleratorSpec& design,
                  const std::string& file);

}  // namespace bitscale::reproduce

#endif  // BITSCALE_SIM_REPRODUCE_PACT_RULE_H_
