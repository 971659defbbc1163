// Pieces that the HTML pages share: cells, figures, tables of parts, provenance.
#ifndef BITSCALE_SIM_REPORT_HTML_PARTS_H_
#define BITSCALE_SIM_REPORT_HTML_PARTS_H_

#include <string>
#include <string_view>
#include <vector>

#include "sim/report/html_writer.h"
#include "sim/report/report.h"

namespace bitscale::report {

/// A heading cell; `unit` is shown beside the label. Texts are headed on the left. `scale` is what
/// the column shows over its cells' data-v: filters compare in the units that are shown.
void heading_cell(HtmlWriter& html, const std::string& label, const std::string& unit = "",
                  double scale = 1);

void text_heading_cell(HtmlWriter& html, const std::string& label);

/// A cell that shows `shown` and sorts by `value` (full precision, in attribute data-v).
void number_cell(HtmlWriter& html, double value, const std::string& shown);
void number_cell(HtmlWriter& html, std::int64_t value);

/// A canvas that common.js fills; hidden without JavaScript. `description` is its alternative
/// text and names where the same numbers stand as a table. `size`: "", "small" or "tall".
void chart_figure(HtmlWriter& html, const std::string& id, const std::string& caption,
                  const std::string& description, const std::string& size = "");

/// A share chart beside its table: one row per part with a swatch, the value, its share and its
/// interval. `scale` multiplies values for display, `unit` names the result.
void parts_figure(HtmlWriter& html, const std::string& id, const std::string& caption,
                  const std::vector<Part>& parts, double scale, const std::string& unit);

/// A link that saves `content` as `file_name`; works without JavaScript.
void download_link(HtmlWriter& html, const std::string& file_name, const std::string& media_type,
                   std::string_view content);

/// "mac_array" → "MAC array".
std::string part_label(const std::string& name);

/// The factors of a gain, one row each, with the product so far.
void waterfall_table(HtmlWriter& html, const GainWaterfall& waterfall);

void checks_section(HtmlWriter& html, const std::vector<CheckResult>& checks);
void provenance_section(HtmlWriter& html, const Provenance& provenance,
                        const std::vector<std::string>& notes);

}  // namespace bitscale::report

#endif  // BITSCALE_SIM_REPORT_HTML_PARTS_H_
