#include "sim/report/html_writer.h"

#include "arch/base/error.h"

namespace bitscale::report {

std::string escape_html(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string escape_script_json(std::string_view json) {
  std::string out;
  out.reserve(json.size());
  for (std::size_t i = 0; i < json.size(); ++i) {
    // In JSON a '<' can only stand inside a string, a line break only outside of one.
    if (json[i] == '<') {
      out += "\\u003c";
    } else if (json[i] == '\n') {
      while (i + 1 < json.size() && json[i + 1] == ' ') ++i;
    } else {
      out += json[i];
    }
  }
  return out;
}

void HtmlWriter::tag(const std::string& tag, const Attributes& attributes) {
  text_ += '<' + tag;
  for (const auto& [name, value] : attributes) {
    text_ += ' ' + name;
    if (!value.empty()) text_ += "=\"" + escape_html(value) + '"';
  }
  text_ += '>';
}

HtmlWriter& HtmlWriter::open(const std::string& tag, const Attributes& attributes) {
  this->tag(tag, attributes);
  open_.push_back(tag);
  return *this;
}

HtmlWriter& HtmlWriter::close() {
  BITSCALE_INVARIANT(!open_.empty(), "close() without an open");
  const std::string& tag = open_.back();
  text_ += "</" + tag + '>';
  // Line breaks only after blocks: inside inline elements they would show as blanks.
  for (const char* block :
       {"tr", "table", "section", "p", "li", "ul", "div", "figure", "details"}) {
    if (tag == block) text_ += '\n';
  }
  open_.pop_back();
  return *this;
}

HtmlWriter& HtmlWriter::text(std::string_view text) {
  text_ += escape_html(text);
  return *this;
}

HtmlWriter& HtmlWriter::element(const std::string& tag, std::string_view text,
                                const Attributes& attributes) {
  return open(tag, attributes).text(text).close();
}

HtmlWriter& HtmlWriter::markup(std::string_view finished) {
  text_ += finished;
  return *this;
}

HtmlWriter& HtmlWriter::empty(const std::string& tag, const Attributes& attributes) {
  this->tag(tag, attributes);
  return *this;
}

std::string HtmlWriter::take() {
  BITSCALE_INVARIANT(open_.empty(), "an element was left open");
  return std::move(text_);
}

}  // namespace bitscale::report
