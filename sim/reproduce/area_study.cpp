#include "sim/reproduce/area_study.h"

#include "arch/base/error.h"
#include "arch/base/json_reader.h"
#include "arch/numeric/precision.h"

namespace bitscale::reproduce {
namespace {

constexpr const char* kStudy = "configs/papers/mac_area/study.json";
constexpr int kStudySchemaVersion = 1;
constexpr base::IntegerRange kAccBits{numeric::kMinAccBits, numeric::kMaxAccBits};

int small(base::JsonReader& reader, const char* key, base::IntegerRange range) {
  return static_cast<int>(reader.integer(key, range));
}

Expected read_expected(base::JsonReader reader) {
  Expected expected;
  if (reader.has("published")) expected.published = reader.number("published", base::kPositive);
  expected.low = reader.number("low", base::kNonNegative);
  expected.high = reader.number("high", base::kPositive);
  expected.status = reader.string("status");
  expected.source = reader.string("source");
  reader.finish();
  return expected;
}

IndependentAreas::Mac read_mac(base::JsonReader reader) {
  IndependentAreas::Mac mac;
  mac.bits = small(reader, "bits", {1, numeric::kMaxOperandBits});
  if (reader.has("acc_bits")) mac.acc_bits = small(reader, "acc_bits", kAccBits);
  mac.area_um2 = reader.number("area_um2", base::kPositive);
  reader.finish();
  return mac;
}

IndependentAreas::Saturation read_saturation(base::JsonReader reader) {
  IndependentAreas::Saturation mac;
  mac.bits = small(reader, "bits", {1, numeric::kMaxOperandBits});
  mac.acc_bits = small(reader, "acc_bits", kAccBits);
  mac.wrap_um2 = reader.number("wrap_um2", base::kPositive);
  mac.saturate_um2 = reader.number("saturate_um2", base::kPositive);
  reader.finish();
  return mac;
}

IndependentAreas read_independent(base::JsonReader reader) {
  IndependentAreas areas;
  areas.name = reader.string("name");
  areas.node_nm = small(reader, "node_nm", {1, 1000});
  areas.status = reader.string("status");
  areas.source = reader.string("source");
  for (base::JsonReader& mac : reader.array("macs")) areas.macs.push_back(read_mac(mac));
  for (base::JsonReader& mac : reader.array("saturation", false)) {
    areas.saturation.push_back(read_saturation(mac));
  }
  if (reader.has("decomposable_um2")) {
    areas.decomposable_um2 = reader.number("decomposable_um2", base::kPositive);
  }
  reader.finish();
  return areas;
}

}  // namespace

std::optional<double> IndependentAreas::mac_um2(int bits, std::optional<int> acc_bits) const {
  for (const Mac& mac : macs) {
    if (mac.bits == bits && mac.acc_bits == acc_bits) return mac.area_um2;
  }
  return std::nullopt;
}

std::filesystem::path area_study_file(const run::Catalog& catalog) {
  return catalog.root() / kStudy;
}

AreaStudy load_area_study(const std::filesystem::path& file, const run::Catalog& catalog) {
  const base::JsonValue document = base::parse_json_file(file);
  base::Problems problems;
  base::JsonReader reader(document, problems);
  AreaStudy study;
  reader.schema_version(kStudySchemaVersion);
  const std::string synthesis = reader.string("synthesis");
  const std::string energies = reader.string("tile_energies");
  base::JsonReader guard = reader.object("guard_bits");
  study.low_guard_bits = small(guard, "low", {0, 16});
  study.high_guard_bits = small(guard, "high", {study.low_guard_bits, 16});
  study.chosen_guard_bits = small(guard, "chosen", {study.low_guard_bits, study.high_guard_bits});
  guard.finish();
  for (base::JsonReader& bits : reader.array("fixed_acc_bits")) {
    study.fixed_acc_bits.push_back(static_cast<int>(bits.as_integer(kAccBits)));
  }
  base::JsonReader expected = reader.object("expected");
  study.density = read_expected(expected.object("density_16_to_2"));
  study.fixed_density = read_expected(expected.object("density_16_to_2_fixed"));
  study.decomposable = read_expected(expected.object("decomposable_over_8_bits"));
  study.bit_serial = read_expected(expected.object("bit_serial_area_times_cycles"));
  expected.finish();
  for (base::JsonReader& areas : reader.array("independent")) {
    study.independent.push_back(read_independent(areas));
  }
  reader.finish();
  problems.throw_if_any();
  study.areas = load_mac_areas(catalog.root() / synthesis);
  study.tile_energies = load_tile_energies(catalog.root() / energies);
  return study;
}

}  // namespace bitscale::reproduce
