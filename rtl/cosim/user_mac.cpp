#include "rtl/cosim/user_mac.h"

#include <unistd.h>

#include "arch/base/error.h"
#include "arch/base/file.h"
#include "rtl/cosim/process.h"
#include "rtl/cosim/stdout_redirect.h"
#include "rtl/cosim/user_object.h"
#include "rtl/cosim/user_ports.h"

namespace bitscale::cosim {
namespace {

constexpr std::uintmax_t kMostRtlBytes = 16 << 20;
constexpr std::uintmax_t kMostCodeBytes = std::uintmax_t{1} << 30;
constexpr const char* kPackage = "verilator";

class UserMacModel : public MacModel {
 public:
  UserMacModel(const std::filesystem::path& object, const UserMac& mac, bool has_overflow)
      : mac_(mac), has_overflow_(has_overflow), object_(object, mac.top) {
    step_ = object_.function<decltype(step_)>("bitscale_step");
    acc_ = object_.function<decltype(acc_)>("bitscale_acc");
    overflow_ = object_.function<decltype(overflow_)>("bitscale_overflow");
    const auto destroy = object_.function<void (*)(void*)>("bitscale_destroy");
    self_ = {object_.function<void* (*)()>("bitscale_create")(), destroy};
    for (int i = 0; i < 2; ++i) run(MacOperands{}, true);
  }

  std::size_t size() const override { return 1; }
  std::size_t delay() const override { return 0; }
  std::uint64_t acc(std::size_t /*index*/) const override { return acc_(self_.get()); }
  bool overflow(std::size_t /*index*/) const override { return overflow_(self_.get()) != 0; }
  bool has_overflow() const override { return has_overflow_; }
  void step(const MacOperands& operands) override { run(operands, false); }

 private:
  void run(const MacOperands& operands, bool reset) {
    const unsigned weight_mask = (1U << mac_.spec.weights.bits) - 1;
    const unsigned act_mask = (1U << mac_.spec.acts.bits) - 1;
    const char* error =
        step_(self_.get(), operands.weight & weight_mask, operands.zero_point & weight_mask,
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
  StdoutToStderr quiet_;  // before the object: its code runs in between
  LoadedObject object_;
  std::unique_ptr<void, void (*)(void*)> self_{nullptr, nullptr};
  const char* (*step_)(void*, unsigned, unsigned, unsigned, unsigned, unsigned) = nullptr;
  unsigned long long (*acc_)(void*) = nullptr;
  unsigned (*overflow_)(void*) = nullptr;
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

WorkFolder work_folder(const UserMac& mac) {
  return WorkFolder(mac.cache_folder / ("work_" + std::to_string(::getpid()) + "_" + mac.top));
}

/// Ports, types and files of the user's RTL.
std::string xml_of(const UserMac& mac, const std::filesystem::path& folder) {
  const std::filesystem::path xml = folder / "ports.xml";
  verilate(verilator_command(mac),
           {"--xml-only", "--xml-output", xml.string(), "--Mdir", folder.string()}, mac);
  return base::read_text_file(xml, kMostCodeBytes);
}

}  // namespace

std::vector<std::filesystem::path> files_read(const UserMac& mac) {
  return read_files(xml_of(mac, work_folder(mac).path()));
}

std::unique_ptr<MacModel> load_user_mac(const UserMac& mac, std::vector<std::string>* warnings) {
  for (const std::filesystem::path& file : mac.files) base::read_text_file(file, kMostRtlBytes);
  const WorkFolder work = work_folder(mac);
  base::Problems problems;
  const auto ports = match_ports(mac, read_ports(xml_of(mac, work.path()), mac.top), problems);
  problems.throw_if_any();

  const std::filesystem::path code = work.path() / "code";
  const std::string said = verilate(
      verilator_command(mac),
      {"--cc", "-O3", "--x-assign", "unique", "--x-initial", "unique", "--Mdir", code.string()},
      mac);
  if (warnings != nullptr) *warnings = read_loops(said);
  const std::string text =
      user_harness(ports, base::read_text_file(code / "Vuser.h", kMostCodeBytes));
  return std::make_unique<UserMacModel>(user_object(mac, code, text), mac,
                                        ports.count("overflow_o") != 0);
}

}  // namespace bitscale::cosim
