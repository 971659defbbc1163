#include "sim/cli/command.h"

#include <algorithm>
#include <charconv>
#include <exception>
#include <filesystem>
#include <new>
#include <ostream>
#include <system_error>

#include "arch/base/error.h"
#include "arch/base/printable.h"
#include "sim/cli/data_root.h"

namespace bitscale::cli {
namespace po = boost::program_options;

namespace {

void print_overview(std::ostream& out) {
  out << "Usage: bitscale COMMAND [ARGUMENTS]\n\n"
         "Simulates reduced-precision neural-network accelerators: cycles, energy, area.\n\n";
  for (const Command& command : commands()) {
    const std::string name = command.name;
    out << "  " << name << std::string(name.size() < 12 ? 12 - name.size() : 1, ' ')
        << command.summary << '\n';
  }
  out << "\n'bitscale COMMAND --help' explains a command.\n"
         "Example: bitscale run --network resnet50 --precision w4a4_first_last_8 -o out\n";
}

int dispatch(const std::vector<std::string>& line, std::ostream& out, std::ostream& err) {
  if (line.size() < 2 || line[1] == "--help" || line[1] == "-h" || line[1] == "help") {
    print_overview(out);
    return line.size() < 2 ? kBadInput : kDone;
  }
  if (line[1] == "--version") {
    out << "bitscale " << program_version() << '\n';
    return kDone;
  }
  std::vector<std::string> names;
  for (const Command& command : commands()) {
    if (line[1] != command.name) {
      names.emplace_back(command.name);
      continue;
    }
    Session session{{line.begin() + 2, line.end()}, line, out, err, run::Catalog(data_root())};
    return command.run(session);
  }
  throw base::UserError("bitscale", base::unknown_name_message("command", line[1], names));
}

}  // namespace

const std::vector<Command>& commands() {
  static const std::vector<Command> all = {
      {"run", "simulate a network on a design and report cycles, energy and area", run_command},
      {"sweep", "run many points of a design space, find the Pareto front", sweep_command},
      {"iso", "the largest MAC array within a budget of area, power, peak or bandwidth",
       iso_command},
      {"lut", "tabulate each layer's latency and energy by operand widths", lut_command},
      {"search", "choose each layer's widths within a budget", search_command},
      {"report", "price a finished run's counts.json again, without simulating", report_command},
      {"compare", "put two or more finished runs side by side", compare_command},
      {"import", "turn other tools' files into ours", import_command},
      {"quantize", "turn a float ONNX or .npz network into integers, without training",
       quantize_command},
      {"cosim", "check the RTL, or a MAC of yours, against the simulator", cosim_command},
      {"train", "train quantized networks (needs the training component)", train_command},
      {"reproduce", "reproduce a published result and check it", reproduce_command},
      {"validate", "check a file, all problems at once", validate_command},
      {"list", "list the designs, networks, technologies and precisions that ship", list_command},
  };
  return all;
}

int run_line(const std::vector<std::string>& line, std::ostream& out, std::ostream& err) {
  try {
    const int status = dispatch(line, out, err);
    if (!out.flush()) throw base::UserError("standard output", "cannot be written");
    return status;
  } catch (const base::UserError& error) {
    for (const base::Problem& problem : error.problems()) {
      err << "error: " << base::printable(problem.where + ": " + problem.message) << '\n';
    }
    return kBadInput;
  } catch (const std::filesystem::filesystem_error& error) {  // the system refused a path
    err << "error: " << base::printable(error.path1().string()) << ": " << error.code().message()
        << '\n';
    return kBadInput;
  } catch (const std::bad_alloc&) {
    err << "error: not enough memory for this input\n";
    return kBadInput;
  } catch (const std::exception& error) {
    err << "internal error: " << base::printable(error.what())
        << "\nThis is a bug of bitscale, not of your input.\n";
    return kInternal;
  }
}

Options::Options(std::string usage, std::vector<std::string> examples)
    : usage_(std::move(usage)), examples_(std::move(examples)), described_("Options") {
  described_.add_options()("help,h", po::bool_switch(), "show this");
}

po::options_description_easy_init Options::add() { return described_.add_options(); }

void Options::positional(const std::string& name, bool many) {
  if (many) {
    hidden_.add_options()(name.c_str(), texts_value());
  } else {
    hidden_.add_options()(name.c_str(), text_value());
  }
  positions_.add(name.c_str(), many ? -1 : 1);
}

bool Options::parse(Session& session) {
  const std::string where = "bitscale " + usage_.substr(0, usage_.find(' '));
  try {
    po::options_description all;
    all.add(described_).add(hidden_);
    po::store(
        po::command_line_parser(session.words)
            .options(all)
            .positional(positions_)
            .style(po::command_line_style::unix_style & ~po::command_line_style::allow_guessing)
            .run(),
        values_);
    po::notify(values_);
  } catch (const po::unknown_option& error) {
    std::vector<std::string> names;
    for (const auto& option : described_.options()) names.push_back("--" + option->long_name());
    throw base::UserError(where,
                          base::unknown_name_message("option", error.get_option_name(), names));
  } catch (const po::error& error) {
    throw base::UserError(where, error.what());
  }
  if (!flag("help")) return true;
  session.out << "Usage: bitscale " << usage_ << "\n\n" << described_;
  if (!about_.empty()) session.out << '\n' << about_ << '\n';
  session.out << "\nExamples:\n";
  for (const std::string& example : examples_) session.out << "  " << example << '\n';
  return false;
}

std::string Options::text(const std::string& name) const {
  return has(name) ? values_[name].as<std::string>() : "";
}

std::vector<std::string> Options::texts(const std::string& name) const {
  return has(name) ? values_[name].as<std::vector<std::string>>() : std::vector<std::string>{};
}

int whole_number(const std::string& text, base::IntegerRange range, const std::string& where) {
  std::int64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, code] = std::from_chars(text.data(), end, value);
  if (code != std::errc() || stop != end || value < range.low || value > range.high) {
    throw base::UserError(where, "expected an integer from " + std::to_string(range.low) + " to " +
                                     std::to_string(range.high) + ", given '" + text + "'");
  }
  return static_cast<int>(value);
}

po::typed_value<std::string>* text_value() { return po::value<std::string>(); }

po::typed_value<std::vector<std::string>>* texts_value() {
  return po::value<std::vector<std::string>>()->composing();
}

}  // namespace bitscale::cli
