// The formats that `bitscale validate` knows: how a document is recognized and checked.
#ifndef BITSCALE_SIM_CLI_FORMATS_H_
#define BITSCALE_SIM_CLI_FORMATS_H_

#include <string>
#include <vector>

#include "arch/base/json_value.h"
#include "sim/run/catalog.h"

namespace bitscale::cli {

/// A file to check; formats that name other files find them beside `path`.
struct CheckedFile {
  std::string path;
  base::JsonValue document;
  const run::Catalog& catalog;
};

struct Format {
  const char* name;
  const char* telling_key;  ///< a member at the root that no format before it in the table has
  /// Throws UserError with every problem.
  void (*check)(const CheckedFile& file);
};

/// All formats; the first whose telling key a document has is its format.
const std::vector<Format>& formats();

/// The format a document looks like, or null when it looks like none.
const Format* guess_format(const base::JsonValue& document);

/// Throws UserError when the document read from `file` looks like another format: one message
/// instead of one for every key.
void require_format(const base::JsonValue& document, const std::string& file,
                    const std::string& name);

}  // namespace bitscale::cli

#endif  // BITSCALE_SIM_CLI_FORMATS_H_
