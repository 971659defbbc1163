#include "sim/run/load_part.h"

#include "arch/base/json_parse.h"
#include "arch/base/json_reader.h"

namespace bitscale::run {
namespace {

template <class Part>
Part load(const std::filesystem::path& file, Part (*read)(base::JsonReader&)) {
  base::Problems problems;
  const base::JsonValue document = base::parse_json_file(file, problems);
  base::JsonReader reader(document, problems);
  Part part = read(reader);
  problems.throw_if_any();
  return part;
}

std::filesystem::path shipped(const Catalog& catalog, Shelf shelf, const std::string& name) {
  return catalog.find(shelf, name, "", std::string(kShelfNames.name(shelf)));
}

}  // namespace

spec::AcceleratorSpec load_accelerator(const std::filesystem::path& file) {
  return load(file, spec::read_accelerator);
}

model::Network load_network(const std::filesystem::path& file) {
  return load(file, model::read_network);
}

spec::AcceleratorSpec shipped_accelerator(const Catalog& catalog, const std::string& name) {
  return load_accelerator(shipped(catalog, Shelf::Archs, name));
}

model::Network shipped_network(const Catalog& catalog, const std::string& name) {
  return load_network(shipped(catalog, Shelf::Networks, name));
}

}  // namespace bitscale::run
