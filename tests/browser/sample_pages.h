// Made-up but self-consistent reports of realistic size, for the browser tests.
#ifndef BITSCALE_TESTS_BROWSER_SAMPLE_PAGES_H_
#define BITSCALE_TESTS_BROWSER_SAMPLE_PAGES_H_

#include "sim/report/report.h"
#include "sim/report/sweep_report.h"

namespace bitscale::report {

/// A network of `layers` layers; `speed` divides compute cycles and energy.
Report sample_run(const std::string& name, int layers, double speed);

/// `points` points over rows, weight bits and a named alternative, some of them failed.
SweepReport sample_sweep(int points);

/// Eight points of one objective over texts that look like numbers, numbers and JSON literals.
SweepReport sample_kinds();

}  // namespace bitscale::report

#endif  // BITSCALE_TESTS_BROWSER_SAMPLE_PAGES_H_
