#include "sim/sweep/sweep_spec.h"

#include <algorithm>
#include <array>
#include <limits>
#include <map>

#include "arch/base/error.h"
#include "arch/base/json_parse.h"
#include "arch/base/json_writer.h"
#include "sim/run/assembly.h"
#include "sim/sweep/axis_checks.h"
#include "sim/sweep/result_fields.h"
#include "sim/sweep/spec_fields.h"
#include "workloads/model/checksum.h"

namespace bitscale::sweep {
namespace {

using base::JsonReader;

constexpr std::int64_t kMostSampled = 1'000'000'000;

// A file of the base: beside the sweep when it is there, else a name for the catalog.
std::string base_file(JsonReader& reader, const char* key, const std::filesystem::path& beside) {
  std::string given = reader.string(key, "");
  if (given.empty()) return given;
  const std::filesystem::path path = beside / given;
  return std::filesystem::is_regular_file(path) ? path.string() : given;
}

run::RunRequest read_base(JsonReader reader, const std::filesystem::path& beside) {
  run::RunRequest base;
  base.config = base_file(reader, "config", beside);
  base.arch = base_file(reader, "arch", beside);
  base.network = base_file(reader, "network", beside);
  base.tech = base_file(reader, "tech", beside);
  base.precision = base_file(reader, "precision", beside);
  base.mapping = base_file(reader, "mapping", beside);
  if (reader.has("set")) {
    for (auto& [pointer, value] : reader.object("set").entries()) {
      base.sets.push_back(pointer + "=" + json_line(value.value()));
    }
  }
  reader.finish();
  return base;
}

void read_sampling(JsonReader reader, SweepSpec& spec) {
  spec.method = reader.one_of("method", kMethodNames, Method::Grid);
  if (spec.method != Method::Grid) {
    spec.sampled_points = reader.integer("points", {1, kMostSampled});
    spec.seed = static_cast<std::uint64_t>(
        reader.integer("seed", {0, std::numeric_limits<std::int64_t>::max()}, 1));
  }
  reader.finish();
}

struct Part {
  const char* pointer;
  run::Shelf shelf;
};
constexpr std::array<Part, 4> kParts = {{{"/arch", run::Shelf::Archs},
                                         {"/network", run::Shelf::Networks},
                                         {"/tech", run::Shelf::Techs},
                                         {"/precision", run::Shelf::Precisions}}};

// Reads the file that a set names for a whole part.
void read_part(const run::Catalog& catalog, const std::filesystem::path& beside, const Axis& axis,
               Set& set) {
  const auto part = std::find_if(kParts.begin(), kParts.end(),
                                 [&](const Part& one) { return one.pointer == set.pointer; });
  const bool is_mapping = set.pointer == "/mapping";  // none ships
  if ((part == kParts.end() && !is_mapping) || set.text.empty() || set.text.front() != '"') return;
  const std::string given = base::parse_json(set.text, axis.where).text;
  const bool is_beside = std::filesystem::is_regular_file(beside / given);
  const std::string name = is_beside ? (beside / given).string() : given;
  const std::filesystem::path file =
      is_mapping ? name : catalog.find(part->shelf, name, "", axis.where).string();
  set.text = json_line(base::parse_json_file(file));
  set.file = is_beside ? (beside / given).lexically_normal().string() : given;
}

void read_parts(const run::Catalog& catalog, const std::filesystem::path& beside, SweepSpec& spec,
                base::Problems& problems) {
  for (Axis& axis : spec.axes) {
    for (Option& option : axis.options) {
      for (Set& set : option.sets) {
        try {
          read_part(catalog, beside, axis, set);
        } catch (const base::UserError& error) {
          add_all(problems, error);
        }
      }
    }
  }
}

std::optional<double> limit(JsonReader& reader, const char* key) {
  if (!reader.has(key)) return std::nullopt;
  return reader.number(key, base::kPositive);
}

IsoMode read_iso(JsonReader reader) {
  IsoMode iso;
  JsonReader budget = reader.object("budget");
  iso.budget.area_um2 = limit(budget, "area_um2");
  iso.budget.power_mw = limit(budget, "power_mw");
  iso.budget.peak_tops = limit(budget, "peak_tops");
  iso.budget.bandwidth_gbps = limit(budget, "bandwidth_gbps");
  if (!iso.budget.area_um2 && !iso.budget.power_mw && !iso.budget.peak_tops &&
      !iso.budget.bandwidth_gbps) {
    budget.problem("give at least one of area_um2, power_mw, peak_tops, bandwidth_gbps");
  }
  budget.finish();
  JsonReader shape = reader.object("shape", false);
  iso.shape.aspect = shape.number("aspect", base::kPositive, iso.shape.aspect);
  iso.shape.stretch = shape.number("stretch", {1}, iso.shape.stretch);
  iso.shape.step = shape.integer("step", {1, 65536}, iso.shape.step);
  if (shape.has("rows")) iso.shape.rows = shape.integer("rows", {1, 65536});
  if (shape.has("cols")) iso.shape.cols = shape.integer("cols", {1, 65536});
  shape.finish();
  reader.finish();
  return iso;
}

// Strict reading tells whether a pointer that the base does not hold is a member with a default or
// a name nobody knows: only the latter is refused here, other faults belong to their points.
void check_pointers(const SweepSpec& spec, base::Problems& problems) {
  for (const Axis& axis : spec.axes) {
    base::JsonValue document = spec.base_document;
    bool fresh = false;
    try {
      for (const Set& set : axis.options.front().sets) {
        fresh = fresh || base::find_by_pointer(document, set.pointer) == nullptr;
        base::set_by_pointer(document, set.pointer, set.text, axis.where);
      }
    } catch (const base::UserError& error) {
      add_all(problems, error);
      continue;
    }
    if (!fresh) continue;
    try {
      run::resolve_config(document);
    } catch (const base::UserError& error) {
      for (const base::Problem& problem : error.problems()) {
        if (problem.message.rfind("unknown key", 0) != 0) continue;
        problems.add(axis.where, "its pointer does not exist in the configuration: " +
                                     problem.where + ": " + problem.message);
      }
    }
  }
}

// What is wrong with the base's files where no axis replaces it: every point would fail of it.
void check_base(const SweepSpec& spec, const run::Assembly& base, base::Problems& problems) {
  base::JsonValue document = base.document;
  std::vector<std::string> unread = base.lost;
  run::AppliedSets axes;
  for (const Axis& axis : spec.axes) {
    if (axis.options.empty()) continue;
    for (const Set& set : axis.options.front().sets) {
      const bool whole = set.pointer.rfind('/') == 0;
      if (whole && !set.pointer.empty()) unread.push_back(set.pointer.substr(1));
      base::Problems ignored;  // said by check_pointers()
      if (!whole) {
        run::collect(ignored, [&] { axes.apply(document, set.pointer + "=" + set.text); });
      }
    }
  }
  base::Problems found;
  JsonReader reader(document, found);
  run::RunConfig config;
  run::read_parts(reader, config, found, unread);
  try {
    found.throw_if_any();
  } catch (const base::UserError& error) {
    for (const base::Problem& problem : error.problems()) {
      if (axes.blame({problem}).front().where != problem.where) continue;
      const base::Problem placed = base.sets.blame({problem}).front();
      problems.add(placed.where, placed.message);
    }
  }
}

// Everything that decides what a point's index and numbers mean.
std::string fingerprint(const SweepSpec& spec, const base::JsonValue& document) {
  base::JsonWriter json;
  json.begin_object().member("base", spec.base_document);
  for (const char* key : {"axes", "sampling", "iso", "constraints"}) {
    if (const base::JsonValue* part = document.find(key)) json.member(key, *part);
  }
  std::string files;
  for (const Axis& axis : spec.axes) {
    for (const Option& option : axis.options) {
      for (const Set& set : option.sets) {
        if (!set.file.empty()) files += set.text + '\n';
      }
    }
  }
  if (!files.empty()) json.member("axis_files", files);
  if (!spec.pointers.empty()) {  // what is stored of a point
    json.begin_array("report_pointers");
    for (const std::string& pointer : spec.pointers) json.value(pointer);
    json.end();
  }
  return model::sha256(json.end().take());
}

// The document's members; its constraints build on its axes.
void read_members(JsonReader& reader, const std::filesystem::path& file, SweepSpec& spec,
                  base::Problems& problems) {
  reader.schema_version(kSweepSchemaVersion);
  spec.name = reader.string("name", file.stem().string());
  spec.description = reader.string("description", "");
  spec.base = read_base(reader.object("base"), file.parent_path());
  const std::size_t before = problems.size();
  for (JsonReader& item : reader.array("axes")) spec.axes.push_back(read_axis(item));
  if (reader.value().find("axes") != nullptr && spec.axes.empty()) {
    reader.problem("name at least one axis", "axes");
  }
  check_names(spec, problems);
  const bool good_axes = problems.size() == before;
  read_fields(reader, good_axes, spec, problems);
  read_sampling(reader.object("sampling", false), spec);
  if (reader.has("iso")) spec.iso = read_iso(reader.object("iso"));
  check_overrides(spec, reader.where("axes"), problems);
  spec.engine = reader.one_of("engine", kEngineModeNames, EngineMode::SystemC);
  spec.time_limit_s = reader.number("time_limit_s", {1e-3, 1e6}, spec.time_limit_s);
  reader.finish();
}

}  // namespace

// The base's parts are named by the commands' options; here they are members of the sweep.
void add_of_base(base::Problems& problems, const base::UserError& error,
                 const std::filesystem::path& file) {
  for (const base::Problem& problem : error.problems()) {
    const bool option = problem.where.rfind("--", 0) == 0;
    const std::string name = problem.where.substr(option ? 2 : 0, problem.where.find(' ') - 2);
    problems.add(option ? file.string() + ":/base/" + name : problem.where, problem.message);
  }
}

// A trace has tensors of one network, a sweep takes shapes.
void refuse_trace(const std::string& network, const std::filesystem::path& file,
                  base::Problems& problems) {
  const std::filesystem::path given = network;
  std::error_code code;
  const bool trace = given.filename() == "trace.json" ||
                     std::filesystem::is_regular_file(given / "trace.json", code);
  if (!trace) return;
  problems.add(file.string() + ":/base/network",
               "'" + network +
                   "' is a trace: a sweep takes the shapes of a network, not tensors; give a "
                   "network file, such as the \"network\" of the resolved.json that 'bitscale run' "
                   "of the trace writes");
  problems.throw_if_any();
}

SweepSpec load_sweep(const std::filesystem::path& file, const run::Catalog& catalog) {
  base::Problems problems;
  const base::JsonValue document = base::parse_json_file(file, problems);
  JsonReader reader(document, problems);
  SweepSpec spec;
  spec.file = file.string();
  read_members(reader, file, spec, problems);
  read_parts(catalog, file.parent_path(), spec, problems);
  const bool good_axes = problems.empty();
  refuse_trace(spec.base.network, file, problems);
  run::Assembly base = run::assemble(spec.base, catalog, run::Scope::Run);
  try {
    base.problems.throw_if_any();
  } catch (const base::UserError& error) {
    add_of_base(problems, error, file);
  }
  spec.base_document = base.document;
  check_base(spec, base, problems);
  if (good_axes && base.lost.empty()) check_pointers(spec, problems);
  problems.throw_if_any();
  check_report_pointers(spec, problems);
  problems.throw_if_any();
  spec.fingerprint = fingerprint(spec, document);
  return spec;
}

std::vector<std::string> value_names(const SweepSpec& spec) {
  std::vector<std::string> names = result_fields();
  names.insert(names.end(), spec.pointers.begin(), spec.pointers.end());
  return names;
}

std::vector<AxisColumn> axis_columns(const SweepSpec& spec) {
  std::vector<AxisColumn> columns;
  for (const Axis& axis : spec.axes) {
    columns.insert(columns.end(), axis.columns.begin(), axis.columns.end());
  }
  return columns;
}

}  // namespace bitscale::sweep
