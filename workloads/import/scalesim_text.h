// Text pieces of SCALE-Sim's two input files: lines, cells and numbers.
#ifndef BITSCALE_WORKLOADS_IMPORT_SCALESIM_TEXT_H_
#define BITSCALE_WORKLOADS_IMPORT_SCALESIM_TEXT_H_

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "arch/base/error.h"

namespace bitscale::import {

struct TextLine {
  int number = 0;  ///< from 1
  std::string text;
};

/// Lines of a text with something on them, trimmed; LF or CRLF, a byte-order mark is dropped.
std::vector<TextLine> lines_of(std::string_view text);

std::string trim(std::string_view text);
/// Lower case, letters and digits only: how names are compared ("Num Filter" = "numfilter").
std::string plain(std::string_view text);
/// Cells between `separator`s, trimmed, without the empty ones at the end.
std::vector<std::string> cells_of(std::string_view line, char separator);

/// "dir/file.csv:12".
std::string place(const std::filesystem::path& path, int line);

/// A whole number of 1 to `high`; reports anything else and returns 1.
std::int64_t positive_integer(const std::string& text, std::int64_t high, const std::string& what,
                              const std::string& where, base::Problems& problems);

}  // namespace bitscale::import

#endif  // BITSCALE_WORKLOADS_IMPORT_SCALESIM_TEXT_H_
