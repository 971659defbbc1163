// Two or more runs side by side: the first is the baseline, every other value also as a ratio.
#ifndef BITSCALE_SIM_REPORT_COMPARE_H_
#define BITSCALE_SIM_REPORT_COMPARE_H_

#include <string>
#include <vector>

#include "arch/base/json_writer.h"
#include "sim/report/report.h"

namespace bitscale::report {

struct NamedReport {
  std::string name;  ///< how the user calls the run, e.g. its directory
  Report report;
};

enum class Better { Neither, Lower, Higher };

/// One quantity of all runs. ratios[i] = values[i] / values[0], 0 when the baseline is 0.
struct ComparedValue {
  std::string key, unit;
  Better better = Better::Neither;
  std::vector<double> values;
  std::vector<double> ratios;
};

/// A layer by name; missing layers have no numbers (NaN never appears).
struct ComparedLayer {
  std::string name;
  std::vector<std::optional<std::int64_t>> latency_cycles;
  std::vector<std::optional<double>> energy_pj;
  std::vector<std::optional<std::string>> unit;  ///< where its MACs ran (report.h)
};

/// Whether its MACs ran on PIM arrays in any of the runs.
bool ran_on_pim(const ComparedLayer& layer);
/// Where its MACs ran: "PIM" or, where the runs differ, "MAC array, PIM" in their order.
std::string units_text(const ComparedLayer& layer);

/// A fact of the design that is not the same in all runs.
struct Difference {
  std::string key;
  std::vector<std::string> values;
};

struct Comparison {
  std::vector<std::string> names;
  std::vector<ComparedValue> totals;  ///< every field of totals, then the area
  std::vector<ComparedLayer> layers;  ///< in the baseline's order, then what only others have
  std::vector<Difference> differences;
  std::vector<GainWaterfall> gains;  ///< over the baseline, of each run that has MACs (gain.h)
};

/// Throws UserError for fewer than two runs.
Comparison compare(const std::vector<NamedReport>& runs);

/// −1 worse, 0 the same or neutral, 1 better than the baseline.
int verdict(const ComparedValue& value, std::size_t run);

std::string comparison_text(const Comparison& comparison);
std::string comparison_html(const Comparison& comparison);
void write_comparison(base::JsonWriter& json, const Comparison& comparison);

}  // namespace bitscale::report

#endif  // BITSCALE_SIM_REPORT_COMPARE_H_
