// A command's folder: whether it can take files, found out before hours of work and not after, and
// its files, which are all of one command or visibly not complete.
#ifndef BITSCALE_SIM_CLI_OUTPUT_FOLDER_H_
#define BITSCALE_SIM_CLI_OUTPUT_FOLDER_H_

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace bitscale::cli {

/// Throws UserError placed at --output when `folder` is a file or cannot be made or written. Leaves
/// nothing behind.
void require_writable_folder(const std::string& folder);

/// Files that appear together. They are written to a folder of their own inside the command's; when
/// that fails (a full disk) it goes, and the command's folder is as it was. commit() then renames
/// them: first the closing file of an earlier command goes, then what else it left, then the files
/// come, the closing one last. So a folder with its closing file holds one command's files, however
/// the command ended.
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
  /// Throws UserError when the file system refuses; the closing file is absent then.
  void commit();

 private:
  void remove(const std::string& name) const;

  std::filesystem::path folder_, staging_;
  std::string closing_;
  std::vector<std::string> names_, replaced_;
};

}  // namespace bitscale::cli

#endif  // BITSCALE_SIM_CLI_OUTPUT_FOLDER_H_
