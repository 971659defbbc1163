#include "sim/report/html_parts.h"

#include <algorithm>
#include <numeric>

#include "arch/base/file.h"
#include "sim/report/sweep_report.h"
#include "sim/report/units.h"

namespace bitscale::report {
namespace {

/// `text` for a data: address; everything but plain letters and digits is escaped.
std::string percent_encoded(std::string_view text) {
  constexpr const char* kHex = "0123456789ABCDEF";
  std::string out;
  out.reserve(2 * text.size());
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '_' || c == '-' || c == '.' || c == ',';
    if (plain) {
      out += c;
    } else {
      out += '%';
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    }
  }
  return out;
}

void sources_table(HtmlWriter& html, const std::vector<Source>& sources) {
  html.open(
      "div",
      {{"class", "scroll"}, {"tabindex", "0"}, {"role", "region"}, {"aria-label", "Sources"}});
  html.open("table", {{"class", "data"}});
  html.element("caption", "Where each number comes from");
  html.open("thead").open("tr");
  for (const char* label : {"number", "status", "source"}) text_heading_cell(html, label);
  html.close().close().open("tbody");
  for (const Source& source : sources) {
    const bool weak = source.status == "assumed" || source.status == "extrapolated";
    html.open("tr").element("td", source.what, {{"class", "wrap"}}).open("td", {{"class", "left"}});
    html.element("span", source.status, {{"class", weak ? "badge bad" : "badge soft"}});
    html.close().element("td", source.source, {{"class", "left wrap"}}).close();
  }
  html.close().close().close();
}

}  // namespace

void heading_cell(HtmlWriter& html, const std::string& label, const std::string& unit,
                  double scale) {
  HtmlWriter::Attributes attributes = {{"scope", "col"}};
  if (scale != 1) attributes.emplace_back("data-scale", base::format_number(scale));
  html.open("th", attributes).text(label);
  if (!unit.empty()) html.text(" [" + unit + "]");
  html.close();
}

void text_heading_cell(HtmlWriter& html, const std::string& label) {
  html.element("th", label, {{"scope", "col"}, {"class", "left"}});
}

void number_cell(HtmlWriter& html, double value, const std::string& shown) {
  html.element("td", shown, {{"data-v", base::format_number(value)}});
}

void number_cell(HtmlWriter& html, std::int64_t value) {
  html.element("td", grouped(value), {{"data-v", std::to_string(value)}});
}

void chart_figure(HtmlWriter& html, const std::string& id, const std::string& caption,
                  const std::string& description, const std::string& size) {
  html.open("figure", {{"class", "needs-js"}});
  html.element("figcaption", caption, {{"id", id + "-caption"}});
  html.open("div", {{"class", size.empty() ? "chart" : "chart " + size}});
  html.element("canvas", description,
               {{"id", id}, {"role", "img"}, {"aria-label", caption + ". " + description}});
  html.close().close();
}

void parts_figure(HtmlWriter& html, const std::string& id, const std::string& caption,
                  const std::vector<Part>& parts, double scale, const std::string& unit) {
  const double whole =
      std::accumulate(parts.begin(), parts.end(), 0.0,
                      [](double sum, const Part& part) { return sum + part.value; });
  const bool intervals = std::any_of(parts.begin(), parts.end(), [](const Part& part) {
    return part.low != part.value || part.high != part.value;
  });
  html.open("div").element("h3", caption).open("div", {{"class", "split"}});
  html.open("div", {{"class", "chart small needs-js"}});
  html.element("canvas", "",
               {{"id", id},
                {"role", "img"},
                {"aria-label", caption + "; the table beside has the numbers"}});
  html.close().open("table").open("thead").open("tr");
  heading_cell(html, "part");
  heading_cell(html, "value", unit);
  heading_cell(html, "share");
  if (intervals) heading_cell(html, "interval", unit);
  html.close().close().open("tbody");
  for (const Part& part : parts) {
    if (part.value == 0) continue;
    html.open("tr").open("th", {{"scope", "row"}});
    html.element("span", "",
                 {{"class", "swatch"}, {"style", "background:var(--" + part.name + ")"}});
    html.text(part_label(part.name)).close();
    number_cell(html, part.value, significant(part.value * scale));
    number_cell(html, part.value / whole, percent(part.value / whole));
    if (intervals) {
      const bool known = part.low != part.value || part.high != part.value;
      html.element(
          "td", known ? significant(part.low * scale) + " – " + significant(part.high * scale) : "",
          {{"class", "soft interval"}});
    }
    html.close();
  }
  html.close().open("tfoot").open("tr").element("th", "total", {{"scope", "row"}});
  number_cell(html, whole, significant(whole * scale));
  html.element("td", whole > 0 ? "100 %" : "");
  if (intervals) {
    const Part sum = whole_of(parts);
    html.element("td", significant(sum.low * scale) + " – " + significant(sum.high * scale),
                 {{"class", "soft interval"}});
  }
  html.close().close().close().close().close();
}

void download_link(HtmlWriter& html, const std::string& file_name, const std::string& media_type,
                   std::string_view content) {
  html.element("a", "Save " + file_name,
               {{"href", "data:" + media_type + ";charset=utf-8," + percent_encoded(content)},
                {"download", file_name}});
}

std::string part_label(const std::string& name) {
  std::string label = name;
  std::replace(label.begin(), label.end(), '_', ' ');
  if (label == "mac array") return "MAC array";
  if (label == "dma") return "DMA";
  if (label.rfind("dram", 0) == 0) label.replace(0, 4, "DRAM");
  return label;
}

void waterfall_table(HtmlWriter& html, const GainWaterfall& waterfall) {
  html.open("table").open("thead").open("tr");
  for (const char* label : {"factor", "gain", "so far"}) heading_cell(html, label);
  text_heading_cell(html, "note");
  html.close().close().open("tbody");
  double so_far = 1;
  for (const GainStep& step : waterfall.steps) {
    so_far *= step.factor;
    html.open("tr").element("th", step.name, {{"scope", "row"}});
    number_cell(html, step.factor, "× " + significant(step.factor));
    number_cell(html, so_far, significant(so_far));
    html.element("td", step.note, {{"class", "left wrap"}}).close();
  }
  html.close().close();
}

void checks_section(HtmlWriter& html, const std::vector<CheckResult>& checks) {
  const auto passed = std::count_if(checks.begin(), checks.end(),
                                    [](const CheckResult& check) { return check.passed; });
  html.open("section", {{"id", "checks"}}).element("h2", "Self-checks");
  html.element("p", std::to_string(passed) + " of " + std::to_string(checks.size()) +
                        " conservation laws hold for this run.");
  html.open("table").open("thead").open("tr");
  for (const char* label : {"law", "outcome", "numbers"}) text_heading_cell(html, label);
  html.close().close().open("tbody");
  for (const CheckResult& check : checks) {
    html.open("tr").element("td", check.what, {{"class", "wrap"}}).open("td", {{"class", "left"}});
    html.element("span", check.passed ? "holds" : "FAILED",
                 {{"class", check.passed ? "badge good" : "badge bad"}});
    html.close().element("td", check.detail, {{"class", "left wrap"}}).close();
  }
  html.close().close().close();
}

void provenance_section(HtmlWriter& html, const Provenance& provenance,
                        const std::vector<std::string>& notes) {
  html.open("section", {{"id", "provenance"}}).element("h2", "Provenance and assumptions");
  html.element("p", "Made by " + provenance.program + ".");
  if (!provenance.command.empty()) {
    std::string command;
    for (const std::string& word : provenance.command) command += shell_quote(word) + ' ';
    command.pop_back();
    html.open("pre").element("code", command, {{"id", "command"}}).close();
    html.element("button", "Copy command",
                 {{"type", "button"}, {"class", "needs-js"}, {"data-copy", "command"}});
  }
  html.element("h3", "Assumptions and notes").open("ul");
  html.element("li", kOpsNote);
  for (const std::string& note : notes) html.element("li", note);
  html.close();
  if (!provenance.inputs.empty()) {
    html.element("h3", "Inputs").open("ul");
    for (const auto& [role, file] : provenance.inputs) {
      html.open("li").text(role + ": ").element("code", file).close();
    }
    html.close();
  }
  if (!provenance.sources.empty()) sources_table(html, provenance.sources);
  html.close();
}

}  // namespace bitscale::report
