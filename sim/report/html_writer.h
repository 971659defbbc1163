// Builds HTML by element, escaping every text and attribute value.
//
//   HtmlWriter html;
//   html.open("p", {{"class", "note"}}).text("a < b").close();
#ifndef BITSCALE_SIM_REPORT_HTML_WRITER_H_
#define BITSCALE_SIM_REPORT_HTML_WRITER_H_

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bitscale::report {

/// `text` safe inside an element or a quoted attribute value.
std::string escape_html(std::string_view text);

/// JSON safe inside a <script> element: no '<' and no indentation is left, the value is the same.
std::string escape_script_json(std::string_view json);

class HtmlWriter {
 public:
  using Attributes = std::vector<std::pair<std::string, std::string>>;

  HtmlWriter& open(const std::string& tag, const Attributes& attributes = {});
  HtmlWriter& close();
  HtmlWriter& text(std::string_view text);
  /// open, text, close.
  HtmlWriter& element(const std::string& tag, std::string_view text,
                      const Attributes& attributes = {});
  /// What another writer made, as it is.
  HtmlWriter& markup(std::string_view finished);
  /// An element without content or end tag (input, meta).
  HtmlWriter& empty(const std::string& tag, const Attributes& attributes = {});

  /// The finished text. All opens must have their closes.
  std::string take();

 private:
  void tag(const std::string& tag, const Attributes& attributes);
  std::string text_;
  std::vector<std::string> open_;
};

}  // namespace bitscale::report

#endif  // BITSCALE_SIM_REPORT_HTML_WRITER_H_
