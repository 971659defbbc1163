// A command's folder: whether it can take files, found out before hours of work and not after, and
// its files, which are all of one command.
#ifndef BITSCALE_SIM_CLI_OUTPUT_FOLDER_H_
#define BITSCALE_SIM_CLI_OUTPUT_FOLDER_H_

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bitscale::cli {

/// Throws UserError placed at --output when `folder` is a file or cannot be made or written. Leaves
/// nothing behind.
void require_writable_folder(const std::string& folder);

/// Throws UserError naming the files of these names in `folder`: they are the user's own, for no
/// `closing` of this program stands beside them (`ours` says so).
void require_no_others(const std::filesystem::path& folder, const std::vector<std::string>& names,
                       const std::string& closing, bool ours);

/// Files that appear together. They are written to a folder of their own inside the command's; when
/// that fails (a full disk) it goes, and the command's folder is as it was. commit() refuses what
/// stands in the way of a file before it changes anything. Then one rename marks the files as
/// complete: from there on they are moved, the closing one last, and a command that is killed in
/// between is finished by the next one that writes to the folder or reads it (finish_killed()).
/// The closing file is never missing: at every moment it is whole, the old one or the new.
class OutputFiles {
 public:
  /// `closing` is the name of the file that comes last. Throws UserError.
  OutputFiles(std::filesystem::path folder, std::string closing);
  ~OutputFiles();
  OutputFiles(const OutputFiles&) = delete;
  OutputFiles& operator=(const OutputFiles&) = delete;

  /// Throws UserError, placed at the file's name in the command's folder.
  void add(const std::string& name, std::string_view content);
  /// The same for a file that `write(path)` makes.
  template <class Write>
  void add_by(const std::string& name, Write write) {
    write(staging_ / name);
    names_.push_back(name);
  }
  const std::filesystem::path& folder() const { return folder_; }
  /// A file that an earlier command may have left and this one may not write.
  void replace(const std::string& name) { replaced_.push_back(name); }
  /// Throws UserError; before the first rename the folder is as it was.
  void commit();

  /// Finishes the commits of commands that were killed while their files were moved. Throws
  /// UserError when the file system refuses.
  static void finish_killed(const std::filesystem::path& folder);

  /// For tests: called before each step of a commit that changes the folder.
  using Step = std::function<void()>;
  void before_each_step(Step step) { step_ = std::move(step); }

 private:
  void check_obstacles() const;
  void write_orders() const;

  std::filesystem::path folder_, staging_;
  std::string closing_;
  std::vector<std::string> names_, replaced_;
  Step step_ = [] {};
};

}  // namespace bitscale::cli

#endif  // BITSCALE_SIM_CLI_OUTPUT_FOLDER_H_
