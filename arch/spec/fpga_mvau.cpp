#include "arch/spec/fpga_mvau.h"

#include <algorithm>

namespace bitscale::spec {
namespace {

std::vector<std::int64_t> divisors(std::int64_t n) {
  std::vector<std::int64_t> found;
  for (std::int64_t d = 1; d <= n; ++d) {
    if (n % d == 0) found.push_back(d);
  }
  return found;
}

std::string outside(const char* what, std::int64_t given, std::int64_t low, std::int64_t high) {
  if (given >= low && given <= high) return "";
  return std::string(what) + " is " + std::to_string(given) + ", allowed " + std::to_string(low) +
         " … " + std::to_string(high);
}

}  // namespace

std::string FpgaMvau::problem() const {
  constexpr std::int64_t kMost = std::int64_t{1} << 24;
  for (const std::string& text :
       {outside("channels", channels, 1, kMost), outside("length", length, 1, kMost),
        outside("pixels", pixels, 1, kMost), outside("pe", pe, 1, channels),
        outside("simd", simd, 1, length), outside("weight_bits", weight_bits, 1, 16),
        outside("act_bits", act_bits, 1, 16), outside("acc_bits", acc_bits, 2, 48),
        outside("output_bits", output_bits, 0, 8)}) {
    if (!text.empty()) return text;
  }
  if (channels % pe != 0) return "pe " + std::to_string(pe) + " does not divide the channels";
  if (length % simd != 0) return "simd " + std::to_string(simd) + " does not divide the length";
  return "";
}

std::vector<FpgaMvau> foldings(const FpgaMvau& unit) {
  std::vector<FpgaMvau> all;
  for (const std::int64_t pe : divisors(unit.channels)) {
    for (const std::int64_t simd : divisors(unit.length)) {
      FpgaMvau folded = unit;
      folded.pe = pe;
      folded.simd = simd;
      all.push_back(folded);
    }
  }
  std::stable_sort(all.begin(), all.end(), [](const FpgaMvau& a, const FpgaMvau& b) {
    return a.interval_cycles() > b.interval_cycles();
  });
  return all;
}

}  // namespace bitscale::spec
