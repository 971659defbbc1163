#include "sim/verify/user_cosim.h"

#include <ctime>
#include <set>

#include "arch/base/error.h"
#include "arch/base/file.h"
#include "arch/base/json_reader.h"
#include "rtl/cosim/mac_check.h"
#include "rtl/cosim/process.h"
#include "rtl/cosim/work_folder.h"
#include "sim/verify/digits_vectors.h"

namespace bitscale::verify {
namespace {

constexpr std::int64_t kDigitsSamples = 2;

Characterization read_characterization(const std::filesystem::path& file) {
  base::Problems problems;
  const base::JsonValue document = base::parse_json_file(file);
  base::JsonReader reader(document, problems);
  Characterization result;
  result.library = reader.string("library");
  result.area_um2 = reader.number("area_um2", {0, 1e12});
  result.cells = reader.integer("cells", {0, 1000000000});
  result.flip_flops = reader.integer("flip_flops", {0, 1000000000});
  reader.finish();
  problems.throw_if_any();
  return result;
}

}  // namespace

CosimReport run_user_cosim(const UserCosim& user) {
  SetOutcome outcome;
  const auto model = cosim::load_user_mac(user.mac, &outcome.warnings);
  const std::vector<cosim::MacUnderTest> macs = cosim::all_macs({user.mac.spec});
  std::vector<cosim::MacOperands> vectors = cosim::mac_vectors(macs, user.vectors, user.seed);
  const std::int64_t others = static_cast<std::int64_t>(vectors.size());
  for (const DigitsLayer& layer : digits_layers(digits_trace(user.data_root), kDigitsSamples)) {
    if (encode(layer, user.mac.spec)) append_digits({layer}, macs, vectors);
  }
  const std::clock_t start = std::clock();
  const cosim::MacCheckReport checked = cosim::check_macs(*model, macs, vectors, user.seed);
  const double seconds =
      static_cast<double>(std::clock() - start) / static_cast<double>(CLOCKS_PER_SEC);
  const cosim::MacResult& result = checked.results.front();

  outcome.name = outcome.group = user.mac.top;
  outcome.module = user.mac.top;
  outcome.parameters = user.mac.spec.describe();
  outcome.vectors = checked.vectors;
  outcome.digits_vectors = checked.vectors - others;
  outcome.mismatches = result.mismatches;
  outcome.coverage = result.coverage;
  outcome.corners = cosim::count_corners(result.coverage, user.mac.spec.weights.codes().is_signed,
                                         user.mac.spec.acts.is_signed);
  outcome.count_ends({user.mac.spec.can_rise(), user.mac.spec.can_fall()});
  outcome.failure = result.failure;
  outcome.seconds = seconds;
  CosimReport report;
  report.seed = user.seed;
  report.sets.push_back(std::move(outcome));
  report.seconds = seconds;
  return report;
}

Characterization characterize(const UserCosim& user,
                              const std::vector<std::filesystem::path>& files_read) {
  const std::filesystem::path script = user.data_root / "scripts/characterize_mac.py";
  const cosim::WorkFolder work;
  const std::filesystem::path result = work.path() / "area.json";
  std::vector<std::string> command = {"python3",
                                      script.string(),
                                      "--top",
                                      user.mac.top,
                                      "--cache=" + (user.mac.cache_folder / "synth").string(),
                                      "-o",
                                      result.string()};
  for (const auto& [name, value] : user.mac.parameters) {
    command.push_back("--param");
    command.push_back(name + "=" + std::to_string(value));
  }
  std::set<std::filesystem::path> given;
  for (const std::filesystem::path& file : user.mac.files) {
    given.insert(std::filesystem::weakly_canonical(file));
  }
  for (const std::filesystem::path& file : files_read) {
    if (given.count(std::filesystem::weakly_canonical(file)) != 0) continue;
    command.push_back("--beside=" + file.string());
  }
  command.push_back("--");  // a name may begin with a minus sign
  for (const std::filesystem::path& file : user.mac.files) command.push_back(file.string());
  const cosim::ProcessResult run = cosim::run_process(command, "python3");
  if (run.status != 0) {
    throw base::UserError("--characterize",
                          run.output.empty()
                              ? "python3 " + script.string() + " ended with exit status " +
                                    std::to_string(run.status) + " and said nothing"
                              : run.output.substr(0, 4000));
  }
  return read_characterization(result);
}

std::string characterization_text(const Characterization& characterization) {
  return "\nsynthesized with " + characterization.library +
         ", unplaced: " + base::format_number(characterization.area_um2) + " um2, " +
         std::to_string(characterization.cells) + " cells, " +
         std::to_string(characterization.flip_flops) + " flip-flops\n";
}

}  // namespace bitscale::verify
