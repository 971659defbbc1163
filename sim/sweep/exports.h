// What a sweep hands out: points.csv and points.json (every row, ordered, byte for byte the same
// however often the sweep was interrupted), sweep.html and the configurations of the front.
#ifndef BITSCALE_SIM_SWEEP_EXPORTS_H_
#define BITSCALE_SIM_SWEEP_EXPORTS_H_

#include <filesystem>
#include <string>
#include <vector>

#include "sim/report/sweep_report.h"
#include "sim/sweep/evaluate.h"
#include "sim/sweep/results.h"

namespace bitscale::sweep {

/// The page shows at most so many points: the front and an even share of the others.
inline constexpr std::size_t kMostPagePoints = 20'000;
/// Configurations are written for at most so many points of the front.
inline constexpr std::size_t kMostConfigurations = 200;

/// point, engine, key, feasible, pareto, tie_group, error, axis columns, result fields.
std::string results_csv(const std::vector<Row>& rows, const PointSpace& space);

/// The same table: {"columns": [names], "points": [[values], …]}, one line per point.
std::string results_json(const std::vector<Row>& rows, const PointSpace& space);

report::SweepReport sweep_report(const std::vector<Row>& rows, const PointSpace& space);

/// Writes points.csv, points.json, sweep.html and points/INDEX.json below `folder`.
void write_exports(const std::filesystem::path& folder, const std::vector<Row>& rows,
                   const PointSpace& space, const Evaluator& evaluator,
                   const report::Provenance& provenance);

}  // namespace bitscale::sweep

#endif  // BITSCALE_SIM_SWEEP_EXPORTS_H_
