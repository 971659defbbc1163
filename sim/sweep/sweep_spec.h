// SWEEP.json: a base configuration, axes over it, constraints, objectives, sampling. Read strictly
// and checked as far as is possible without running a point.
//
//   {"schema_version": 1, "name": "…", "description": "…",
//    "base": {"config": "…", "arch": "…", "network": "…", "tech": "…", "precision": "…",
//             "set": {"/json/pointer": value}},
//    "axes": [axis, …],                                    see axis.h
//    "constraints": ["rows * cols <= 4096", "area_um2 <= 5e6"],   see expression.h
//    "objectives": [{"field": "latency_ms", "goal": "min"},        a name of result_fields(), or
//                   {"field": "/energy_by_component_pj/dram"}],    a JSON pointer into report.json
//    "fields": ["/area/by_component/mac_array"],                   further columns
//    "sampling": {"method": "grid"} or {"method": "random"|"sobol", "points": 1000, "seed": 1},
//    "iso": {"budget": {"area_um2": 1e6}, "shape": {"aspect": 1, "stretch": 2, "step": 1}},
//    "engine": "analytic"|"systemc"|"screened", "time_limit_s": 600}
//
// Files of the base are looked for beside SWEEP.json, then by name among those that ship.
#ifndef BITSCALE_SIM_SWEEP_SWEEP_SPEC_H_
#define BITSCALE_SIM_SWEEP_SWEEP_SPEC_H_

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "arch/base/json_value.h"
#include "arch/base/names.h"
#include "arch/cost/iso.h"
#include "sim/run/run_config.h"
#include "sim/sweep/axis.h"
#include "sim/sweep/expression.h"

namespace bitscale::sweep {

inline constexpr int kSweepSchemaVersion = 1;

enum class Method { Grid, Random, Sobol };
inline const base::NameTable<Method> kMethodNames = {
    {Method::Grid, "grid"}, {Method::Random, "random"}, {Method::Sobol, "sobol"}};

/// Screened: every point in closed form, then the front and its neighbours in SystemC.
enum class EngineMode { Analytic, SystemC, Screened };
inline const base::NameTable<EngineMode> kEngineModeNames = {{EngineMode::Analytic, "analytic"},
                                                             {EngineMode::SystemC, "systemc"},
                                                             {EngineMode::Screened, "screened"}};

enum class Goal { Min, Max };
inline const base::NameTable<Goal> kGoalNames = {{Goal::Min, "min"}, {Goal::Max, "max"}};

struct Objective {
  std::string field;
  std::size_t index = 0;  ///< in value_names()
  Goal goal = Goal::Min;
  /// Of a pointer to a part: where the ends of its interval stand in value_names().
  std::optional<std::pair<std::size_t, std::size_t>> ends;
};

/// The array of every point is the largest one within this budget, at the point's default widths.
struct IsoMode {
  cost::IsoBudget budget;
  cost::IsoShape shape;
};

struct SweepSpec {
  std::string name, description;
  std::string file;  ///< where it was read
  run::RunRequest base;
  base::JsonValue base_document;  ///< assembled from the base, its sets applied
  std::vector<Axis> axes;
  /// Columns (over all axes in order) that constraints may name, before all of value_names().
  std::vector<std::size_t> named_columns;
  std::vector<Constraint> axis_constraints;    ///< decide before a point runs
  std::vector<Constraint> result_constraints;  ///< decide who may be on the front
  std::vector<Objective> objectives;
  std::vector<std::string> fields;  ///< further columns of the page, as objectives name theirs
  /// Into report.json, stored per point behind the result fields: ascending, each once. Those
  /// that the sweep names, and where, are `named_pointers`; the others are ends of intervals.
  std::vector<std::string> pointers;
  std::vector<std::pair<std::string, std::string>> named_pointers;
  Method method = Method::Grid;
  std::int64_t sampled_points = 0;  ///< random and sobol
  std::uint64_t seed = 1;
  std::optional<IsoMode> iso;
  EngineMode engine = EngineMode::SystemC;
  double time_limit_s = 600;
  std::string fingerprint;  ///< SHA-256 of what decides the results: document, axes, sampling, iso
};

/// Reads and checks. Throws UserError with every problem found.
SweepSpec load_sweep(const std::filesystem::path& file, const run::Catalog& catalog);

/// Names of a point's values: result_fields(), then `pointers`.
std::vector<std::string> value_names(const SweepSpec& spec);

/// Columns of all axes, in order.
std::vector<AxisColumn> axis_columns(const SweepSpec& spec);

}  // namespace bitscale::sweep

#endif  // BITSCALE_SIM_SWEEP_SWEEP_SPEC_H_
