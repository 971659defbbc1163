// A user's MAC as a shared object: Verilator's C++ and a harness of C functions around it, compiled
// once and kept by content.
#ifndef BITSCALE_RTL_COSIM_USER_OBJECT_H_
#define BITSCALE_RTL_COSIM_USER_OBJECT_H_

#include <filesystem>
#include <map>
#include <string>

#include "rtl/cosim/user_mac.h"

namespace bitscale::cosim {

/// The C++ around the model Vuser whose header is given; `ports`: contract name → the user's name.
std::string user_harness(const std::map<std::string, std::string>& ports,
                         const std::string& header);

/// The object of what Verilator wrote into `code`, in mac.cache_folder. An object there ends with a
/// checksum; one that is damaged is made again. Throws UserError when the C++ compiler or the
/// linker refuses it or it cannot be kept.
std::filesystem::path user_object(const UserMac& mac, const std::filesystem::path& code,
                                  const std::string& harness);

/// A loaded object. Throws UserError when it cannot be loaded, and removes its file then.
class LoadedObject {
 public:
  LoadedObject(const std::filesystem::path& object, const std::string& top);
  ~LoadedObject();
  LoadedObject(const LoadedObject&) = delete;
  LoadedObject& operator=(const LoadedObject&) = delete;

  template <class Function>
  Function function(const char* name) const {
    return reinterpret_cast<Function>(symbol(name));
  }

 private:
  void* symbol(const char* name) const;

  void* library_;
};

}  // namespace bitscale::cosim

#endif  // BITSCALE_RTL_COSIM_USER_OBJECT_H_
