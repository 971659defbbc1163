#include "sim/reproduce/area.h"

#include <algorithm>
#include <array>
#include <functional>

#include "sim/report/units.h"

namespace bitscale::reproduce {
namespace {

constexpr int kFullBits = 16;
constexpr std::array<int, 4> kAll = {16, 8, 4, 2};
constexpr int kWideAccBits = 32;  // what a narrow accumulator is held against
constexpr int kUnitBits = 8;      // flexible units are held against fixed MACs of this width
constexpr int kUnitAccBits = 24;
constexpr int kBitSerialLanes = 16;
constexpr int kConfigurableMacs = 2;  // of 8 bits in a cycle

using AreaOf = std::function<std::optional<double>(int bits, int acc_bits)>;
using AccOf = std::function<int(int bits)>;

std::string scaling_name(int guard) { return "2b + " + std::to_string(guard); }
std::string fixed_name(int acc_bits) { return std::to_string(acc_bits) + " bits"; }

std::optional<double> ratio(std::optional<double> above, std::optional<double> below) {
  if (!above || !below) return std::nullopt;
  return *above / *below;
}

AreaDensity density(std::string who, std::string accumulator, const AreaOf& area,
                    const AccOf& acc) {
  const auto full = area(kFullBits, acc(kFullBits));
  const auto to = [&](int bits) { return ratio(full, area(bits, acc(bits))); };
  return {std::move(who), std::move(accumulator), to(8), to(4), to(2)};
}

AreaOf ours(const MacAreas& areas) {
  return [&areas](int bits, int acc_bits) { return areas.mac_um2(bits, acc_bits); };
}

AccOf scaling(int guard) {
  return [guard](int bits) { return 2 * bits + guard; };
}

AccOf fixed(int acc_bits) {
  return [acc_bits](int) { return acc_bits; };
}

std::vector<AreaDensity> our_densities(const AreaStudy& study) {
  std::vector<AreaDensity> all;
  const AreaOf area = ours(study.areas);
  for (int guard = study.low_guard_bits; guard <= study.high_guard_bits; ++guard) {
    all.push_back(density(study.areas.library, scaling_name(guard), area, scaling(guard)));
  }
  for (const int acc_bits : study.fixed_acc_bits) {
    all.push_back(density(study.areas.library, fixed_name(acc_bits), area, fixed(acc_bits)));
  }
  return all;
}

std::vector<AreaDensity> independent_densities(const AreaStudy& study) {
  std::vector<AreaDensity> all;
  const auto keep = [&](AreaDensity density) {
    if (density.to_2) all.push_back(std::move(density));
  };
  for (const IndependentAreas& other : study.independent) {
    const AreaOf area = [&](int bits, int acc_bits) { return other.mac_um2(bits, acc_bits); };
    const AreaOf unsaid = [&](int bits, int) { return other.mac_um2(bits, std::nullopt); };
    const std::string who = other.name + ", " + std::to_string(other.node_nm) + " nm";
    const int guard = study.chosen_guard_bits;
    keep(density(who, scaling_name(guard), area, scaling(guard)));
    for (const int acc_bits : study.fixed_acc_bits) {
      keep(density(who, fixed_name(acc_bits), area, fixed(acc_bits)));
    }
    keep(density(who, "not given", unsaid, fixed(0)));
  }
  return all;
}

AreaShare share(const std::string& who, int bits, int guard, const AreaOf& area) {
  AreaShare share{who, bits, std::nullopt, std::nullopt};
  const auto narrow = ratio(area(bits, 2 * bits + guard), area(bits, kWideAccBits));
  if (narrow) share.saved = 1 - *narrow;
  return share;
}

std::vector<AreaShare> our_shares(const AreaStudy& study) {
  std::vector<AreaShare> all;
  const int guard = study.chosen_guard_bits;
  for (const int bits : kAll) {
    AreaShare one = bits == kFullBits
                        ? AreaShare{study.areas.library, bits, std::nullopt, std::nullopt}
                        : share(study.areas.library, bits, guard, ours(study.areas));
    const int acc_bits = 2 * bits + guard;
    one.saturates =
        study.areas.mac_um2(bits, acc_bits, true) / study.areas.mac_um2(bits, acc_bits) - 1;
    all.push_back(one);
  }
  return all;
}

std::vector<AreaShare> independent_shares(const AreaStudy& study) {
  std::vector<AreaShare> all;
  for (const IndependentAreas& other : study.independent) {
    const AreaOf area = [&](int bits, int acc_bits) { return other.mac_um2(bits, acc_bits); };
    for (const int bits : kAll) {
      AreaShare one{other.name, bits, std::nullopt, std::nullopt};
      if (bits != kFullBits) one = share(other.name, bits, study.chosen_guard_bits, area);
      for (const IndependentAreas::Saturation& mac : other.saturation) {
        if (mac.bits == bits) one.saturates = mac.saturate_um2 / mac.wrap_um2 - 1;
      }
      if (one.saved || one.saturates) all.push_back(one);
    }
  }
  return all;
}

std::string range_text(const Expected& expected) {
  return report::fixed(expected.low) + " – " + report::fixed(expected.high);
}

std::vector<AreaOverhead> our_overheads(const AreaStudy& study) {
  const MacAreas& areas = study.areas;
  const double unit = areas.mac_um2(kUnitBits, kUnitAccBits);
  const auto over = [&](const std::string& name, const std::string& module,
                        const std::map<std::string, double>& parameters, double macs_per_cycle,
                        const std::string& beside) {
    const double area = areas.area_um2(module, parameters) / unit;
    return AreaOverhead{name, area, area / macs_per_cycle, beside};
  };
  const double acc = kUnitAccBits;
  std::string fusible = range_text(study.decomposable);
  for (const IndependentAreas& other : study.independent) {
    const auto ratio_there = ratio(other.decomposable_um2, other.mac_um2(kUnitBits, std::nullopt));
    if (!ratio_there) continue;
    fusible += "; " + other.name + " " + report::fixed(*ratio_there);
  }
  const auto lanes = [&](int count) {
    return over(
        "bit-serial, lanes: " + std::to_string(count), "bit_serial_mac",
        {{"Lanes", count}, {"WeightBits", kUnitBits}, {"MaxActBits", kUnitBits}, {"AccBits", acc}},
        static_cast<double>(count) / kUnitBits,
        range_text(study.bit_serial) + " per MAC and cycle, a lane of another design" +
            (count == 1 ? "; ours has an accumulator and a product register to itself"
                        : "; ours share an accumulator and a product register"));
  };
  return {
      over("decomposable, one sum", "decomposable_mac", {{"SumApart", 0}, {"AccBits", acc}}, 1,
           fusible),
      over("decomposable, 16 sums", "decomposable_mac", {{"SumApart", 1}, {"AccBits", acc}}, 1,
           "no figure"),
      lanes(1),
      lanes(kBitSerialLanes),
      over("configurable, up to 16 bits", "configurable_mac", {}, kConfigurableMacs, "no figure"),
  };
}

const AreaDensity& named(const std::vector<AreaDensity>& all, const std::string& accumulator) {
  return *std::find_if(all.begin(), all.end(), [&](const AreaDensity& density) {
    return density.accumulator == accumulator;
  });
}

Target target(std::string id, std::string what, const Expected& expected, double measured) {
  Target made = between(std::move(id), std::move(what), expected.status, expected.low,
                        expected.high, measured);
  made.published = expected.published;
  made.tolerance = (expected.high - expected.low) / 2;
  return made;
}

std::vector<Target> targets_of(const AreaStudy& study, const AreaResult& result) {
  const std::string scaling_acc = scaling_name(study.chosen_guard_bits);
  std::vector<Target> targets;
  targets.push_back(target("P4", "MACs in one area, 16 to 2 bits, accumulator " + scaling_acc,
                           study.density, *named(result.densities, scaling_acc).to_2));
  for (const int acc_bits : study.fixed_acc_bits) {
    const std::string name = fixed_name(acc_bits);
    targets.push_back(target("P4-fixed-" + std::to_string(acc_bits),
                             "the same, accumulator fixed at " + name, study.fixed_density,
                             *named(result.densities, name).to_2));
  }
  targets.push_back(target("decomposable", "a decomposable MAC over a fixed one of 8 bits",
                           study.decomposable, result.overheads.front().area_ratio));
  return targets;
}

}  // namespace

AreaResult reproduce_area(const AreaStudy& study) {
  AreaResult result;
  result.densities = our_densities(study);
  result.independent = independent_densities(study);
  result.shares = our_shares(study);
  result.independent_shares = independent_shares(study);
  result.overheads = our_overheads(study);
  result.targets = targets_of(study, result);
  return result;
}

}  // namespace bitscale::reproduce
