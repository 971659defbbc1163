// Runs of the sample sweep in folders of their own.
#ifndef BITSCALE_TESTS_SIM_SWEEP_SWEEP_FIXTURE_H_
#define BITSCALE_TESTS_SIM_SWEEP_SWEEP_FIXTURE_H_

#include <string>

#include "arch/base/file.h"
#include "sim/sweep/run_sweep.h"
#include "tests/sim/sweep/sample_sweep.h"

namespace bitscale::sweep {

inline constexpr std::uintmax_t kMostBytes = 1U << 28;

inline std::string exported(const std::filesystem::path& folder) {
  return base::read_text_file(folder / "points.csv", kMostBytes) +
         base::read_text_file(folder / "points.json", kMostBytes);
}

class SweepFixture : public ::testing::Test {
 protected:
  SweepOptions options(const std::string& name) const {
    SweepOptions options;
    options.folder = folder_ / name;
    options.workers = 2;
    options.program = "bitscale test";
    options.analytic = true;
    return options;
  }
  SweepOptions resumed(const std::string& name) const {
    SweepOptions again = options(name);
    again.resume = true;
    return again;
  }

  testing::TempFolder folder_;
  SweepSpec spec_ = load_text(folder_, sample_text());
  SweepHooks hooks_;
};

}  // namespace bitscale::sweep

#endif  // BITSCALE_TESTS_SIM_SWEEP_SWEEP_FIXTURE_H_
