// report.json: the report as JSON (schema: configs/schema/report.schema.json) and back again.
// The timeline is left out: it has a format of its own (timeline.h).
#ifndef BITSCALE_SIM_REPORT_REPORT_JSON_H_
#define BITSCALE_SIM_REPORT_REPORT_JSON_H_

#include "arch/base/json_reader.h"
#include "arch/base/json_writer.h"
#include "sim/report/report.h"

namespace bitscale::report {

void write_report(base::JsonWriter& json, const Report& report);

/// Reads what write_report wrote. Problems are collected in the reader; what can be derived
/// (disagreement, waterfall total) is read and dropped.
Report read_report(base::JsonReader& reader);

}  // namespace bitscale::report

#endif  // BITSCALE_SIM_REPORT_REPORT_JSON_H_
