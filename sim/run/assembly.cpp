#include "sim/run/assembly.h"

#include <algorithm>
#include <array>
#include <filesystem>

#include "arch/base/json_parse.h"
#include "sim/run/resolved.h"

namespace bitscale::run {
namespace {

using base::JsonValue;

/// A part of the document, how it is asked for, and what stands for it when nobody asks.
struct PartRule {
  const char* key;
  Shelf shelf;
  std::string RunRequest::*given;
  const char* fallback;
  bool of_design;  ///< needed where no network runs
};

const std::array<PartRule, 4> kParts = {{
    {"arch", Shelf::Archs, &RunRequest::arch, "default", true},
    {"network", Shelf::Networks, &RunRequest::network, "", false},
    {"tech", Shelf::Techs, &RunRequest::tech, "generic_45nm", true},
    {"precision", Shelf::Precisions, &RunRequest::precision, "w8a8", false},
}};

// What else is wrong with a file is found after its duplicate keys.
JsonValue read_file(const std::filesystem::path& path, base::Problems& problems) {
  base::Problems duplicates;
  JsonValue document = base::parse_json_file(path, duplicates);
  add_all(problems, duplicates);
  return document;
}

// The members a config file gives, and whether that is all of them: what a file with problems
// leaves out it may have meant to give.
struct ConfigFile {
  JsonValue members = JsonValue::make_object();
  bool whole = true;

  const JsonValue* find(const char* key) const { return members.find(key); }
  // The text of a member, or "".
  std::string text(const char* key) const {
    const JsonValue* member = find(key);
    return member == nullptr ? "" : member->text;
  }
};

// A resolved.json is a configuration whose parts are written out.
void read_resolved_parts(const JsonValue& document, ConfigFile& config) {
  read_resolved(document);  // checks it
  config.members.origin = document.origin;
  for (const char* key : {"arch", "network", "tech", "precision", "batch", "objective"}) {
    config.members.set(key, *document.find(key));
  }
  if (const JsonValue* mapping = document.find("mapping")) config.members.set("mapping", *mapping);
}

void read_members(const JsonValue& document, base::Problems& problems, ConfigFile& config) {
  base::JsonReader reader(document, problems);
  reader.schema_version(kConfigSchemaVersion);
  for (const char* key : {"arch", "network", "tech", "precision", "mapping"}) {
    if (!reader.has(key)) continue;
    if (document.find(key)->kind == JsonValue::Kind::Object) {  // stands in the file itself
      config.members.origin = document.origin;
      config.members.set(key, *document.find(key));
      continue;
    }
    const std::size_t before = problems.size();
    const std::string text = reader.string(key);
    if (!text.empty()) {
      config.members.set(key, JsonValue::make_string(text));
    } else if (problems.size() == before) {
      reader.problem("expected a file or a name, given \"\"", key);
    }
  }
  if (reader.has("batch")) {
    config.members.set("batch", JsonValue::make_integer(reader.integer("batch", {1, 65536})));
  }
  if (reader.has("objective")) {
    const auto objective = reader.one_of("objective", mapping::kObjectiveNames);
    config.members.set(
        "objective", JsonValue::make_string(std::string(mapping::kObjectiveNames.name(objective))));
  }
  reader.finish();
}

ConfigFile read_config_file(const std::string& path, base::Problems& problems) {
  ConfigFile config;
  const std::size_t before = problems.size();
  collect(problems, [&] {
    const JsonValue document = read_file(path, problems);
    if (document.find("layer_precision") != nullptr) {
      read_resolved_parts(document, config);
    } else {
      read_members(document, problems, config);
    }
  });
  config.whole = problems.size() == before;
  return config;
}

class Assembler {
 public:
  Assembler(const RunRequest& request, const Catalog& catalog)
      : request_(request), catalog_(catalog) {
    assembly_.document.origin = "run";
    if (request.config.empty()) return;
    config_ = read_config_file(request.config, assembly_.problems);
    assembly_.inputs.emplace_back("config", request.config);
    if (!config_.members.origin.empty()) assembly_.document.origin = config_.members.origin;
  }

  Assembly take(Scope scope) {
    const bool all = scope == Scope::Run || scope == Scope::Parts;
    for (const PartRule& part : kParts) {
      if (all || part.of_design) step(part.key, [&] { add_part(part, scope); });
    }
    if (scope != Scope::Design) {
      step("mapping", [&] { add_mapping(); });
      for (const char* key : {"batch", "objective"}) {
        if (config_.find(key) != nullptr) assembly_.document.set(key, *config_.find(key));
      }
    }
    for (const std::string& text : request_.sets) add_set(text);
    return std::move(assembly_);
  }

 private:
  // Adds a member; on a problem it is lost.
  template <class Add>
  void step(const char* key, Add add) {
    const std::size_t before = assembly_.problems.size();
    collect(assembly_.problems, add);
    const bool lost = assembly_.document.find(key) == nullptr && assembly_.problems.size() > before;
    if (lost) assembly_.lost.emplace_back(key);
  }

  void add_part(const PartRule& part, Scope scope) {
    const std::string& given = request_.*part.given;
    const JsonValue* configured = given.empty() ? config_.find(part.key) : nullptr;
    if (configured != nullptr && configured->kind == JsonValue::Kind::Object) {
      assembly_.document.set(part.key, *configured);
      assembly_.inputs.emplace_back(part.key, request_.config);
      return;
    }
    const std::string name = !given.empty()          ? given
                             : configured != nullptr ? configured->text
                                                     : part.fallback;
    const bool unsaid = given.empty() && configured == nullptr;
    if (unsaid && (!config_.whole || (name.empty() && scope == Scope::Parts))) {
      assembly_.lost.emplace_back(part.key);
      return;
    }
    if (name.empty()) {
      throw base::UserError(
          std::string("--") + part.key,
          "name a network: a file, or one of " + base::comma_separated(catalog_.names(part.shelf)));
    }
    const std::string where =
        configured != nullptr ? request_.config + ":/" + part.key : std::string("--") + part.key;
    const auto beside = std::filesystem::path(request_.config).parent_path();
    const auto path = catalog_.find(part.shelf, name, configured != nullptr ? beside : "", where);
    assembly_.document.set(part.key, read_file(path, assembly_.problems));
    assembly_.inputs.emplace_back(part.key, path.string());
  }

  void add_mapping() {
    std::filesystem::path mapping = request_.mapping;
    const JsonValue* configured = config_.find("mapping");
    if (mapping.empty() && configured != nullptr && configured->kind == JsonValue::Kind::Object) {
      assembly_.document.set("mapping", *configured);
      assembly_.inputs.emplace_back("mapping", request_.config);
      return;
    }
    if (mapping.empty()) {
      const std::string named = config_.text("mapping");
      if (named.empty()) return;
      mapping = std::filesystem::path(request_.config).parent_path() / named;
      std::error_code code;
      if (!std::filesystem::exists(std::filesystem::status(mapping, code))) {
        throw base::UserError(request_.config + ":/mapping",
                              "no such file '" + named + "', which would be " + mapping.string());
      }
    }
    assembly_.document.set("mapping", read_file(mapping, assembly_.problems));
    assembly_.inputs.emplace_back("mapping", mapping.string());
  }

  // What an option would change in a lost part cannot be judged.
  void add_set(const std::string& text) {
    assembly_.inputs.emplace_back("set", text);
    const std::size_t end = text.find_first_of("/=", 1);
    if (end != std::string::npos && text.front() == '/' &&
        assembly_.has_lost(text.substr(1, end - 1))) {
      return;
    }
    collect(assembly_.problems, [&] { assembly_.sets.apply(assembly_.document, text); });
  }

  const RunRequest& request_;
  const Catalog& catalog_;
  ConfigFile config_;
  Assembly assembly_;
};

}  // namespace

bool Assembly::has_lost(const std::string& key) const {
  return std::find(lost.begin(), lost.end(), key) != lost.end();
}

void blame_sets(Assembly& assembly, const base::Problems& found) {
  collect(assembly.problems, [&] {
    try {
      found.throw_if_any();
    } catch (const base::UserError& error) {
      throw base::UserError(assembly.sets.blame(error.problems()));
    }
  });
}

Assembly assemble(const RunRequest& request, const Catalog& catalog, Scope scope) {
  return Assembler(request, catalog).take(scope);
}

}  // namespace bitscale::run
