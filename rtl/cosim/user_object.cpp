#include "rtl/cosim/user_object.h"

#include <dlfcn.h>
#include <unistd.h>

#include <algorithm>
#include <functional>
#include <regex>

#include "arch/base/error.h"
#include "arch/base/file.h"
#include "rtl/cosim/process.h"
#include "rtl/cosim/user_ports.h"

namespace bitscale::cosim {
namespace {

constexpr std::uintmax_t kMostCodeBytes = std::uintmax_t{1} << 30;
constexpr const char* kPackage = "verilator";
constexpr const char* kStamp = "\nbitscale ";

/// Seen by every file of the model: what the RTL prints goes through the harness, and its loops are
/// counted there.
constexpr const char* kModelHeader = R"(#pragma once
extern "C" int bitscale_print(const char* format, ...);
extern "C" void bitscale_endless();
extern "C" unsigned bitscale_turns;
inline void bitscale_turn() { if (++bitscale_turns > 10000000) bitscale_endless(); }
)";

/// Verilator's own abort, stop and finish become exceptions; step() reports them as text. $fatal
/// and $error print their reason and then stop: the last line printed is kept for that.
constexpr const char* kHarnessHead = R"(#include <cstdarg>
#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>
#include "Vuser.h"
#include "verilated.h"
namespace {
std::string printed;
std::string reason() {
  const std::string mark = "%Error: ";
  const std::size_t at = printed.rfind(mark);
  if (at == std::string::npos) return "$stop was called";
  std::string text = printed.substr(at + mark.size());
  while (!text.empty() && text.back() == '\n') text.pop_back();
  const std::size_t words = text.find(": Assertion failed in ");  // what Verilator calls them
  const std::size_t rest = words == std::string::npos ? words : text.find(": ", words + 2);
  if (rest != std::string::npos) text.erase(words, rest - words);
  return "$fatal or $error at " + text;
}
}
extern "C" int bitscale_print(const char* format, ...) {
  va_list list, again;
  va_start(list, format);
  va_copy(again, list);
  const int count = std::vsnprintf(nullptr, 0, format, list);
  va_end(list);
  std::vector<char> text(count < 0 ? 1 : count + 1);
  std::vsnprintf(text.data(), text.size(), format, again);
  va_end(again);
  printed.assign(text.data());
  std::fputs(text.data(), stderr);
  return count;
}
unsigned bitscale_turns = 0;
void bitscale_endless() { throw std::runtime_error("a loop does not end: 10 million turns in one step");
}
void vl_fatal(const char*, int, const char*, const char* text) { throw std::runtime_error(text); }
void vl_stop(const char*, int, const char*) { throw std::runtime_error(reason()); }
void vl_finish(const char*, int, const char*) { throw std::runtime_error("$finish was called"); }
namespace {
struct OneThread : VerilatedContext {
  OneThread() {  // what the RTL leaves unknown is random, the same at every run
    threads(1);
    randReset(2);
    randSeed(1);
  }
};
struct Harness {
  ~Harness() { Verilated::threadContextp(&context); }
  OneThread context;
  Vuser model{&context};
  std::string error;
};
}
extern "C" void* bitscale_create() { return new Harness; }
extern "C" void bitscale_destroy(void* self) { delete static_cast<Harness*>(self); }
)";

std::vector<std::filesystem::path> generated_files(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::filesystem::path kind = entry.path().extension();
    if (kind == ".cpp" || kind == ".h") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

/// Of everything that is compiled: files the user's include follow from what Verilator wrote.
std::string content_key(const std::filesystem::path& generated, const std::string& harness_text) {
  std::string text = kModelHeader + harness_text +
                     run_process({"verilator", "--version"}, kPackage).output + BITSCALE_CXX;
  for (const std::filesystem::path& file : generated_files(generated)) {
    text += '\0' + file.filename().string() + '\0' + base::read_text_file(file, kMostCodeBytes);
  }
  // Two independent 64-bit hashes: the key only names a file in the user's own cache.
  const std::hash<std::string> hash;
  return std::to_string(hash(text)) + "_" + std::to_string(hash(text + "bitscale"));
}

/// What an object ends with: the loader reads no further than its sections.
std::string stamp(const std::string& bytes) {
  return kStamp + std::to_string(std::hash<std::string>{}(bytes));
}

bool is_whole(const std::filesystem::path& object) {
  if (!std::filesystem::is_regular_file(object)) return false;
  const std::string bytes = base::read_text_file(object, kMostCodeBytes);
  const std::size_t at = bytes.rfind(kStamp);
  return at != std::string::npos && bytes.substr(at) == stamp(bytes.substr(0, at));
}

/// For a run in `folder`: what it makes does not depend on where that is.
std::vector<std::string> compiler_command(const std::filesystem::path& folder,
                                          const std::string& root) {
  std::vector<std::string> command = {BITSCALE_CXX,
                                      "-std=c++17",
                                      "-shared",
                                      "-fPIC",
                                      "-O1",
                                      "-w",
                                      "-Wl,-z,defs",  // no symbol may be left for load time
                                      "-DVL_USER_FATAL",
                                      "-DVL_USER_STOP",
                                      "-DVL_USER_FINISH",
                                      "-DVL_PRINTF=bitscale_print",
                                      "-DVM_COVERAGE=0",
                                      "-DVM_SC=0",
                                      "-DVM_TRACE=0",
                                      "-I.",
                                      "-I" + root + "/include",
                                      "-I" + root + "/include/vltstd",
                                      "-include",
                                      "bitscale.h"};
  for (const std::filesystem::path& file : generated_files(folder)) {
    if (file.extension() == ".cpp") command.push_back(file.filename().string());
  }
  command.push_back(root + "/include/verilated.cpp");
  command.push_back(root + "/include/verilated_threads.cpp");
  return command;
}

/// Lets every loop of the model count its turns: one that never ends becomes an error.
void count_turns(const std::filesystem::path& folder) {
  static const std::regex kLoop(R"((^|\n)( *while \())");
  for (const std::filesystem::path& file : generated_files(folder)) {
    const std::string text = base::read_text_file(file, kMostCodeBytes);
    base::write_file_atomically(file, std::regex_replace(text, kLoop, "$1$2bitscale_turn(), "));
  }
}

void compile(const UserMac& mac, const std::string& harness_text,
             const std::filesystem::path& folder, const std::filesystem::path& object) {
  count_turns(folder);
  base::write_file_atomically(folder / "harness.cpp", harness_text);
  base::write_file_atomically(folder / "bitscale.h", kModelHeader);
  std::string root = run_process({"verilator", "--getenv", "VERILATOR_ROOT"}, kPackage).output;
  while (!root.empty() && root.back() == '\n') root.pop_back();
  std::vector<std::string> command = compiler_command(folder, root);
  const std::filesystem::path made = folder / "user.so";
  command.insert(command.end(), {"-o", made.filename().string()});
  const ProcessResult result = run_process(command, "g++", folder);
  if (result.status != 0) {
    throw base::UserError(
        mac.top, "the C++ compiler refuses the verilated model: " + result.output.substr(0, 2000));
  }
  const std::string bytes = base::read_text_file(made, kMostCodeBytes);
  try {
    base::write_file_atomically(object, bytes + stamp(bytes));
  } catch (const base::UserError& error) {
    throw base::UserError(mac.cache_folder.string(),
                          std::string("the compiled model cannot be kept there (--cache names "
                                      "another folder): ") +
                              error.what());
  }
}

}  // namespace

std::string user_harness(const std::map<std::string, std::string>& ports,
                         const std::string& header) {
  const auto has = [&](const char* role) { return ports.count(role) != 0; };
  const auto port = [&](const char* role) { return "m." + cpp_name(ports.at(role), header); };
  std::string text = kHarnessHead;
  text +=
      "extern \"C\" const char* bitscale_step(void* self, unsigned weight, unsigned zero_point, "
      "unsigned act, unsigned clear, unsigned reset) {\n"
      "  Harness& h = *static_cast<Harness*>(self);\n  Vuser& m = h.model;\n"
      "  (void)zero_point; (void)reset;\n  try {\n";
  // The clock falls while the old operands stand: only its rising edge takes the new ones.
  text += "    bitscale_turns = 0;\n    " + port("clk_i") + " = 0;\n    m.eval();\n";
  if (has("rst_ni")) text += "    " + port("rst_ni") + " = !reset;\n";
  if (has("en_i")) text += "    " + port("en_i") + " = 1;\n";
  if (has("zero_point_i")) text += "    " + port("zero_point_i") + " = zero_point;\n";
  text += "    " + port("weight_i") + " = weight;\n    " + port("act_i") + " = act;\n    " +
          port("clear_i") + " = clear;\n    m.eval();\n    " + port("clk_i") +
          " = 1;\n    m.eval();\n    return nullptr;\n" +
          "  } catch (const std::exception& e) {\n    h.error = e.what();\n" +
          "    return h.error.c_str();\n  }\n}\n" +
          "extern \"C\" unsigned long long bitscale_acc(void* self) {\n"
          "  Vuser& m = static_cast<Harness*>(self)->model;\n  return " +
          port("acc_o") + ";\n}\n" +
          "extern \"C\" unsigned bitscale_overflow(void* self) {\n"
          "  Vuser& m = static_cast<Harness*>(self)->model;\n  (void)m;\n  return " +
          (has("overflow_o") ? port("overflow_o") : std::string("0")) + ";\n}\n";
  return text;
}

std::filesystem::path user_object(const UserMac& mac, const std::filesystem::path& code,
                                  const std::string& harness) {
  // Absolute: a name without a folder would be looked for among the system's libraries.
  std::filesystem::path object =
      std::filesystem::absolute(mac.cache_folder) / (content_key(code, harness) + ".so");
  if (!is_whole(object)) compile(mac, harness, code, object);
  return object;
}

LoadedObject::LoadedObject(const std::filesystem::path& object, const std::string& top)
    : library_(::dlopen(object.c_str(), RTLD_NOW | RTLD_LOCAL)) {
  if (library_ != nullptr) return;
  const std::string text = ::dlerror();
  std::error_code ignored;
  std::filesystem::remove(object, ignored);
  throw base::UserError(top, "its compiled model cannot be loaded: " + text);
}

LoadedObject::~LoadedObject() { ::dlclose(library_); }

void* LoadedObject::symbol(const char* name) const {
  void* found = ::dlsym(library_, name);
  BITSCALE_INVARIANT(found != nullptr, name);
  return found;
}

}  // namespace bitscale::cosim
