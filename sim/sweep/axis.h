// Axes of a sweep: each a list of options, each option a list of JSON pointers it sets.
//   {"name": "rows", "pointer": "/arch/mac_array/rows", "values": [16, 32, 64]}
//   {"name": "gbps", "pointer": "/arch/dram/bandwidth_gbps", "range": {"from": 8, "to": 64, "step":
//   8}}
//   {"name": "kib", "pointer": "…", "log_range": {"from": 1024, "to": 1048576, "count": 11}}
//   {"zip": [axis, axis, …]}                    option i sets option i of every member
//   {"name": "bits", "alternatives": [{"name": "w4a4", "set": {"/pointer": value, …}}, …]}
// The pointers /arch, /network, /tech and /precision may be set to names that ship or to files, and
// /mapping to files: the axis then goes through whole designs, networks, ….
// range: from, from + step, … up to `to`, with as many decimals as the two have. log_range:
// from·(to/from)^(i/(count−1)); whole numbers (rounded, repetitions dropped) when both ends are.
#ifndef BITSCALE_SIM_SWEEP_AXIS_H_
#define BITSCALE_SIM_SWEEP_AXIS_H_

#include <string>
#include <variant>
#include <vector>

#include "arch/base/json_reader.h"

namespace bitscale::sweep {

/// What an option shows in a column: a number, or a text.
using AxisValue = std::variant<double, std::string>;

/// One change of the configuration; `text` is JSON as base::set_by_pointer takes it.
struct Set {
  std::string pointer, text;
  std::string file{};  ///< for a whole part of the configuration: where it stands, from here
};

struct Option {
  std::vector<AxisValue> values;  ///< one per column of the axis
  std::vector<Set> sets;
};

struct AxisColumn {
  std::string name;
  std::string pointer;  ///< "" for the name of an alternative
};

struct Axis {
  std::vector<AxisColumn> columns;
  std::vector<Option> options;  ///< never empty once read
  std::string where;            ///< "SWEEP.json:/axes/0", for messages
  std::string note{};           ///< values asked for that are not there; "" when all are
};

/// At most so many options on one axis.
inline constexpr std::size_t kMostOptions = 1'000'000;

/// Reads one axis; problems go to the reader.
Axis read_axis(base::JsonReader& reader);

/// JSON as a JsonWriter leaves it, without its line ends and indentation.
std::string one_line(const std::string& json);

/// A value as one line of JSON.
std::string json_line(const base::JsonValue& value);

}  // namespace bitscale::sweep

#endif  // BITSCALE_SIM_SWEEP_AXIS_H_
