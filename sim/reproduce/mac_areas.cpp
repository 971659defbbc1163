#include "sim/reproduce/mac_areas.h"

#include <algorithm>

#include "arch/base/error.h"
#include "arch/base/file.h"
#include "arch/base/json_reader.h"

namespace bitscale::reproduce {
namespace {

constexpr int kFullBits = 16;

double parameter_of(base::JsonReader& value) {
  if (value.kind() == base::JsonValue::Kind::Boolean) return value.value().boolean ? 1 : 0;
  return value.as_number({});
}

MacAreas::Row read_row(base::JsonReader& reader) {
  MacAreas::Row row;
  row.module = reader.string("module");
  row.area_um2 = reader.number("area_um2", base::kPositive);
  base::JsonReader parameters = reader.object("parameters");
  for (auto& [name, value] : parameters.entries()) row.parameters[name] = parameter_of(value);
  return row;  // further columns are for others
}

bool has(const MacAreas::Row& row, const std::map<std::string, double>& parameters) {
  return std::all_of(parameters.begin(), parameters.end(), [&](const auto& wanted) {
    const auto given = row.parameters.find(wanted.first);
    return given != row.parameters.end() && given->second == wanted.second;
  });
}

}  // namespace

double MacAreas::area_um2(const std::string& module,
                          const std::map<std::string, double>& parameters) const {
  for (const Row& row : rows) {
    if (row.module == module && has(row, parameters)) return row.area_um2;
  }
  std::string text = module;
  for (const auto& [name, value] : parameters) {
    text += " " + name + "=" + base::format_number(value);
  }
  throw base::UserError(
      file + ":/rows",
      "no row of " + text + "; scripts/characterize.sh writes one for each design");
}

double MacAreas::mac_um2(int bits, int acc_bits, bool saturates) const {
  return area_um2("mac_unit", {{"WeightBits", bits},
                               {"ActBits", bits},
                               {"AccBits", acc_bits},
                               {"WeightSigned", 1},
                               {"ActSigned", 1},
                               {"Overflow", saturates ? 1 : 0},
                               {"TrackOverflow", 0}});
}

double MacAreas::density_ratio(int bits, int acc_bits_at_16, int acc_bits) const {
  return mac_um2(kFullBits, acc_bits_at_16) / mac_um2(bits, acc_bits);
}

std::array<double, 4> MacAreas::peak_ratio(int acc_bits) const {
  return {1, density_ratio(8, acc_bits, acc_bits), density_ratio(4, acc_bits, acc_bits),
          density_ratio(2, acc_bits, acc_bits)};
}

std::string MacAreas::origin() const { return library + " (" + tool + ", unplaced)"; }

MacAreas load_mac_areas(const std::filesystem::path& file) {
  const base::JsonValue document = base::parse_json_file(file);
  base::Problems problems;
  base::JsonReader reader(document, problems);
  MacAreas areas;
  areas.file = file.string();
  areas.library = reader.string("library");
  areas.tool = reader.string("tool");
  for (base::JsonReader& row : reader.array("rows")) areas.rows.push_back(read_row(row));
  problems.throw_if_any();
  return areas;
}

}  // namespace bitscale::reproduce
