// The command line's frame: one table of commands, one way to declare options, print help and turn
// bad options into UserError. Each command lives in its own file.
#ifndef BITSCALE_SIM_CLI_COMMAND_H_
#define BITSCALE_SIM_CLI_COMMAND_H_

#include <boost/program_options.hpp>

#include <iosfwd>
#include <string>
#include <vector>

#include "arch/base/json_reader.h"
#include "sim/run/catalog.h"

namespace bitscale::cli {

/// Exit statuses: 0 done, 1 a check failed, 2 the user's input is wrong, 3 an invariant broke.
enum ExitStatus { kDone = 0, kCheckFailed = 1, kBadInput = 2, kInternal = 3 };

/// What a command may touch: its words, its streams, the files that ship with the program.
struct Session {
  std::vector<std::string> words;  ///< after the command's name
  std::vector<std::string> line;   ///< the whole command line, for provenance
  std::ostream& out;
  std::ostream& err;
  run::Catalog catalog;
};

struct Command {
  const char* name;
  const char* summary;
  int (*run)(Session& session);
};

/// All commands, in the order help shows them.
const std::vector<Command>& commands();

/// Runs `bitscale …`; catches every error once and returns the exit status.
int run_line(const std::vector<std::string>& line, std::ostream& out, std::ostream& err);

/// Options of one command. Add to `described()`, then parse().
class Options {
 public:
  /// `usage` is the line after "Usage: bitscale "; `examples` are whole command lines.
  Options(std::string usage, std::vector<std::string> examples);

  boost::program_options::options_description_easy_init add();
  /// The named positional argument; `many` takes all that follow.
  void positional(const std::string& name, bool many = false);
  /// Lines that --help prints between the options and the examples.
  void about(std::string text) { about_ = std::move(text); }
  /// False when --help was asked for (and printed). Throws UserError on bad options.
  bool parse(Session& session);

  bool has(const std::string& name) const { return values_.count(name) > 0; }
  /// The option's text or "" when absent.
  std::string text(const std::string& name) const;
  std::vector<std::string> texts(const std::string& name) const;
  bool flag(const std::string& name) const { return has(name) && values_[name].as<bool>(); }

 private:
  std::string usage_;
  std::vector<std::string> examples_;
  std::string about_;
  boost::program_options::options_description described_;
  boost::program_options::options_description hidden_;
  boost::program_options::positional_options_description positions_;
  boost::program_options::variables_map values_;
};

/// A whole number within `range`; throws UserError placed at `where`.
int whole_number(const std::string& text, base::IntegerRange range, const std::string& where);

/// Text-valued option, and flag, for Options::add().
boost::program_options::typed_value<std::string>* text_value();
boost::program_options::typed_value<std::vector<std::string>>* texts_value();

// The commands.
int run_command(Session& session);
int validate_command(Session& session);
int list_command(Session& session);
int import_command(Session& session);
int report_command(Session& session);
int compare_command(Session& session);
int reproduce_command(Session& session);
int sweep_command(Session& session);
int lut_command(Session& session);
int search_command(Session& session);
int quantize_command(Session& session);
int iso_command(Session& session);
int cosim_command(Session& session);
int train_command(Session& session);

}  // namespace bitscale::cli

#endif  // BITSCALE_SIM_CLI_COMMAND_H_
