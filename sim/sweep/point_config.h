// Configurations of a sweep's points, made fast: what a point shares with one before it is not read
// or priced again. The result is that of run::resolve_config() on the whole document; whatever is
// not plainly right goes through that function, so that errors read the same.
//
// Remembered, each a bounded number: everything but the design by the sets outside /arch, and the
// prices by the sets that they depend on.
#ifndef BITSCALE_SIM_SWEEP_POINT_CONFIG_H_
#define BITSCALE_SIM_SWEEP_POINT_CONFIG_H_

#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "arch/cost/cost_model.h"
#include "sim/run/run_config.h"
#include "sim/sweep/sweep_spec.h"

namespace bitscale::sweep {

/// The sweep's base with the sets applied.
base::JsonValue point_document(const SweepSpec& spec, const std::vector<Set>& sets);

/// The sets and, in iso mode, those of the largest array within the budget. Throws UserError.
std::vector<Set> with_solved_array(const SweepSpec& spec, std::vector<Set> sets);

/// SHA-256 of the program and of everything resolved, parts by their own digests.
std::string config_key(const std::string& program, const run::RunConfig& config);

class PointConfigs {
 public:
  /// Keeps a reference to `spec`.
  explicit PointConfigs(const SweepSpec& spec) : spec_(spec) {}

  struct Point {
    const run::RunConfig* config = nullptr;  ///< until the next call
    std::shared_ptr<const cost::CostModel> prices;
    std::string key;
    /// Equal for points whose mapping and estimate are equal; "" where that is not known.
    std::string activity_key;
  };
  /// `sets` as with_solved_array() leaves them. Throws UserError.
  Point resolve(const std::vector<Set>& sets, const std::string& program);

 private:
  // All of a configuration but its design.
  struct Rest {
    run::RunConfig config;
    std::vector<numeric::Precision> precisions;  // on PEs with the usual accumulator or a wider one
    std::map<int, std::vector<numeric::Precision>> narrow_precisions;  // by the PE's acc_bits
    cost::Technology fitted;  // brings the fits of its tables, which prices would repeat
    std::string digest;
  };
  static const std::vector<numeric::Precision>& precisions_at(Rest& rest, const spec::PeSpec& pe);
  Rest& rest_of(const std::vector<Set>& sets);
  std::shared_ptr<const cost::CostModel> prices_of(const std::vector<Set>& sets, const Rest& rest);

  const SweepSpec& spec_;
  std::unordered_map<std::string, Rest> rests_;
  std::unordered_map<std::string, std::shared_ptr<const cost::CostModel>> prices_;
};

}  // namespace bitscale::sweep

#endif  // BITSCALE_SIM_SWEEP_POINT_CONFIG_H_
