// Reference data that may not be committed: read when it stands beside the checkout, else skipped.
#ifndef BITSCALE_TESTS_SUPPORT_REFERENCE_H_
#define BITSCALE_TESTS_SUPPORT_REFERENCE_H_

#include <filesystem>

namespace bitscale::testing {

inline std::filesystem::path reference_path(const std::filesystem::path& relative) {
  return std::filesystem::path(BITSCALE_SOURCE_DIR) / "../shared/reference" / relative;
}

inline std::filesystem::path source_path(const std::filesystem::path& relative) {
  return std::filesystem::path(BITSCALE_SOURCE_DIR) / relative;
}

}  // namespace bitscale::testing

/// Skips the running test, saying why, when `path` (from reference_path) is absent.
#define BITSCALE_REQUIRE_REFERENCE(path)                               \
  if (!std::filesystem::exists(path)) {                                \
    GTEST_SKIP() << "reference data not present: " << (path).string(); \
  }                                                                    \
  static_assert(true)

#endif  // BITSCALE_TESTS_SUPPORT_REFERENCE_H_
