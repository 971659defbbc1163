// The user's files under names of our own in a work folder. Verilator runs there: it then reads
// exactly the files given (a relative name could be found in the folder of another file first), its
// messages are not cut off at a space in a name, and what it writes does not depend on where the
// files lie.
#ifndef BITSCALE_RTL_COSIM_RTL_LINKS_H_
#define BITSCALE_RTL_COSIM_RTL_LINKS_H_

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace bitscale::cosim {

class RtlLinks {
 public:
  /// Makes symbolic links in `work` to the folders of `files` and the current one. Throws UserError
  /// when it cannot.
  RtlLinks(const std::vector<std::filesystem::path>& files, const std::filesystem::path& work);

  /// Verilator's arguments, for a run in the work folder: the folders to search, then the files.
  const std::vector<std::string>& arguments() const { return arguments_; }

  /// A text of Verilator's with the names as the user wrote them.
  std::string as_given(std::string text) const;

 private:
  void add_folder(const std::string& link, const std::filesystem::path& folder);

  std::filesystem::path work_;
  std::vector<std::string> arguments_;
  std::vector<std::pair<std::string, std::string>> names_;  // ours, the user's
};

}  // namespace bitscale::cosim

#endif  // BITSCALE_RTL_COSIM_RTL_LINKS_H_
