// Where the files that ship with the program stand, and how a name becomes a file: "resnet50" is
// workloads/networks/resnet50.json, "default" is configs/arch/default.json, the trace
// "digits_mlp_w4a4" is workloads/traces/digits_mlp_w4a4/trace.json. Whatever names an existing file
// is that file.
#ifndef BITSCALE_SIM_RUN_CATALOG_H_
#define BITSCALE_SIM_RUN_CATALOG_H_

#include <filesystem>
#include <string>
#include <vector>

#include "arch/base/names.h"

namespace bitscale::run {

enum class Shelf { Archs, Networks, Techs, Precisions, Traces };
inline const base::NameTable<Shelf> kShelfNames = {{Shelf::Archs, "archs"},
                                                   {Shelf::Networks, "networks"},
                                                   {Shelf::Techs, "techs"},
                                                   {Shelf::Precisions, "precisions"},
                                                   {Shelf::Traces, "traces"}};

class Catalog {
 public:
  /// `root` holds configs/ and workloads/.
  explicit Catalog(std::filesystem::path root) : root_(std::move(root)) {}

  /// Names on a shelf, sorted.
  std::vector<std::string> names(Shelf shelf) const;
  /// The file a name or path stands for; a relative path is taken from `beside`. Throws UserError
  /// placed at `where` with the nearest name.
  std::filesystem::path find(Shelf shelf, const std::string& name,
                             const std::filesystem::path& beside, const std::string& where) const;
  const std::filesystem::path& root() const { return root_; }

 private:
  std::filesystem::path folder(Shelf shelf) const;
  std::filesystem::path file(Shelf shelf, const std::string& name) const;
  std::filesystem::path root_;
};

}  // namespace bitscale::run

#endif  // BITSCALE_SIM_RUN_CATALOG_H_
