// A published figure beside the figure this program measures.
#ifndef BITSCALE_SIM_REPRODUCE_TARGET_H_
#define BITSCALE_SIM_REPRODUCE_TARGET_H_

#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "arch/base/json_writer.h"

namespace bitscale::reproduce {

/// The end of a target that is open there; null in JSON.
inline constexpr double kNoLimit = std::numeric_limits<double>::infinity();

struct Target {
  std::string id;
  std::string what;
  std::optional<double> published;  ///< absent where the source gives words, no figure
  std::string published_status;     ///< "read", "quoted", "derived", "recalled"
  double measured = 0;
  double tolerance = 0;  ///< absolute; a one-sided target says so in `what` and uses low and high
  double low = 0, high = 0;  ///< the target is met in [low, high]

  bool met() const { return measured >= low && measured <= high; }
  /// How far the measured figure is outside, 0 when met.
  double miss() const { return met() ? 0 : measured < low ? low - measured : measured - high; }
};

/// published ± tolerance.
Target around(std::string id, std::string what, double published, std::string status,
              double tolerance, double measured);
/// A claim in words, met between low and high.
Target between(std::string id, std::string what, std::string status, double low, double high,
               double measured);

bool all_met(const std::vector<Target>& targets);
std::string targets_text(const std::vector<Target>& targets);
/// What every study on small networks says of itself, as the member "scope".
inline constexpr const char* kMethodScope =
    "method demonstrated on small networks, not the paper's accuracy";
inline constexpr const char* kLutScope =
    "method demonstrated by a LUT model and this project's MAC, not the paper's networks or board";

/// "targets": [{"id", "what", "published", "published_status", "measured", "tolerance", "low",
/// "high", "met"}] as a member of the open object. Of a claim in words published and tolerance are
/// null and "published_text" has the words: what follows the colon of `what`, all of it without.
void write_targets(base::JsonWriter& json, const std::vector<Target>& targets,
                   std::string_view key = "targets");

}  // namespace bitscale::reproduce

#endif  // BITSCALE_SIM_REPRODUCE_TARGET_H_
