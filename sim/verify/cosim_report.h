// What co-simulation found, per parameter set: values, a table and JSON.
#ifndef BITSCALE_SIM_VERIFY_COSIM_REPORT_H_
#define BITSCALE_SIM_VERIFY_COSIM_REPORT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "arch/base/json_writer.h"
#include "rtl/cosim/coverage.h"
#include "rtl/cosim/failure.h"

namespace bitscale::verify {

inline constexpr int kCosimSchemaVersion = 1;

/// RTL's and the simulator's cycles for the same work.
struct CycleCount {
  std::int64_t rtl = 0, expected = 0;
};

struct SetOutcome {
  std::string name;
  std::string module;
  std::string parameters;
  std::string group;  ///< sets of one group share a row of the table
  /// Operand vectors: MACs (additions in a bare accumulator) whose result was compared.
  std::int64_t vectors = 0;
  std::int64_t digits_vectors = 0;     ///< of these, operands of the digits network
  std::int64_t trained_vectors = 0;    ///< of these, layers of the trained network, whole
  std::int64_t layers = 0, tiles = 0;  ///< arrays: whole layers, and tiles in all
  std::int64_t mismatches = 0;
  cosim::Coverage coverage;
  cosim::CornerCount corners;            ///< operand corners, accumulator ends and overflows
  std::vector<std::string> not_reached;  ///< of the ends and overflows (cosim::ends_not_reached)
  std::vector<std::string> warnings;     ///< of Verilator, about a user's MAC
  std::optional<CycleCount> cycles;      ///< arrays
  double seconds = 0;  ///< processor time: its share of operands, RTL and reference
  std::optional<cosim::Failure> failure;

  /// Adds the accumulator's ends to the corners; `coverage` is complete.
  void count_ends(const cosim::PossibleEnds& possible);
};

struct CosimReport {
  std::uint64_t seed = 0;
  std::vector<SetOutcome> sets;
  double seconds = 0;  ///< processor time

  std::int64_t vectors() const;
  std::int64_t mismatches() const;
};

/// Area of a user's MAC by synthesis (scripts/characterize_mac.py), unplaced.
struct Characterization {
  std::string library;
  double area_um2 = 0;
  std::int64_t cells = 0, flip_flops = 0;
};

/// The whole document (configs/schema/cosim.schema.json).
std::string report_json(const CosimReport& report,
                        const std::optional<Characterization>& characterization);
/// The table, its total and every failure's text.
std::string report_text(const CosimReport& report);

}  // namespace bitscale::verify

#endif  // BITSCALE_SIM_VERIFY_COSIM_REPORT_H_
