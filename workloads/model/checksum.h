// SHA-256 (FIPS 180-4, by libcrypto).
#ifndef BITSCALE_WORKLOADS_MODEL_CHECKSUM_H_
#define BITSCALE_WORKLOADS_MODEL_CHECKSUM_H_

#include <string>
#include <string_view>

namespace bitscale::model {

/// 64 lower-case hexadecimal digits.
std::string sha256(std::string_view content);

}  // namespace bitscale::model

#endif  // BITSCALE_WORKLOADS_MODEL_CHECKSUM_H_
