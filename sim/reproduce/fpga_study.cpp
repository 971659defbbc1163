#include "sim/reproduce/fpga_study.h"

#include <algorithm>
#include <system_error>

#include "arch/base/error.h"
#include "arch/base/json_reader.h"

namespace bitscale::reproduce {
namespace {

constexpr int kSchemaVersion = 1;
constexpr base::NumberRange kRate{1e-3, 1e9};

int bits(base::JsonReader& reader, const char* key, std::int64_t high) {
  return static_cast<int>(reader.integer(key, {1, high}));
}

}  // namespace

int FpgaStudy::narrow_bits() const {
  constexpr int kPublished = 12;
  const bool has = std::find(acc_bits.begin(), acc_bits.end(), kPublished) != acc_bits.end();
  return has ? kPublished : acc_bits.back();
}

std::filesystem::path fpga_study_file(const run::Catalog& catalog) {
  return catalog.root() / "configs/fpga/study.json";
}

FpgaStudy load_fpga_study(const std::filesystem::path& file, const run::Catalog& catalog) {
  const base::JsonValue document = base::parse_json_file(file);
  base::Problems problems;
  base::JsonReader reader(document, problems);
  FpgaStudy study;
  study.file = file;
  std::error_code code;
  study.shipped = std::filesystem::equivalent(file, fpga_study_file(catalog), code);
  reader.schema_version(kSchemaVersion);
  study.network = reader.string("network");
  study.weight_bits = bits(reader, "weight_bits", 16);
  study.act_bits = bits(reader, "act_bits", 16);
  study.output_bits = bits(reader, "output_bits", 8);
  study.clock_mhz = reader.number("clock_mhz", {1, 10000});
  for (base::JsonReader& entry : reader.array("acc_bits")) {
    study.acc_bits.push_back(static_cast<int>(entry.as_integer({2, 48})));
  }
  study.samples_per_s = reader.number("samples_per_s", kRate);
  for (base::JsonReader& entry : reader.array("rates")) {
    study.rates.push_back(entry.as_number(kRate));
  }
  if (reader.has("lut_budget")) study.lut_budget = reader.number("lut_budget", {1, 1e9});
  study.memory = reader.one_of("memory", spec::kWeightMemoryNames);
  if (study.acc_bits.empty()) reader.problem("name at least one width", "acc_bits");
  reader.finish();
  problems.throw_if_any();
  std::sort(study.acc_bits.rbegin(), study.acc_bits.rend());
  return study;
}

}  // namespace bitscale::reproduce
