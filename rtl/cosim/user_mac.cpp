#include "rtl/cosim/user_mac.h"

#include <algorithm>
#include <cctype>

#include "arch/base/error.h"
#include "arch/base/file.h"
#include "rtl/cosim/process.h"
#include "rtl/cosim/rtl_links.h"
#include "rtl/cosim/stdout_redirect.h"
#include "rtl/cosim/user_object.h"
#include "rtl/cosim/user_ports.h"
#include "rtl/cosim/work_folder.h"

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

/// A name in SystemVerilog, `more`: letters an escaped one may have besides.
bool is_name(const std::string& text, const std::string& more = "") {
  const auto fits = [&](char letter) {
    return std::isalnum(static_cast<unsigned char>(letter)) != 0 || letter == '_' ||
           letter == '$' || more.find(letter) != std::string::npos;
  };
  return !text.empty() && std::all_of(text.begin(), text.end(), fits) &&
         (std::isalpha(static_cast<unsigned char>(text[0])) != 0 || text[0] == '_');
}

void require_names(const UserMac& mac) {
  base::Problems problems;
  if (!is_name(mac.top, "-+.")) {
    problems.add("--top", "'" + mac.top +
                              "' is not a name of a module (a letter or _, then letters, digits, _ "
                              "and $; escaped ones also with - + .)");
  }
  for (const auto& entry : mac.parameters) {
    if (is_name(entry.first)) continue;
    problems.add("--param", "'" + entry.first + "' is not a name of a parameter");
  }
  problems.throw_if_any();
}

/// Verilator on the user's files, in a folder of its own.
class Verilator {
 public:
  explicit Verilator(const UserMac& mac) : mac_(mac), links_(mac.files, work_.path()) {}

  /// Ports, types and files of the RTL.
  std::string xml() const {
    run({"--xml-only", "--xml-output", "bitscale_ports.xml", "--Mdir", "bitscale_ports"});
    return base::read_text_file(work_.path() / "bitscale_ports.xml", kMostCodeBytes);
  }

  /// Writes C++ to code() and returns what it warned of.
  std::vector<std::string> translate() const {
    std::vector<std::string> warnings =
        read_warnings(run({"--cc", "-O3", "--x-assign", "unique", "--x-initial", "unique", "--Mdir",
                           code().filename().string()}));
    for (std::string& warning : warnings) warning = links_.as_given(warning);
    return warnings;
  }

  /// C++ may do anything, and is none of the RTL.
  void refuse_foreign() const {
    const std::filesystem::path header = code() / "Vuser__Dpi.h";
    if (!std::filesystem::exists(header)) return;
    fail(read_foreign(base::read_text_file(header, kMostCodeBytes)), "it imports functions (DPI)");
  }

  std::filesystem::path code() const { return work_.path() / "bitscale_code"; }

  /// As the user names it.
  std::filesystem::path real(const std::string& file) const { return links_.as_given(file); }

 private:
  /// Returns what it printed; a failure becomes problems at the user's lines.
  std::string run(const std::vector<std::string>& more) const {
    std::vector<std::string> command = {
        "verilator", "--top-module", mac_.top,   "-Wno-fatal",        "--prefix",
        "Vuser",     "--no-timing",  "--assert", "-Werror-USERERROR", "-Werror-USERFATAL"};
    for (const auto& [name, value] : mac_.parameters) {
      command.push_back("-G" + name + "=" + std::to_string(value));
    }
    command.insert(command.end(), links_.arguments().begin(), links_.arguments().end());
    command.insert(command.end(), more.begin(), more.end());
    ProcessResult result = run_process(command, kPackage, work_.path());
    if (result.status == 0) return std::move(result.output);
    fail(read_messages(result.output), "Verilator refuses it: " + result.output);
  }

  /// Throws the problems, or the one in these words if there are none.
  [[noreturn]] void fail(std::vector<base::Problem> problems, const std::string& otherwise) const {
    if (problems.empty()) problems.push_back({mac_.top, otherwise});
    for (base::Problem& problem : problems) {
      problem = {links_.as_given(problem.where), links_.as_given(problem.message)};
    }
    throw base::UserError(std::move(problems));
  }

  const UserMac& mac_;
  WorkFolder work_;
  RtlLinks links_;
};

}  // namespace

std::vector<std::filesystem::path> files_read(const UserMac& mac) {
  require_names(mac);
  const Verilator verilator(mac);
  std::vector<std::filesystem::path> files;
  for (const std::string& name : read_files(verilator.xml())) {
    std::filesystem::path file = verilator.real(name);
    if (std::filesystem::is_regular_file(file)) files.push_back(std::move(file));
  }
  return files;
}

std::unique_ptr<MacModel> load_user_mac(const UserMac& mac, std::vector<std::string>* warnings) {
  require_names(mac);
  for (const std::filesystem::path& file : mac.files) base::read_text_file(file, kMostRtlBytes);
  const Verilator verilator(mac);
  base::Problems problems;
  const auto ports = match_ports(mac, read_ports(verilator.xml()), problems);
  problems.throw_if_any();

  const std::vector<std::string> said = verilator.translate();
  verilator.refuse_foreign();
  if (warnings != nullptr) *warnings = said;
  const std::filesystem::path code = verilator.code();
  const std::string text =
      user_harness(ports, base::read_text_file(code / "Vuser.h", kMostCodeBytes));
  return std::make_unique<UserMacModel>(user_object(mac, code, text), mac,
                                        ports.count("overflow_o") != 0);
}

}  // namespace bitscale::cosim
