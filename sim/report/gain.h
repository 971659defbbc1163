// How much faster one finished run is than another, taken apart by what their reports hold.
#ifndef BITSCALE_SIM_REPORT_GAIN_H_
#define BITSCALE_SIM_REPORT_GAIN_H_

#include <optional>
#include <string>

#include "arch/base/json_reader.h"
#include "arch/base/json_writer.h"
#include "sim/report/report.h"

namespace bitscale::report {

/// latency_ms(base) / latency_ms(run) as a product:
///   work         MACs(base) / MACs(run); left out where equal
///   peak         ideal cycles per MAC: PEs × MACs per PE and cycle at the layers' widths
///   clock        clock(run) / clock(base); left out where equal
///   utilization  compute cycles over ideal cycles
///   DRAM         cycles with DRAM stalls over compute cycles
///   other stalls latency over those
/// Nothing where a run has no MACs or no time.
std::optional<GainWaterfall> gain_between(const std::string& base_name, const Report& base,
                                          const std::string& name, const Report& run);

/// The members of a JSON object that the caller has begun.
void write_waterfall(base::JsonWriter& json, const GainWaterfall& waterfall);
/// The product is derived: it is read and dropped.
GainWaterfall read_waterfall(base::JsonReader reader);

/// A line per factor and one for the product.
std::string waterfall_text(const GainWaterfall& waterfall);

}  // namespace bitscale::report

#endif  // BITSCALE_SIM_REPORT_GAIN_H_
