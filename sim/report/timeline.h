// timeline.json: spans of busy time as a Chrome trace (ui.perfetto.dev opens it), one thread per
// track. Format: Trace Event Format, "X" (complete) events, times in microseconds.
#ifndef BITSCALE_SIM_REPORT_TIMELINE_H_
#define BITSCALE_SIM_REPORT_TIMELINE_H_

#include <string>
#include <vector>

#include "sim/report/report.h"

namespace bitscale::report {

/// Tracks appear in the order of their first span. `clock_mhz` > 0 turns cycles into time; each
/// event also carries its exact cycles.
std::string perfetto_trace(const std::vector<Span>& spans, double clock_mhz,
                           const std::string& title);

/// The same picture in at most about `limit` spans: neighbours on a track join while the gap
/// between them is shorter than the resolution that remains. Start and end of each track stay.
std::vector<Span> thin_timeline(const std::vector<Span>& spans, std::size_t limit);

}  // namespace bitscale::report

#endif  // BITSCALE_SIM_REPORT_TIMELINE_H_
