#include "sim/verify/cosim_report.h"

#include <algorithm>
#include <iomanip>
#include <map>
#include <sstream>

namespace bitscale::verify {
namespace {

double millions_per_s(std::int64_t vectors, double seconds) {
  return seconds > 0 ? static_cast<double>(vectors) / seconds / 1e6 : 0;
}

/// 1234567 → "1,234,567".
std::string grouped(std::int64_t number) {
  std::string digits = std::to_string(number);
  for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > 0; at -= 3) {
    digits.insert(static_cast<std::size_t>(at), ",");
  }
  return digits;
}

/// Sets of a group added up, in the order they first appear.
struct Row {
  std::int64_t sets = 0, vectors = 0, digits = 0, mismatches = 0, not_reached = 0;
  cosim::Coverage coverage;
  cosim::CornerCount corners;
  std::optional<CycleCount> cycles;
  double seconds = 0;

  void add(const SetOutcome& set) {
    ++sets;
    vectors += set.vectors;
    digits += set.digits_vectors;
    mismatches += set.mismatches;
    coverage.add(set.coverage);
    corners.add(set.corners);
    not_reached += set.not_reached.empty() ? 0 : 1;
    seconds += set.seconds;
    if (!set.cycles) return;
    if (!cycles) cycles.emplace();
    cycles->rtl += set.cycles->rtl;
    cycles->expected += set.cycles->expected;
  }
};

class Table {
 public:
  explicit Table(std::size_t name_width) : name_width_(static_cast<int>(name_width)) {
    line("set", "sets", "vectors", "digits", "mismatches", "corners", "overflows", "not reached",
         "RTL cycles", "simulator", "M/s");
  }

  void row(const std::string& name, const Row& row) {
    std::ostringstream speed;
    speed << std::fixed << std::setprecision(1) << millions_per_s(row.vectors, row.seconds);
    line(name, std::to_string(row.sets), grouped(row.vectors), grouped(row.digits),
         grouped(row.mismatches),
         std::to_string(row.corners.met) + "/" + std::to_string(row.corners.possible),
         grouped(row.coverage.overflow_up + row.coverage.overflow_down), grouped(row.not_reached),
         row.cycles ? grouped(row.cycles->rtl) : "",
         row.cycles ? grouped(row.cycles->expected) : "", speed.str());
  }

  std::string text() const { return out_.str(); }

 private:
  template <class... Cells>
  void line(const std::string& name, const Cells&... cells) {
    constexpr int kWidths[] = {5, 13, 10, 11, 11, 12, 12, 12, 12, 8};
    out_ << std::left << std::setw(name_width_) << name << std::right;
    std::size_t column = 0;
    ((out_ << std::setw(kWidths[column++]) << cells), ...);
    out_ << '\n';
  }

  int name_width_;
  std::ostringstream out_;
};

/// Arrays that ran a trained network's layers.
std::string trained_text(const std::vector<SetOutcome>& sets) {
  std::int64_t vectors = 0, arrays = 0;
  for (const SetOutcome& set : sets) {
    vectors += set.trained_vectors;
    arrays += set.trained_vectors > 0 ? 1 : 0;
  }
  if (arrays == 0) return "";
  return "\nof these, " + grouped(vectors) +
         " MACs in whole layers of a trained network (fashion_resnet8_pact_w4a4), its own "
         "operands, "
         "on " +
         std::to_string(arrays) + " arrays\n";
}

/// Which sets never came to an end of their accumulator, so that nobody takes them for tried there.
std::string not_reached_text(const std::vector<SetOutcome>& sets) {
  std::size_t count = 0;
  std::string names;
  for (const SetOutcome& set : sets) {
    if (set.not_reached.empty()) continue;
    ++count;
    names += "\n  " + set.name + ":";
    for (const std::string& name : set.not_reached) names += " " + name;
  }
  if (count == 0) return "";
  return "\noverflow not reached in " + std::to_string(count) +
         " of the sets: their accumulators are not shown to be as wide as declared, nor to "
         "overflow "
         "as declared; more --vectors reach further" +
         names + "\n";
}

void write_set(base::JsonWriter& json, const SetOutcome& set) {
  json.begin_object();
  json.member("name", set.name).member("module", set.module);
  json.member("parameters", set.parameters);
  json.member("vectors", set.vectors).member("digits_vectors", set.digits_vectors);
  if (set.cycles) {
    json.member("trained_vectors", set.trained_vectors);
    json.member("layers", set.layers).member("tiles", set.tiles);
    json.member("rtl_cycles", set.cycles->rtl).member("expected_cycles", set.cycles->expected);
  }
  json.member("mismatches", set.mismatches);
  json.begin_object("coverage");
  json.member("corners_met", set.corners.met).member("corners_possible", set.corners.possible);
  json.begin_array("not_reached");
  for (const std::string& name : set.not_reached) json.value(name);
  json.end();
  cosim::write_json(json, set.coverage);
  json.end();
  json.member("million_vectors_per_s", millions_per_s(set.vectors, set.seconds));
  if (!set.warnings.empty()) {
    json.begin_array("warnings");
    for (const std::string& warning : set.warnings) json.value(warning);
    json.end();
  }
  if (set.failure) {
    json.begin_object("failure");
    json.member("cycle", set.failure->cycle).member("text", set.failure->text);
    json.end();
  }
  json.end();
}

}  // namespace

void SetOutcome::count_ends(const cosim::PossibleEnds& possible) {
  not_reached = cosim::ends_not_reached(coverage, possible);
  const int ends = (possible.rise ? 2 : 0) + (possible.fall ? 2 : 0);
  corners.add({ends - static_cast<int>(not_reached.size()), ends});
}

std::int64_t CosimReport::vectors() const {
  std::int64_t sum = 0;
  for (const SetOutcome& set : sets) sum += set.vectors;
  return sum;
}

std::int64_t CosimReport::mismatches() const {
  std::int64_t sum = 0;
  for (const SetOutcome& set : sets) sum += set.mismatches;
  return sum;
}

std::string report_json(const CosimReport& report,
                        const std::optional<Characterization>& characterization) {
  base::JsonWriter json;
  json.begin_object();
  json.member("schema_version", kCosimSchemaVersion).member("seed", report.seed);
  json.member("vectors", report.vectors()).member("mismatches", report.mismatches());
  json.member("seconds", report.seconds);
  json.begin_array("sets");
  for (const SetOutcome& set : report.sets) write_set(json, set);
  json.end();
  if (characterization) {
    json.begin_object("characterization");
    json.member("library", characterization->library);
    json.member("area_um2", characterization->area_um2);
    json.member("cells", characterization->cells);
    json.member("flip_flops", characterization->flip_flops);
    json.member("placed", false);
    json.end();
  }
  json.end();
  return json.take();
}

std::string report_text(const CosimReport& report) {
  std::vector<std::string> groups;
  std::map<std::string, Row> rows;
  Row total;
  std::size_t width = 6;
  for (const SetOutcome& set : report.sets) {
    if (rows.count(set.group) == 0) groups.push_back(set.group);
    rows[set.group].add(set);
    total.add(set);
    width = std::max(width, set.group.size() + 1);
  }
  total.seconds = report.seconds;
  Table table(width);
  for (const std::string& group : groups) table.row(group, rows[group]);
  table.row("all", total);
  std::string text = table.text() + trained_text(report.sets) + not_reached_text(report.sets);
  for (const SetOutcome& set : report.sets) {
    for (const std::string& warning : set.warnings) text += "\nwarning: " + warning + "\n";
    if (set.failure) text += "\nMISMATCH in " + set.failure->text + "\n";
  }
  return text;
}

}  // namespace bitscale::verify
