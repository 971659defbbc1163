#include "rtl/cosim/rtl_links.h"

#include <algorithm>
#include <map>

#include "arch/base/error.h"

namespace bitscale::cosim {
namespace {

constexpr const char* kPlain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.";

void link(const std::filesystem::path& target, const std::filesystem::path& name) {
  std::error_code error;
  std::filesystem::create_directories(name.parent_path(), error);
  if (!error) std::filesystem::create_symlink(std::filesystem::absolute(target), name, error);
  if (error) throw base::UserError(target.string(), "cannot be linked to: " + error.message());
}

/// "my mac.sv" → "my_mac.sv".
std::string plain_name(std::string name) {
  for (char& letter : name) {
    if (std::string(kPlain).find(letter) == std::string::npos) letter = '_';
  }
  return name;
}

}  // namespace

RtlLinks::RtlLinks(const std::vector<std::filesystem::path>& files,
                   const std::filesystem::path& work)
    : work_(work), arguments_{"-I."} {  // first: the links are what their names say
  std::map<std::string, std::string> folders;
  std::vector<std::string> names;
  for (std::size_t at = 0; at < files.size(); ++at) {
    const std::filesystem::path folder = files[at].parent_path();
    const auto [known, is_new] =
        folders.emplace(folder.string(), "bitscale_rtl_" + std::to_string(folders.size()));
    if (is_new) add_folder(known->second, folder);
    const std::string own = files[at].filename().string(), plain = plain_name(own);
    std::string name = known->second + "/" + own;
    if (own != plain) {
      name = "bitscale_file_" + std::to_string(at) + "/" + plain;
      link(files[at], work_ / name);
      names_.emplace_back(name, files[at].string());
    }
    names.push_back(name);
  }
  add_folder("bitscale_current", "");
  arguments_.insert(arguments_.end(), names.begin(), names.end());
}

void RtlLinks::add_folder(const std::string& link_name, const std::filesystem::path& folder) {
  link(folder.empty() ? std::filesystem::current_path() : folder, work_ / link_name);
  arguments_.push_back("-I" + link_name);
  names_.emplace_back(link_name + "/", folder.empty() ? "" : (folder / "").string());
}

std::string RtlLinks::as_given(std::string text) const {
  for (const auto& [ours, given] : names_) {
    for (std::size_t at = text.find(ours); at != std::string::npos;
         at = text.find(ours, at + given.size())) {
      text.replace(at, ours.size(), given);
    }
  }
  return text;
}

}  // namespace bitscale::cosim
