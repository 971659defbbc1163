#include "sim/report/html_writer.h"

#include <gtest/gtest.h>

#include "arch/base/error.h"

namespace bitscale::report {
namespace {

TEST(HtmlWriter, EscapesTextsAndAttributes) {
  HtmlWriter html;
  html.open("p", {{"title", "a\"b'c<d>&"}}).text("</p><script>").close();
  EXPECT_EQ(html.take(),
            "<p title=\"a&quot;b&#39;c&lt;d&gt;&amp;\">&lt;/p&gt;&lt;script&gt;</p>\n");
}

TEST(HtmlWriter, AnEmptyAttributeIsABareName) {
  HtmlWriter html;
  html.element("div", "x", {{"hidden", ""}});
  EXPECT_EQ(html.take(), "<div hidden>x</div>\n");
}

TEST(HtmlWriter, RefusesUnbalancedElements) {
  HtmlWriter html;
  EXPECT_THROW(html.close(), base::InternalError);
  html.open("p");
  EXPECT_THROW(html.take(), base::InternalError);
}

TEST(HtmlWriter, JsonInAScriptCannotEndTheScript) {
  EXPECT_EQ(escape_script_json("{\n  \"a\": \"</script>  x\"\n}\n"),
            "{\"a\": \"\\u003c/script>  x\"}");
}

}  // namespace
}  // namespace bitscale::report
