// parse_json() and parse_json_file() of json_value.h for readers that go on after duplicate keys,
// so that the user sees them beside every other problem of the file.
#ifndef BITSCALE_ARCH_BASE_JSON_PARSE_H_
#define BITSCALE_ARCH_BASE_JSON_PARSE_H_

#include <filesystem>
#include <string>
#include <string_view>

#include "arch/base/error.h"
#include "arch/base/json_value.h"

namespace bitscale::base {

/// Adds duplicate keys to `duplicates`; find() gives the first of each. Throws UserError with all
/// of `duplicates` and what ended the reading when `text` is no JSON.
JsonValue parse_json(std::string_view text, const std::string& origin, Problems& duplicates);

/// The same for a file of at most kJsonMaxBytes.
JsonValue parse_json_file(const std::filesystem::path& path, Problems& duplicates);

}  // namespace bitscale::base

#endif  // BITSCALE_ARCH_BASE_JSON_PARSE_H_
