// Reading and writing Verilated ports of any width as 32-bit words, least significant first.
#ifndef BITSCALE_RTL_COSIM_MODELS_PORTS_H_
#define BITSCALE_RTL_COSIM_MODELS_PORTS_H_

#include <algorithm>
#include <cstdint>
#include <type_traits>
#include <vector>

#include "verilated.h"

namespace bitscale::cosim {

using Words = std::vector<std::uint32_t>;

template <std::size_t kWords>
void put(VlWide<kWords>& port, const Words& words) {
  std::copy(words.begin(), words.end(), port.data());
}

template <class Integer, class = std::enable_if_t<std::is_integral_v<Integer>>>
void put(Integer& port, const Words& words) {
  std::uint64_t value = words[0];
  if (words.size() > 1) value |= std::uint64_t{words[1]} << 32;
  port = static_cast<Integer>(value);
}

template <std::size_t kWords>
void get(const VlWide<kWords>& port, Words& words) {
  words.assign(port.data(), port.data() + kWords);
}

template <class Integer, class = std::enable_if_t<std::is_integral_v<Integer>>>
void get(const Integer& port, Words& words) {
  words.resize(2);
  words[0] = static_cast<std::uint32_t>(port);
  words[1] = static_cast<std::uint32_t>(static_cast<std::uint64_t>(port) >> 32);
}

}  // namespace bitscale::cosim

#endif  // BITSCALE_RTL_COSIM_MODELS_PORTS_H_
