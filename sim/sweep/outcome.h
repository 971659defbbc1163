// What one point of a sweep left behind, and its form on a pipe.
#ifndef BITSCALE_SIM_SWEEP_OUTCOME_H_
#define BITSCALE_SIM_SWEEP_OUTCOME_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "arch/base/names.h"

namespace bitscale::sweep {

enum class Engine { Analytic, SystemC };
inline const base::NameTable<Engine> kEngineNames = {{Engine::Analytic, "analytic"},
                                                     {Engine::SystemC, "systemc"}};

struct Job {
  std::int64_t index = 0;
  Engine engine = Engine::Analytic;
};

struct Outcome {
  std::string key;    ///< SHA-256 of resolved configuration and program; "" if unresolved
  std::string error;  ///< why the point failed; "" when it is done
  /// One per value_names() of the sweep, none when it failed; NaN where its report has no number
  /// at a pointer.
  std::vector<double> values;
};

/// Bytes for a pipe or file of this machine, exact.
std::string pack(const Outcome& outcome);
/// Throws InternalError when the bytes are not what pack() made.
Outcome unpack(std::string_view bytes);

}  // namespace bitscale::sweep

#endif  // BITSCALE_SIM_SWEEP_OUTCOME_H_
