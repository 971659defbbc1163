// bitscale iso: the largest MAC array of a design within a budget of area, power, peak or
// bandwidth.
#include "arch/cost/iso.h"

#include <charconv>
#include <ostream>

#include "arch/base/error.h"
#include "arch/base/json_writer.h"
#include "sim/cli/command.h"
#include "sim/report/units.h"
#include "sim/run/run_config.h"

namespace bitscale::cli {
namespace {

constexpr int kIsoSchemaVersion = 1;

void describe(Options& options) {
  namespace po = boost::program_options;
  options.positional("config");
  options.add()("area-um2", text_value(), "budget: area of the chip, µm²")(
      "power-mw", text_value(), "budget: power with every PE busy, mW")(
      "peak-tops", text_value(), "budget: peak, 10^12 operations per second")(
      "bandwidth-gbps", text_value(),
      "budget: operands and sums at the array's edges, 10^9 bytes/s");
  options.add()("weight-bits", text_value(), "width of weights (default: the PE's)")(
      "act-bits", text_value(), "width of activations (default: the PE's)")(
      "aspect", text_value(), "wanted rows / cols (default 1)")(
      "stretch", text_value(),
      "how far rows / cols may be from it, a factor (default 2; not with --rows or --cols)")(
      "step", text_value(), "sides that are not fixed are multiples of it (default 1)")(
      "rows", text_value(), "fix the rows")("cols", text_value(), "fix the columns");
  options.add()("arch", text_value(), "design: a name (bitscale list archs) or a file")(
      "tech", text_value(), "technology: a name (bitscale list techs) or a file")(
      "set", texts_value(), "/json/pointer=value, changes the configuration; repeatable")(
      "json", po::bool_switch(), "print the result as JSON");
}

// Reads the options' numbers; all that are none are reported at once.
class Numbers {
 public:
  explicit Numbers(const Options& options) : options_(options) {}

  std::optional<double> number(const char* name) { return parse<double>(name, "a number"); }
  std::optional<std::int64_t> whole(const char* name) {
    return parse<std::int64_t>(name, "a whole number");
  }
  void throw_if_any() const { problems_.throw_if_any(); }

 private:
  template <class T>
  std::optional<T> parse(const char* name, const char* expected) {
    if (!options_.has(name)) return std::nullopt;
    const std::string text = options_.text(name);
    T value{};
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error == std::errc() && stop == text.data() + text.size() && value > 0) return value;
    problems_.add(std::string("--") + name,
                  std::string("expected ") + expected + " above 0, given '" + text + "'");
    return std::nullopt;
  }

  const Options& options_;
  base::Problems problems_;
};

struct Question {
  cost::IsoBudget budget;
  cost::IsoShape shape;
  std::optional<std::int64_t> weight_bits, act_bits;
};

// A fixed side leaves no choice of shape, two leave none of steps either.
void refuse_ignored(const Options& options) {
  base::Problems problems;
  const bool rows = options.has("rows"), cols = options.has("cols");
  for (const std::string name : {"aspect", "stretch", "step"}) {
    const bool decides = name == "step" ? !(rows && cols) : !(rows || cols);
    if (!options.has(name) || decides) continue;
    problems.add("--" + name, name == "step"
                                  ? "has no meaning with both --rows and --cols"
                                  : "has no meaning with --rows or --cols, which allow any shape");
  }
  problems.throw_if_any();
}

Question question_from(const Options& options) {
  Numbers numbers(options);
  Question question;
  question.budget.area_um2 = numbers.number("area-um2");
  question.budget.power_mw = numbers.number("power-mw");
  question.budget.peak_tops = numbers.number("peak-tops");
  question.budget.bandwidth_gbps = numbers.number("bandwidth-gbps");
  question.shape.aspect = numbers.number("aspect").value_or(question.shape.aspect);
  question.shape.stretch = numbers.number("stretch").value_or(question.shape.stretch);
  question.shape.step = numbers.whole("step").value_or(question.shape.step);
  question.shape.rows = numbers.whole("rows");
  question.shape.cols = numbers.whole("cols");
  question.weight_bits = numbers.whole("weight-bits");
  question.act_bits = numbers.whole("act-bits");
  numbers.throw_if_any();
  refuse_ignored(options);
  return question;
}

void write_demand(base::JsonWriter& json, const char* key, const cost::IsoDemand& demand) {
  json.begin_object(key).member("area_um2", demand.area_um2).member("power_mw", demand.power_mw);
  json.member("peak_tops", demand.peak_tops).member("bandwidth_gbps", demand.bandwidth_gbps).end();
}

void write_budget(base::JsonWriter& json, const cost::IsoBudget& budget) {
  json.begin_object("budget");
  const auto limit = [&](const char* key, const std::optional<double>& value) {
    if (value) json.member(key, *value);
  };
  limit("area_um2", budget.area_um2);
  limit("power_mw", budget.power_mw);
  limit("peak_tops", budget.peak_tops);
  limit("bandwidth_gbps", budget.bandwidth_gbps);
  json.end();
}

std::string table(const cost::IsoBudget& budget, const cost::IsoDemand& demand) {
  std::vector<std::vector<std::string>> rows{{"", "needs", "budget", "used"}};
  const auto row = [&](const char* name, double needs, const std::optional<double>& limit) {
    rows.push_back({name, report::significant(needs), limit ? report::significant(*limit) : "–",
                    limit ? report::percent(needs / *limit) : "–"});
  };
  row("area µm²", demand.area_um2, budget.area_um2);
  row("power mW", demand.power_mw, budget.power_mw);
  row("peak TOPS", demand.peak_tops, budget.peak_tops);
  row("edge bandwidth GB/s", demand.bandwidth_gbps, budget.bandwidth_gbps);
  return report::text_table(rows);
}

void require_budget(const cost::IsoBudget& budget) {
  if (budget.area_um2 || budget.power_mw || budget.peak_tops || budget.bandwidth_gbps) return;
  throw base::UserError("bitscale iso",
                        "give a budget: --area-um2, --power-mw, --peak-tops or --bandwidth-gbps");
}

// The solver's problems in the words of the options: "iso shape step" is --step.
cost::IsoResult solve(const cost::ArrayDemand& demand, const Question& question) {
  try {
    return cost::solve_iso(demand, question.budget, question.shape);
  } catch (const base::UserError& error) {
    std::vector<base::Problem> problems = error.problems();
    for (base::Problem& problem : problems) {
      const std::string shape = "iso shape ";
      const bool of_shape = problem.where.rfind(shape, 0) == 0;
      problem.where = of_shape ? "--" + problem.where.substr(shape.size()) : "bitscale iso";
    }
    throw base::UserError(std::move(problems));
  }
}

int width(const std::optional<std::int64_t>& asked, int widest, const char* option) {
  if (!asked) return widest;
  if (*asked > widest) {
    throw base::UserError(option, "expected at most the PE's " + std::to_string(widest) +
                                      " bits, given " + std::to_string(*asked));
  }
  return static_cast<int>(*asked);
}

}  // namespace

int iso_command(Session& session) {
  Options options(
      "iso [--area-um2 N] [--power-mw N] [--peak-tops N] [--bandwidth-gbps N] [OPTIONS]",
      {"bitscale iso --area-um2 4e6", "bitscale iso --arch tpu_v1_like --power-mw 2000",
       "bitscale iso --area-um2 4e6 --weight-bits 4 --act-bits 4 --step 8 --json"});
  describe(options);
  if (!options.parse(session)) return kDone;
  const Question question = question_from(options);
  require_budget(question.budget);
  run::RunRequest request;
  request.config = options.text("config");
  request.arch = options.text("arch");
  request.tech = options.text("tech");
  request.sets = options.texts("set");
  const run::DesignConfig design = run::load_design(request, session.catalog);
  const spec::PeSpec& pe = design.accelerator.mac_array.pe;
  const int weight_bits = width(question.weight_bits, pe.weight_bits, "--weight-bits");
  const int act_bits = width(question.act_bits, pe.act_bits, "--act-bits");
  const cost::ArrayDemand demand(design.accelerator, design.technology, weight_bits, act_bits);
  const cost::IsoResult found = solve(demand, question);
  if (options.flag("json")) {
    base::JsonWriter json;
    json.begin_object().member("schema_version", kIsoSchemaVersion);
    json.member("architecture", design.accelerator.name);
    json.member("technology", design.technology.name);
    json.member("weight_bits", weight_bits).member("act_bits", act_bits);
    json.member("clock_mhz", design.accelerator.clock_mhz)
        .member("cores", design.accelerator.cores);
    json.member("rows", found.rows).member("cols", found.cols);
    write_demand(json, "demand", found.demand);
    write_budget(json, question.budget);
    session.out << json.end().take();
    return kDone;
  }
  session.out << found.rows << " × " << found.cols << " PEs in each of " << design.accelerator.cores
              << " core(s) of " << design.accelerator.name << ", W" << weight_bits << "A"
              << act_bits << ", " << design.technology.name << ", "
              << report::significant(design.accelerator.clock_mhz) << " MHz\n\n"
              << table(question.budget, found.demand);
  return kDone;
}

}  // namespace bitscale::cli
