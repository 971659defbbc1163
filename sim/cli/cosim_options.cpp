#include "sim/cli/cosim_options.h"

#include <pwd.h>
#include <unistd.h>

#include <charconv>
#include <optional>

#include "arch/base/error.h"

namespace bitscale::cli {
namespace {

constexpr std::int64_t kDefaultVectors = 100000;
constexpr std::int64_t kMostVectors = 20000000;  // they are made before they are run
constexpr const char* kUserOptions[] = {"top",      "map",      "param",    "weight-bits",
                                        "act-bits", "acc-bits", "overflow", "weight-encoding",
                                        "cache"};
constexpr const char* kUserFlags[] = {"weight-unsigned", "act-signed", "characterize"};

std::optional<std::int64_t> integer(const std::string& text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// An option's value within [low, high]; `fallback` when absent, a problem when there is none.
std::int64_t number(const Options& options, const std::string& name, std::int64_t low,
                    std::int64_t high, std::optional<std::int64_t> fallback,
                    base::Problems& problems) {
  const std::string range = std::to_string(low) + " to " + std::to_string(high);
  if (!options.has(name)) {
    if (!fallback) problems.add("--" + name, "is needed with --rtl (" + range + ")");
    return fallback.value_or(low);
  }
  const std::optional<std::int64_t> value = integer(options.text(name));
  if (value && *value >= low && *value <= high) return *value;
  problems.add("--" + name, "'" + options.text(name) + "' is not a whole number from " + range);
  return low;
}

std::int64_t one_number(const Options& options, const std::string& name, std::int64_t high,
                        std::int64_t fallback) {
  base::Problems problems;
  const std::int64_t value =
      number(options, name, name == "seed" ? 0 : 1, high, fallback, problems);
  problems.throw_if_any();
  return value;
}

/// "name=value" → both parts, or a problem.
std::optional<std::pair<std::string, std::string>> split(const std::string& option,
                                                         const std::string& text,
                                                         base::Problems& problems) {
  const std::size_t at = text.find('=');
  if (at == std::string::npos || at == 0 || at + 1 == text.size()) {
    problems.add("--" + option, "'" + text + "' is not NAME=VALUE");
    return std::nullopt;
  }
  return std::pair{text.substr(0, at), text.substr(at + 1)};
}

template <class Table>
auto named(const Options& options, const std::string& name, const Table& table,
           const std::string& fallback, base::Problems& problems) {
  const std::string given = options.has(name) ? options.text(name) : fallback;
  const auto found = table.find(given);
  if (!found) problems.add("--" + name, base::unknown_name_message("value", given, table.names()));
  return found.value_or(*table.find(fallback));
}

const base::NameTable<numeric::OverflowPolicy> kPolicies = {
    {numeric::OverflowPolicy::Wrap, "wrap"},
    {numeric::OverflowPolicy::SaturateEachStep, "saturate_each_step"}};

cosim::MacSpec mac_spec(const Options& options, const std::string& name, base::Problems& problems) {
  cosim::MacSpec spec;
  spec.name = name;
  spec.weights.kind =
      named(options, "weight-encoding", numeric::kWeightEncodingNames, "twos_complement", problems);
  spec.weights.bits = static_cast<int>(
      number(options, "weight-bits", 1, numeric::kMaxOperandBits, std::nullopt, problems));
  spec.weights.is_signed = !options.flag("weight-unsigned");
  spec.acts.bits = static_cast<int>(
      number(options, "act-bits", 1, numeric::kMaxOperandBits, std::nullopt, problems));
  spec.acts.is_signed = options.flag("act-signed");
  spec.acc_bits = static_cast<int>(number(options, "acc-bits", numeric::kMinAccBits,
                                          numeric::kMaxAccBits, std::nullopt, problems));
  spec.policy = named(options, "overflow", kPolicies, "wrap", problems);
  const std::string wrong = spec.weights.problem();
  if (!wrong.empty()) problems.add("--weight-encoding", wrong);
  if (spec.weights.kind == numeric::WeightEncoding::Affine && spec.weights.is_signed) {
    problems.add("--weight-encoding", "affine weights have unsigned codes; add --weight-unsigned");
  }
  if (spec.weights.kind == numeric::WeightEncoding::Odd && !spec.weights.is_signed) {
    problems.add("--weight-encoding", "odd weights have signed codes; leave --weight-unsigned out");
  }
  return spec;
}

/// In the user's own home: what lies there is loaded into this process.
std::filesystem::path cache_folder() {
  const passwd* user = ::getpwuid(::getuid());
  if (user == nullptr || user->pw_dir == nullptr) {
    throw base::UserError("--rtl", "this user has no home folder for compiled models");
  }
  return std::filesystem::path(user->pw_dir) / ".cache/bitscale/cosim";
}

}  // namespace

void describe_cosim(Options& options) {
  namespace po = boost::program_options;
  options.add()("only", texts_value(), "parameter sets: names or patterns ('array_*'); repeatable")(
      "list", po::bool_switch(), "print the names of all parameter sets")(
      "vectors", text_value(),
      "operand vectors of each MAC and unit, and steps at most to each end of an accumulator "
      "(default 100000)")("seed", text_value(), "of the random operands (default 1)")(
      "json", po::bool_switch(), "print JSON instead of a table")(
      "output,o", text_value(),
      "folder for cosim.json and waveforms of failing cases (default: waveforms in the current "
      "folder, no cosim.json)")("quiet,q", po::bool_switch(), "no progress and no table")(
      "rtl", texts_value(), "check this MAC instead (Verilog; repeatable). Runs its code here")(
      "top", text_value(), "its module (default: the first file's name)")(
      "map", texts_value(), "PORT=NAME: your name for a port of the contract; repeatable")(
      "param", texts_value(), "NAME=NUMBER: a parameter of the module; repeatable")(
      "weight-bits", text_value(), "1 to 16")("act-bits", text_value(), "1 to 16")(
      "acc-bits", text_value(), "2 to 48")("weight-unsigned", po::bool_switch(),
                                           "weights are unsigned (default: signed)")(
      "act-signed", po::bool_switch(), "activations are signed (default: unsigned)")(
      "weight-encoding", text_value(),
      "twos_complement (default), odd (signed codes), bipolar (one bit) or affine (with "
      "--weight-unsigned and a port zero_point_i)")("overflow", text_value(),
                                                    "wrap (default) or saturate_each_step")(
      "cache", text_value(), "where its compiled model is kept (default ~/.cache/bitscale/cosim)")(
      "characterize", po::bool_switch(),
      "also synthesize it with Yosys and print its area (what Yosys cannot read is an error after "
      "the result)");
}

std::int64_t vectors_option(const Options& options) {
  return one_number(options, "vectors", kMostVectors, kDefaultVectors);
}

std::uint64_t seed_option(const Options& options) {
  constexpr std::int64_t kMostSeed = (std::int64_t{1} << 53) - 1;  // a JSON number holds it
  return static_cast<std::uint64_t>(one_number(options, "seed", kMostSeed, 1));
}

verify::UserCosim user_cosim(const Options& options, const Session& session) {
  base::Problems problems;
  if (options.has("only")) problems.add("--only", "names sets of ours; it does not go with --rtl");
  verify::UserCosim user;
  for (const std::string& file : options.texts("rtl")) user.mac.files.emplace_back(file);
  user.mac.top = options.has("top") ? options.text("top") : user.mac.files.front().stem().string();
  for (const std::string& text : options.texts("map")) {
    const auto pair = split("map", text, problems);
    if (pair && !user.mac.ports.emplace(*pair).second) {
      problems.add("--map", "'" + text + "' names " + pair->first + " a second time");
    }
  }
  for (const std::string& text : options.texts("param")) {
    const auto pair = split("param", text, problems);
    if (!pair) continue;
    const std::optional<std::int64_t> value = integer(pair->second);
    if (!value) problems.add("--param", "'" + pair->second + "' is not a whole number");
    if (!user.mac.parameters.emplace(pair->first, value.value_or(0)).second) {
      problems.add("--param", "'" + text + "' sets " + pair->first + " a second time");
    }
  }
  user.mac.spec = mac_spec(options, user.mac.top, problems);
  if (options.has("cache") && options.text("cache").empty()) {
    problems.add("--cache", "is empty; it names a folder");
  }
  problems.throw_if_any();
  user.mac.cache_folder =
      options.has("cache") ? std::filesystem::path(options.text("cache")) : cache_folder();
  user.vectors = vectors_option(options);
  user.seed = seed_option(options);
  user.data_root = session.catalog.root();
  return user;
}

void refuse_user_options(const Options& options) {
  base::Problems problems;
  for (const char* name : kUserOptions) {
    if (options.has(name)) problems.add(std::string("--") + name, "describes a MAC given by --rtl");
  }
  for (const char* name : kUserFlags) {
    if (options.flag(name)) {
      problems.add(std::string("--") + name, "describes a MAC given by --rtl");
    }
  }
  problems.throw_if_any();
}

}  // namespace bitscale::cli
