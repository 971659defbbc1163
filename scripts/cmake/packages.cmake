# Outside packages as targets named bitscale_package_<name>, the names of scripts/rooms.txt. A missing
# package is a message, not an error: the rooms that need it are left out (see rooms.cmake).
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)

add_library(bitscale_options INTERFACE)
target_compile_options(bitscale_options INTERFACE -Wall -Wextra -Wpedantic -Wconversion -Werror)
# Warnings are errors in plain builds; under the sanitizers GCC 12 warns of what is not so.
target_compile_options(bitscale_options INTERFACE $<$<BOOL:${BITSCALE_SANITIZE}>:-Wno-error>)
target_include_directories(bitscale_options INTERFACE ${PROJECT_SOURCE_DIR})
target_link_libraries(bitscale_options INTERFACE Threads::Threads)
if(BITSCALE_SANITIZE)
  # GCC 12 sees uninitialized std::function members in <regex> under the sanitizers (false).
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=all
    -fno-omit-frame-pointer $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
  add_link_options(-fsanitize=address,undefined)
endif()
if(BITSCALE_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

# bitscale_package(<name> <target>…): declares bitscale_package_<name>, unless a target is missing.
function(bitscale_package name)
  foreach(target ${ARGN})
    if(NOT TARGET ${target})
      message(STATUS "package '${name}' was not found; scripts/install.sh installs it")
      return()
    endif()
  endforeach()
  add_library(bitscale_package_${name} INTERFACE)
  target_link_libraries(bitscale_package_${name} INTERFACE ${ARGN})
endfunction()

find_package(nlohmann_json 3.11 QUIET)
bitscale_package(nlohmann_json nlohmann_json::nlohmann_json)
pkg_check_modules(systemc QUIET IMPORTED_TARGET systemc)
bitscale_package(systemc PkgConfig::systemc)
find_package(Boost 1.74 QUIET COMPONENTS program_options)
bitscale_package(boost Boost::headers Boost::program_options)
pkg_check_modules(sqlite3 QUIET IMPORTED_TARGET sqlite3)
bitscale_package(sqlite3 PkgConfig::sqlite3)
find_package(ZLIB QUIET)
bitscale_package(zlib ZLIB::ZLIB)
pkg_check_modules(libzip QUIET IMPORTED_TARGET libzip)
bitscale_package(libzip PkgConfig::libzip)
find_package(OpenSSL QUIET COMPONENTS Crypto)
bitscale_package(openssl OpenSSL::Crypto)

find_package(Protobuf QUIET)
find_library(BITSCALE_ONNX_LIBRARY onnx)
find_library(BITSCALE_ONNX_PROTO_LIBRARY onnx_proto)
if(BITSCALE_ONNX_LIBRARY AND BITSCALE_ONNX_PROTO_LIBRARY)
  add_library(bitscale_onnx INTERFACE)
  target_compile_definitions(bitscale_onnx INTERFACE ONNX_ML=1 ONNX_NAMESPACE=onnx)
  target_link_libraries(bitscale_onnx INTERFACE
    ${BITSCALE_ONNX_LIBRARY} ${BITSCALE_ONNX_PROTO_LIBRARY})
endif()
bitscale_package(onnx bitscale_onnx protobuf::libprotobuf)

if(BITSCALE_TRAINING)  # Debian's TorchConfig.cmake asks for development files of all its back ends
  find_library(BITSCALE_TORCH torch)
  find_library(BITSCALE_TORCH_CPU torch_cpu)
  find_library(BITSCALE_C10 c10)
  find_path(BITSCALE_TORCH_INCLUDE torch/torch.h PATH_SUFFIXES torch/csrc/api/include)
  if(BITSCALE_TORCH AND BITSCALE_TORCH_CPU AND BITSCALE_C10 AND BITSCALE_TORCH_INCLUDE)
    add_library(bitscale_torch INTERFACE)
    target_include_directories(bitscale_torch SYSTEM INTERFACE ${BITSCALE_TORCH_INCLUDE})
    target_link_libraries(bitscale_torch INTERFACE
      ${BITSCALE_TORCH} ${BITSCALE_TORCH_CPU} ${BITSCALE_C10})
  endif()
  bitscale_package(torch bitscale_torch)
endif()

# Verilator brings the function verilate() and no target. rtl/cosim/CMakeLists.txt looks for it, and
# without it builds adapters that name the missing package when asked for a model.
add_library(bitscale_package_verilator INTERFACE)
