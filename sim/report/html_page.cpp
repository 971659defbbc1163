#include "sim/report/html_page.h"

#include "sim/report/html_writer.h"

namespace bitscale::report {
namespace {

constexpr const char* kContentPolicy =
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data: "
    "blob:";

// Sections of charts alone are not shown without JavaScript: no link leads there either.
bool needs_scripts(const Page& page, const std::string& id) {
  const std::string start = "<section id=\"" + id + "\" class=\"needs-js\"";
  return page.body.find(start) != std::string::npos;
}

void masthead(HtmlWriter& html, const Page& page) {
  html.open("header", {{"class", "masthead"}});
  html.open("div").element("h1", page.title).element("p", page.subtitle, {{"class", "subtitle"}});
  html.close();
  html.element("button", "Dark / light",
               {{"type", "button"}, {"id", "theme"}, {"class", "needs-js"}});
  html.close();
  html.open("nav", {{"aria-label", "Sections"}}).open("ul");
  for (const auto& [id, name] : page.sections) {
    HtmlWriter::Attributes attributes;
    if (needs_scripts(page, id)) attributes.emplace_back("class", "needs-js");
    html.open("li", attributes).element("a", name, {{"href", "#" + id}}).close();
  }
  html.close().close();
}

}  // namespace

std::string html_page(const Page& page) {
  HtmlWriter html;
  masthead(html, page);
  std::string text =
      "<!DOCTYPE html>\n<html lang=\"en\" class=\"no-js\">\n<head>\n"
      "<meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"";
  text += std::string(kContentPolicy) + "\">\n";
  text +=
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"color-scheme\" content=\"light dark\">\n";
  text += "<link rel=\"icon\" href=\"data:,\">\n";
  text += "<title>" + escape_html(page.title) + "</title>\n<style>\n";
  text += std::string(html_asset("style.css")) + "</style>\n</head>\n<body>\n";
  text += "<a class=\"skip\" href=\"#main\">Skip to the content</a>\n" + html.take();
  text += "<main id=\"main\">\n" + page.body + "</main>\n";
  for (const auto& [id, json] : page.data) {
    text += "<script type=\"application/json\" id=\"" + escape_html(id) + "\">\n" +
            escape_script_json(json) + "</script>\n";
  }
  text += "<script>\n" + std::string(html_asset("chart.js")) + "\n</script>\n";
  text += "<script>\n\"use strict\";\n" + std::string(html_asset("common.js"));
  for (const std::string& script : page.scripts) text += html_asset(script);
  return text + "</script>\n</body>\n</html>\n";
}

}  // namespace bitscale::report
