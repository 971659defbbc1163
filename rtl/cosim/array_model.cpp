#include "rtl/cosim/array_model.h"

#include <algorithm>

#include "arch/base/error.h"

namespace bitscale::cosim {

// The codes of mac_pkg.sv.
constexpr spec::Dataflow kDataflows[] = {spec::Dataflow::WeightStationary,
                                         spec::Dataflow::OutputStationary,
                                         spec::Dataflow::InputStationary};

int ArraySpec::top_bits() const {
  return dataflow == spec::Dataflow::InputStationary ? mac.acts.bits : mac.weights.bits;
}

int ArraySpec::left_bits() const {
  return dataflow == spec::Dataflow::InputStationary ? mac.weights.bits : mac.acts.bits;
}

ArraySpec array_spec(const NamedSet& set) {
  ArraySpec array;
  array.name = set.name;
  array.rows = set.integer("Rows", 8);
  array.cols = set.integer("Cols", 8);
  array.dataflow = kDataflows[set.get("Dataflow", 0)];
  array.shadow = set.get("Shadow", 1) != 0;
  array.mac = mac_spec(set);
  return array;
}

spec::MacArraySpec simulated_array(const ArraySpec& array) {
  spec::MacArraySpec simulated;
  simulated.rows = array.rows;
  simulated.cols = array.cols;
  simulated.dataflow = array.dataflow;
  simulated.shadow_weights = array.shadow;
  simulated.pe.weight_bits = array.mac.weights.bits;
  simulated.pe.act_bits = array.mac.acts.bits;
  simulated.pe.acc_bits = array.mac.acc_bits;
  simulated.pe.overflow = array.mac.policy;
  return simulated;
}

// Defined by the generated list of models, or by models/missing.cpp.
std::unique_ptr<ArrayModel> make_array_model(const std::string& name);

std::unique_ptr<ArrayModel> make_array(const std::string& name) {
  std::unique_ptr<ArrayModel> model = make_array_model(name);
  if (model == nullptr) {
    std::vector<std::string> names;
    for (const NamedSet& set : named_sets_of("mac_array")) names.push_back(set.name);
    throw base::UserError("array", base::unknown_name_message("array", name, names));
  }
  return model;
}

void pack_codes(const std::int32_t* codes, std::size_t count, int bits,
                std::vector<std::uint32_t>& words) {
  words.resize((count * static_cast<std::size_t>(bits) + 31) / 32);
  pack_strided(codes, 1, count, bits, words);
}

void pack_strided(const std::int32_t* codes, std::int64_t stride, std::size_t count, int bits,
                  std::vector<std::uint32_t>& words) {
  const std::uint64_t mask = (std::uint64_t{1} << bits) - 1;
  std::uint64_t open = 0;  // the word being filled, and what is already of the next
  int filled = 0;
  auto word = words.begin();
  for (std::size_t i = 0; i < count; ++i, codes += stride) {
    open |= (static_cast<std::uint32_t>(*codes) & mask) << filled;
    filled += bits;
    if (filled < 32) continue;
    *word++ = static_cast<std::uint32_t>(open);
    open >>= 32;
    filled -= 32;
  }
  if (filled > 0) *word++ = static_cast<std::uint32_t>(open);
  std::fill(word, words.end(), 0);
}

std::uint64_t unpack_field(const std::vector<std::uint32_t>& words, std::size_t index, int bits) {
  const std::size_t position = index * static_cast<std::size_t>(bits);
  const std::size_t first = position / 32;
  const int offset = static_cast<int>(position % 32);
  std::uint64_t field = words[first] >> offset;
  if (offset + bits > 32) field |= std::uint64_t{words[first + 1]} << (32 - offset);
  if (offset + bits > 64) field |= std::uint64_t{words[first + 2]} << (64 - offset);
  return field & ((std::uint64_t{1} << bits) - 1);
}

}  // namespace bitscale::cosim
