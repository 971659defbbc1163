// Sweeps for tests: a small network on the default design, points of a few milliseconds.
#ifndef BITSCALE_TESTS_SIM_SWEEP_SAMPLE_SWEEP_H_
#define BITSCALE_TESTS_SIM_SWEEP_SAMPLE_SWEEP_H_

#include <gtest/gtest.h>

#include <string>

#include "arch/base/error.h"
#include "sim/sweep/sweep_spec.h"
#include "tests/support/temp_folder.h"

namespace bitscale::sweep {

inline run::Catalog shipped() { return run::Catalog(BITSCALE_SOURCE_DIR); }

/// A sweep of 3 × 4 points; `more` is put behind its members, beginning with a comma.
inline std::string sample_text(const std::string& more = "") {
  return R"({"schema_version": 1, "name": "sample", "base": {"network": "resnet20_cifar10"},
  "axes": [
    {"name": "rows", "pointer": "/arch/mac_array/rows", "values": [8, 16, 32]},
    {"name": "bits", "alternatives": [
      {"name": "w8", "set": {"/precision/default/weight_bits": 8, "/precision/default/act_bits": 8}},
      {"name": "w4", "set": {"/precision/default/weight_bits": 4, "/precision/default/act_bits": 4}},
      {"name": "w2", "set": {"/precision/default/weight_bits": 2, "/precision/default/act_bits": 2}},
      {"name": "w17", "set": {"/precision/default/weight_bits": 17, "/precision/default/act_bits": 8}}
    ]}],
  "objectives": [{"field": "latency_ms"}, {"field": "tops_per_watt", "goal": "max"}])" +
         more + "}";
}

inline SweepSpec load_text(const testing::TempFolder& folder, const std::string& text) {
  return load_sweep(folder.write("sweep.json", text), shipped());
}

/// All messages of the refusal, or "" when the text is accepted.
inline std::string refusal(const std::string& text) {
  const testing::TempFolder folder;
  try {
    load_text(folder, text);
    return "";
  } catch (const base::UserError& error) {
    std::string all;
    for (const base::Problem& problem : error.problems()) {
      all += problem.where + ": " + problem.message + "\n";
    }
    return all;
  }
}

}  // namespace bitscale::sweep

#endif  // BITSCALE_TESTS_SIM_SWEEP_SAMPLE_SWEEP_H_
