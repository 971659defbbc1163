// The two kinds of error: the user's fault (UserError, caught once in main, exit 2) and our own bug
// (InternalError, exit 3). Library code throws these and never prints or exits.
#ifndef BITSCALE_ARCH_BASE_ERROR_H_
#define BITSCALE_ARCH_BASE_ERROR_H_

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace bitscale::base {

/// One thing wrong with the user's input.
struct Problem {
  std::string where;    ///< "file.json:/json/pointer", "file.csv:12", "--option"; "" for none
  std::string message;  ///< what was given, what is allowed, the nearest valid spelling
};

/// Everything wrong with one input, so that the user sees all problems at once.
class UserError : public std::runtime_error {
 public:
  explicit UserError(std::vector<Problem> problems);
  UserError(std::string where, std::string message);
  const std::vector<Problem>& problems() const { return problems_; }

 private:
  std::vector<Problem> problems_;
};

/// Collects problems while reading goes on; throw_if_any() ends the reading. Keeps the first kMost
/// and counts the rest, so that hostile input cannot fill the memory or the terminal.
class Problems {
 public:
  static constexpr std::size_t kMost = 1000;

  void add(std::string where, std::string message);
  bool empty() const { return list_.empty(); }
  std::size_t size() const { return list_.size() + unlisted_; }
  /// Throws UserError with everything collected, if anything was.
  void throw_if_any() const;

 private:
  std::vector<Problem> list_;
  std::size_t unlisted_ = 0;  // beyond kMost
};

/// An invariant of the program broke: never the user's fault.
class InternalError : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

[[noreturn]] void fail_invariant(const char* expression, const char* file, int line,
                                 const std::string& message);

/// At most `max_bytes` of `text`, never cutting a UTF-8 character in two.
std::string_view shortened(std::string_view text, std::size_t max_bytes);

/// "a, b, c".
std::string comma_separated(const std::vector<std::string>& names);

/// The shortest that begins with `given`, else the nearest by edit distance, "" when none is near.
std::string nearest(std::string_view given, const std::vector<std::string>& candidates);

/// "unknown <what> 'given'; did you mean 'x'? (allowed: a, b, c)".
std::string unknown_name_message(std::string_view what, std::string_view given,
                                 const std::vector<std::string>& allowed);

}  // namespace bitscale::base

/// Checks an invariant; stays on in release builds. `message` is evaluated only on failure.
#define BITSCALE_INVARIANT(condition, message)                                   \
  do {                                                                           \
    if (!(condition)) {                                                          \
      ::bitscale::base::fail_invariant(#condition, __FILE__, __LINE__, message); \
    }                                                                            \
  } while (false)

#endif  // BITSCALE_ARCH_BASE_ERROR_H_
