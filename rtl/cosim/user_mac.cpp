#include "rtl/cosim/user_mac.h"

#include <dlfcn.h>
#include <unistd.h>

#include <algorithm>
#include <functional>

#include "arch/base/error.h"
#include "arch/base/file.h"
#include "rtl/cosim/process.h"
#include "rtl/cosim/user_ports.h"

namespace bitscale::cosim {
namespace {

constexpr std::uintmax_t kMostRtlBytes = 16 << 20;
constexpr std::uintmax_t kMostCodeBytes = std::uintmax_t{1} << 30;
constexpr const char* kPackage = "verilator";

/// Verilator's own abort, stop and finish become exceptions; step() reports them as text.
constexpr const char* kHarnessHead = R"(#include <memory>
#include <stdexcept>
#include <string>
#include "Vuser.h"
#include "verilated.h"
void vl_fatal(const char*, int, const char*, const char* text) { throw std::runtime_error(text); }
void vl_stop(const char*, int, const char*) { throw std::runtime_error("$stop was called"); }
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

/// The C functions around the user's model.
std::string harness(const std::map<std::string, std::string>& ports, const std::string& header) {
  const auto has = [&](const char* role) { return ports.count(role) != 0; };
  const auto port = [&](const char* role) { return "m." + cpp_name(ports.at(role), header); };
  std::string text = kHarnessHead;
  text +=
      "extern \"C\" const char* bitscale_step(void* self, unsigned weight, unsigned zero_point, "
      "unsigned act, unsigned clear, unsigned reset) {\n"
      "  Harness& h = *static_cast<Harness*>(self);\n  Vuser& m = h.model;\n"
      "  (void)zero_point; (void)reset;\n  try {\n";
  // The clock falls while the old operands stand: only its rising edge takes the new ones.
  text += "    " + port("clk_i") + " = 0;\n    m.eval();\n";
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

class UserMacModel : public MacModel {
 public:
  UserMacModel(const std::filesystem::path& object, const UserMac& mac, bool has_overflow)
      : mac_(mac), has_overflow_(has_overflow) {
    library_ = ::dlopen(object.c_str(), RTLD_NOW | RTLD_LOCAL);
    BITSCALE_INVARIANT(library_ != nullptr, ::dlerror());
    step_ = symbol<decltype(step_)>("bitscale_step");
    acc_ = symbol<decltype(acc_)>("bitscale_acc");
    overflow_ = symbol<decltype(overflow_)>("bitscale_overflow");
    destroy_ = symbol<decltype(destroy_)>("bitscale_destroy");
    self_ = symbol<void* (*)()>("bitscale_create")();
    for (int i = 0; i < 2; ++i) run(MacOperands{}, true);
  }
  ~UserMacModel() override {
    destroy_(self_);
    ::dlclose(library_);
  }
  UserMacModel(const UserMacModel&) = delete;
  UserMacModel& operator=(const UserMacModel&) = delete;

  std::size_t size() const override { return 1; }
  std::size_t delay() const override { return 0; }
  std::uint64_t acc(std::size_t /*index*/) const override { return acc_(self_); }
  bool overflow(std::size_t /*index*/) const override { return overflow_(self_) != 0; }
  bool has_overflow() const override { return has_overflow_; }
  void step(const MacOperands& operands) override { run(operands, false); }

 private:
  template <class Function>
  Function symbol(const char* name) {
    void* found = ::dlsym(library_, name);
    BITSCALE_INVARIANT(found != nullptr, name);
    return reinterpret_cast<Function>(found);
  }

  void run(const MacOperands& operands, bool reset) {
    const unsigned weight_mask = (1U << mac_.spec.weights.bits) - 1;
    const unsigned act_mask = (1U << mac_.spec.acts.bits) - 1;
    const char* error =
        step_(self_, operands.weight & weight_mask, operands.zero_point & weight_mask,
              operands.act & act_mask, operands.clear ? 1 : 0, reset ? 1 : 0);
    if (error != nullptr) {
      const std::string text = error;
      const bool unsettled = text.find("converge") != std::string::npos;
      throw base::UserError(mac_.top,
                            "stopped while simulating: " + text +
                                (unsettled ? " (a combinational loop does not settle)" : ""));
    }
  }

  UserMac mac_;
  bool has_overflow_;
  void* library_ = nullptr;
  void* self_ = nullptr;
  const char* (*step_)(void*, unsigned, unsigned, unsigned, unsigned, unsigned) = nullptr;
  unsigned long long (*acc_)(void*) = nullptr;
  unsigned (*overflow_)(void*) = nullptr;
  void (*destroy_)(void*) = nullptr;
};

/// A folder that goes away with its user.
class WorkFolder {
 public:
  explicit WorkFolder(std::filesystem::path path) : path_(std::move(path)) {
    std::filesystem::create_directories(path_);
  }
  ~WorkFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  WorkFolder(const WorkFolder&) = delete;
  WorkFolder& operator=(const WorkFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

std::vector<std::string> verilator_command(const UserMac& mac) {
  std::vector<std::string> command = {"verilator",  "--top-module", mac.top,
                                      "-Wno-fatal", "--prefix",     "Vuser"};
  for (const auto& [name, value] : mac.parameters) {
    command.push_back("-G" + name + "=" + std::to_string(value));
  }
  for (const std::filesystem::path& file : mac.files) {
    const std::filesystem::path folder = file.parent_path();
    command.push_back("-I" + (folder.empty() ? std::string(".") : folder.string()));
    command.push_back(file.string());
  }
  return command;
}

/// Runs Verilator and returns what it printed; a failure becomes problems at the user's lines.
std::string verilate(std::vector<std::string> command, const std::vector<std::string>& more,
                     const UserMac& mac) {
  command.insert(command.end(), more.begin(), more.end());
  ProcessResult result = run_process(command, kPackage);
  if (result.status == 0) return std::move(result.output);
  std::vector<base::Problem> problems = read_messages(result.output);
  if (problems.empty()) problems.push_back({mac.top, "Verilator refuses it: " + result.output});
  throw base::UserError(std::move(problems));
}

/// Of everything that is compiled: files the user's include follow from what Verilator wrote.
std::string content_key(const std::filesystem::path& generated, const std::string& harness_text) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(generated)) {
    const std::filesystem::path kind = entry.path().extension();
    if (kind == ".cpp" || kind == ".h") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  std::string text =
      harness_text + run_process({"verilator", "--version"}, kPackage).output + BITSCALE_CXX;
  for (const std::filesystem::path& file : files) {
    text += '\0' + file.filename().string() + '\0' + base::read_text_file(file, kMostCodeBytes);
  }
  // Two independent 64-bit hashes: the key only names a file in the user's own cache.
  const std::hash<std::string> hash;
  return std::to_string(hash(text)) + "_" + std::to_string(hash(text + "bitscale"));
}

void compile(const UserMac& mac, const std::string& harness_text,
             const std::filesystem::path& folder, const std::filesystem::path& object) {
  base::write_file_atomically(folder / "harness.cpp", harness_text);
  std::string root = run_process({"verilator", "--getenv", "VERILATOR_ROOT"}, kPackage).output;
  while (!root.empty() && root.back() == '\n') root.pop_back();
  std::vector<std::string> command = {BITSCALE_CXX,
                                      "-std=c++17",
                                      "-shared",
                                      "-fPIC",
                                      "-O1",
                                      "-w",
                                      "-DVL_USER_FATAL",
                                      "-DVL_USER_STOP",
                                      "-DVL_USER_FINISH",
                                      "-DVM_COVERAGE=0",
                                      "-DVM_SC=0",
                                      "-DVM_TRACE=0",
                                      "-I" + folder.string(),
                                      "-I" + root + "/include",
                                      "-I" + root + "/include/vltstd"};
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".cpp") command.push_back(entry.path().string());
  }
  command.push_back(root + "/include/verilated.cpp");
  command.push_back(root + "/include/verilated_threads.cpp");
  const std::filesystem::path partial = object.string() + "." + std::to_string(::getpid());
  command.insert(command.end(), {"-o", partial.string()});
  const ProcessResult result = run_process(command, "g++");
  if (result.status != 0) {
    throw base::UserError(
        mac.top, "the C++ compiler refuses the verilated model: " + result.output.substr(0, 2000));
  }
  std::filesystem::rename(partial, object);
}

}  // namespace

std::unique_ptr<MacModel> load_user_mac(const UserMac& mac, std::vector<std::string>* warnings) {
  for (const std::filesystem::path& file : mac.files) base::read_text_file(file, kMostRtlBytes);
  const WorkFolder work(mac.cache_folder / ("work_" + std::to_string(::getpid()) + "_" + mac.top));
  const std::filesystem::path xml = work.path() / "ports.xml";
  verilate(verilator_command(mac),
           {"--xml-only", "--xml-output", xml.string(), "--Mdir", work.path().string()}, mac);
  base::Problems problems;
  const auto ports = match_ports(
      mac, read_ports(base::read_text_file(xml, std::uintmax_t{1} << 30), mac.top), problems);
  problems.throw_if_any();

  const std::filesystem::path code = work.path() / "code";
  const std::string said = verilate(
      verilator_command(mac),
      {"--cc", "-O3", "--x-assign", "unique", "--x-initial", "unique", "--Mdir", code.string()},
      mac);
  if (warnings != nullptr) *warnings = read_loops(said);
  const std::string text = harness(ports, base::read_text_file(code / "Vuser.h", kMostCodeBytes));
  const std::filesystem::path object = mac.cache_folder / (content_key(code, text) + ".so");
  if (!std::filesystem::exists(object)) compile(mac, text, code, object);
  return std::make_unique<UserMacModel>(object, mac, ports.count("overflow_o") != 0);
}

}  // namespace bitscale::cosim
