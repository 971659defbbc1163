// A new folder for temporary files of one run, which goes away with its user.
#ifndef BITSCALE_RTL_COSIM_WORK_FOLDER_H_
#define BITSCALE_RTL_COSIM_WORK_FOLDER_H_

#include <filesystem>

namespace bitscale::cosim {

/// Unique among all runs, machines and containers that share the folder it lies in.
class WorkFolder {
 public:
  /// In `parent`, which is made if need be. Removes work folders there that no run has changed for
  /// a day: those of runs that were killed. Throws UserError when no folder can be made.
  explicit WorkFolder(const std::filesystem::path& parent);
  /// In the system's folder for temporary files.
  WorkFolder();
  ~WorkFolder();
  WorkFolder(const WorkFolder&) = delete;
  WorkFolder& operator=(const WorkFolder&) = delete;

  /// Absolute.
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace bitscale::cosim

#endif  // BITSCALE_RTL_COSIM_WORK_FOLDER_H_
