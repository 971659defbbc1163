#include "arch/spec/mac_array.h"

#include <algorithm>

#include "arch/base/file.h"
#include "arch/base/is_sound.h"

namespace bitscale::spec {
namespace {

constexpr int kBrickBits = 2;
constexpr const char* kRates = "macs_per_cycle_at_16_8_4_2_bits";

// The narrowest of 2, 4, 8, 16 bits that holds the width.
int round_up_to_bricks(int bits) {
  int width = kBrickBits;
  while (width < bits) width *= 2;
  return width;
}

// Index into PeSpec::peak_ratio: 0 for 16 bits, 1 for 8, 2 for 4, 3 for 2 bits and less.
std::size_t ratio_index(int bits) {
  if (bits > 8) return 0;
  if (bits > 4) return 1;
  return bits > 2 ? 2 : 3;
}

PeSpec read_pe(base::JsonReader reader) {
  PeSpec pe;
  pe.kind = reader.one_of("kind", kPeKindNames, pe.kind);
  pe.weight_bits = static_cast<int>(
      reader.integer("weight_bits", {1, numeric::kMaxOperandBits}, pe.weight_bits));
  pe.act_bits =
      static_cast<int>(reader.integer("act_bits", {1, numeric::kMaxOperandBits}, pe.act_bits));
  pe.acc_bits = static_cast<int>(
      reader.integer("acc_bits", {numeric::kMinAccBits, numeric::kMaxAccBits}, pe.acc_bits));
  pe.overflow = reader.one_of("overflow", numeric::kOverflowPolicyNames, pe.overflow);
  pe.clock_gating = reader.boolean("clock_gating", pe.clock_gating);
  pe.zero_gating = reader.boolean("zero_gating", pe.zero_gating);
  if (reader.has(kRates)) {
    auto ratios = reader.array(kRates);
    if (ratios.size() != pe.peak_ratio.size()) {
      reader.problem("expected four numbers, for 16, 8, 4 and 2 bits, given " +
                         std::to_string(ratios.size()) + " elements",
                     kRates);
    } else {
      bool sound = true;
      for (std::size_t i = 0; i < ratios.size(); ++i) {
        const auto read = [&](base::JsonReader& ratio) {
          pe.peak_ratio[i] = ratio.as_number({0.001, 1024});
        };
        read(ratios[i]);
        sound = sound && base::is_sound(ratios[i], read);
      }
      if (sound && !std::is_sorted(pe.peak_ratio.begin(), pe.peak_ratio.end())) {
        std::string given;
        for (const double ratio : pe.peak_ratio) given += " " + base::format_number(ratio);
        reader.problem(
            "fewer bits may not lower the rate: the four numbers must not fall, given" + given,
            kRates);
      }
    }
  }
  if (pe.kind != PeKind::Configurable && pe.peak_ratio != PeSpec{}.peak_ratio) {
    reader.problem("a PE of kind '" + std::string(kPeKindNames.name(pe.kind)) +
                       "' does not use these rates, only a configurable one does",
                   kRates);
  }
  reader.finish();
  return pe;
}

}  // namespace

bool supports(const PeSpec& pe, int weight_bits, int act_bits) {
  return weight_bits >= 1 && act_bits >= 1 && weight_bits <= pe.weight_bits &&
         act_bits <= pe.act_bits;
}

double macs_per_pe_cycle(const PeSpec& pe, int weight_bits, int act_bits) {
  BITSCALE_INVARIANT(supports(pe, weight_bits, act_bits), "operands wider than the PE");
  switch (pe.kind) {
    case PeKind::Fixed:
      return 1;
    case PeKind::Decomposable: {
      const int weight_share = std::max(1, pe.weight_bits / round_up_to_bricks(weight_bits));
      const int act_share = std::max(1, pe.act_bits / round_up_to_bricks(act_bits));
      return weight_share * act_share;
    }
    case PeKind::BitSerial:
      return 1.0 / act_bits;
    case PeKind::Configurable:
      return pe.peak_ratio[ratio_index(std::max(weight_bits, act_bits))];
  }
  throw base::InternalError("PE kind without a rate");
}

MacArraySpec read_mac_array(base::JsonReader& reader) {
  constexpr std::int64_t kLargestSide = 65536;
  MacArraySpec array;
  array.rows = reader.integer("rows", {1, kLargestSide});
  array.cols = reader.integer("cols", {1, kLargestSide});
  array.dataflow = reader.one_of("dataflow", kDataflowNames, array.dataflow);
  array.row_mapping = reader.one_of("row_mapping", kRowMappingNames, array.row_mapping);
  array.shadow_weights = reader.boolean("shadow_weights", array.shadow_weights);
  array.cycle_model = reader.one_of("cycle_model", kCycleModelNames, array.cycle_model);
  array.pe = read_pe(reader.object("pe"));
  reader.finish();
  return array;
}

void write_mac_array(base::JsonWriter& json, const MacArraySpec& array) {
  json.begin_object("mac_array");
  json.member("rows", array.rows).member("cols", array.cols);
  json.member("dataflow", kDataflowNames.name(array.dataflow));
  json.member("row_mapping", kRowMappingNames.name(array.row_mapping));
  json.member("shadow_weights", array.shadow_weights);
  json.member("cycle_model", kCycleModelNames.name(array.cycle_model));
  json.begin_object("pe");
  json.member("kind", kPeKindNames.name(array.pe.kind));
  json.member("weight_bits", array.pe.weight_bits).member("act_bits", array.pe.act_bits);
  json.member("acc_bits", array.pe.acc_bits);
  json.member("overflow", numeric::kOverflowPolicyNames.name(array.pe.overflow));
  json.member("clock_gating", array.pe.clock_gating);
  json.member("zero_gating", array.pe.zero_gating);
  if (array.pe.kind == PeKind::Configurable) {
    json.begin_array(kRates);
    for (const double ratio : array.pe.peak_ratio) json.value(ratio);
    json.end();
  }
  json.end().end();
}

}  // namespace bitscale::spec
