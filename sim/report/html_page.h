// The frame of every HTML page: one file with style, charts and data inside, a content policy that
// forbids any network access, readable without JavaScript.
#ifndef BITSCALE_SIM_REPORT_HTML_PAGE_H_
#define BITSCALE_SIM_REPORT_HTML_PAGE_H_

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bitscale::report {

/// A file of sim/report/html or "chart.js", embedded at build time.
std::string_view html_asset(std::string_view name);

struct Page {
  std::string title;
  std::string subtitle;
  std::vector<std::pair<std::string, std::string>> sections;  ///< id → name, for navigation
  std::string body;                                           ///< finished HTML
  std::vector<std::pair<std::string, std::string>> data;      ///< id → JSON the scripts draw
  std::vector<std::string> scripts;  ///< assets run after chart.js and common.js
};

std::string html_page(const Page& page);

}  // namespace bitscale::report

#endif  // BITSCALE_SIM_REPORT_HTML_PAGE_H_
