#include "sim/sweep/outcome.h"

#include <cstring>

#include "arch/base/error.h"

namespace bitscale::sweep {
namespace {

void put(std::string& bytes, std::string_view part) {
  const std::uint64_t size = part.size();
  bytes.append(reinterpret_cast<const char*>(&size), sizeof size);
  bytes.append(part);
}

std::string_view take(std::string_view& bytes) {
  std::uint64_t size = 0;
  BITSCALE_INVARIANT(bytes.size() >= sizeof size, "an outcome was cut off");
  std::memcpy(&size, bytes.data(), sizeof size);
  bytes.remove_prefix(sizeof size);
  BITSCALE_INVARIANT(bytes.size() >= size, "an outcome was cut off");
  const std::string_view part = bytes.substr(0, size);
  bytes.remove_prefix(size);
  return part;
}

}  // namespace

std::string pack(const Outcome& outcome) {
  std::string bytes;
  put(bytes, outcome.key);
  put(bytes, outcome.error);
  put(bytes, {reinterpret_cast<const char*>(outcome.values.data()),
              outcome.values.size() * sizeof(double)});
  return bytes;
}

Outcome unpack(std::string_view bytes) {
  Outcome outcome;
  outcome.key = take(bytes);
  outcome.error = take(bytes);
  const std::string_view numbers = take(bytes);
  BITSCALE_INVARIANT(bytes.empty() && numbers.size() % sizeof(double) == 0,
                     "an outcome has bytes nobody wrote");
  outcome.values.resize(numbers.size() / sizeof(double));
  if (!numbers.empty()) std::memcpy(outcome.values.data(), numbers.data(), numbers.size());
  return outcome;
}

}  // namespace bitscale::sweep
