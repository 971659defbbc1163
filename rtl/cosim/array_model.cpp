#include "rtl/cosim/array_model.h"

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
  words.assign((count * static_cast<std::size_t>(bits) + 31) / 32, 0);
  const std::uint32_t mask = (std::uint32_t{1} << bits) - 1;
  std::size_t position = 0;
  for (std::size_t i = 0; i < count; ++i, position += static_cast<std::size_t>(bits)) {
    const std::uint64_t field = std::uint64_t{static_cast<std::uint32_t>(codes[i]) & mask}
                                << (position % 32);
    words[position / 32] |= static_cast<std::uint32_t>(field);
    if ((field >> 32) != 0) words[position / 32 + 1] |= static_cast<std::uint32_t>(field >> 32);
  }
}

std::uint64_t unpack_field(const std::vector<std::uint32_t>& words, std::size_t index, int bits) {
  std::uint64_t field = 0;
  for (int got = 0; got < bits;) {
    const std::size_t position =
        index * static_cast<std::size_t>(bits) + static_cast<unsigned>(got);
    const int offset = static_cast<int>(position % 32);
    const int take = std::min(bits - got, 32 - offset);
    const std::uint64_t part = (words[position / 32] >> offset) & ((std::uint64_t{1} << take) - 1);
    field |= part << got;
    got += take;
  }
  return field;
}

}  // namespace bitscale::cosim
