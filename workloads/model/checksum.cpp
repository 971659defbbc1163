#include "workloads/model/checksum.h"

#include <openssl/evp.h>

#include "arch/base/error.h"

namespace bitscale::model {

std::string sha256(std::string_view content) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int length = 0;
  const int done =
      EVP_Digest(content.data(), content.size(), digest, &length, EVP_sha256(), nullptr);
  BITSCALE_INVARIANT(done == 1 && length == 32, "libcrypto computed no SHA-256");
  constexpr const char* kHex = "0123456789abcdef";
  std::string text;
  for (unsigned int i = 0; i < length; ++i) {
    text += kHex[digest[i] >> 4];
    text += kHex[digest[i] & 15];
  }
  return text;
}

}  // namespace bitscale::model
