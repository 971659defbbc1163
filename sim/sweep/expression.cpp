#include "sim/sweep/expression.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <limits>

#include "arch/base/error.h"
#include "sim/sweep/report_pointer.h"

namespace bitscale::sweep {
namespace {

constexpr std::size_t kMostText = 4096;
constexpr int kMostDepth = 64;
constexpr double kInfinity = std::numeric_limits<double>::infinity();

bool starts_name(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_'; }
bool goes_on(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }
bool is_of_pointer(char c) { return goes_on(c) || c == '/' || c == '~'; }

std::string pointer_at(const std::string& text, std::size_t at) {
  std::size_t end = at;
  while (end < text.size() && is_of_pointer(text[end])) ++end;
  return text.substr(at, end - at);
}

}  // namespace

std::vector<std::string> pointers_in(const std::string& constraint) {
  std::vector<std::string> pointers;
  bool operand = false;  // one has just ended: a '/' divides it
  for (std::size_t at = 0; at < constraint.size(); ++at) {
    const char c = constraint[at];
    if (c == '/' && !operand) {
      pointers.push_back(pointer_at(constraint, at));
      at += pointers.back().size() - 1;
      operand = true;
    } else if (c != ' ') {
      operand = goes_on(c) || c == '.' || c == ')';
    }
  }
  return pointers;
}

class ConstraintParser {
 public:
  using Step = Constraint::Step;
  using Code = Constraint::Code;

  ConstraintParser(Constraint& target, const std::vector<std::string>& names,
                   const std::string& where)
      : target_(target), text_(target.text_), names_(names), where_(where) {}

  void parse() {
    if (text_.size() > kMostText) fail("is longer than 4096 characters");
    side(target_.left_);
    comparison();
    side(target_.right_);
    skip_blanks();
    if (at_ != text_.size()) fail("expected the end");
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw base::UserError(where_, "'" + text_ + "', column " + std::to_string(at_ + 1) + ": " +
                                      what + " (a constraint is: sum, comparison, sum)");
  }

  void side(std::vector<Step>& steps) {
    sum(steps);
    if (Constraint::is_constant(steps) && !std::isfinite(Constraint::run(steps, {}))) {
      fail("what stands before here is no finite number");
    }
  }

  void skip_blanks() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
  }

  bool take(std::string_view token) {
    skip_blanks();
    if (text_.compare(at_, token.size(), token) != 0) return false;
    at_ += token.size();
    return true;
  }

  void comparison() {
    using C = Constraint::Comparison;
    static const std::vector<std::pair<const char*, C>> kAll = {
        {"<=", C::LessEqual}, {">=", C::GreaterEqual}, {"==", C::Equal},
        {"!=", C::NotEqual},  {"<", C::Less},          {">", C::Greater}};
    for (const auto& [token, comparison] : kAll) {
      if (!take(token)) continue;
      target_.comparison_ = comparison;
      return;
    }
    fail("expected one of <=, <, >=, >, ==, !=");
  }

  void sum(std::vector<Step>& steps) {
    product(steps);
    for (;;) {
      if (take("+")) {
        product(steps);
        steps.push_back({Code::Add});
      } else if (take("-")) {
        product(steps);
        steps.push_back({Code::Subtract});
      } else {
        return;
      }
    }
  }

  void product(std::vector<Step>& steps) {
    factor(steps);
    for (;;) {
      if (take("*")) {
        factor(steps);
        steps.push_back({Code::Multiply});
      } else if (take("/")) {
        factor(steps);
        steps.push_back({Code::Divide});
      } else {
        return;
      }
    }
  }

  void factor(std::vector<Step>& steps) {
    if (++depth_ > kMostDepth) fail("nested too deeply");
    skip_blanks();
    if (take("(")) {
      sum(steps);
      if (!take(")")) fail("expected ')'");
    } else if (take("-")) {
      factor(steps);
      steps.push_back({Code::Negate});
    } else if (at_ < text_.size() && starts_name(text_[at_])) {
      name(steps);
    } else if (at_ < text_.size() && text_[at_] == '/') {
      const std::string pointer = pointer_at(text_, at_);
      at_ += pointer.size();
      load(canonical_field(pointer), steps);
    } else {
      number(steps);
    }
    --depth_;
  }

  void name(std::vector<Step>& steps) {
    const std::size_t start = at_;
    while (at_ < text_.size() && goes_on(text_[at_])) ++at_;
    load(text_.substr(start, at_ - start), steps);
  }

  void load(const std::string& name, std::vector<Step>& steps) {
    const auto found = std::find(names_.begin(), names_.end(), name);
    if (found == names_.end()) {
      throw base::UserError(where_, base::unknown_name_message("name", name, names_));
    }
    const auto index = static_cast<std::size_t>(found - names_.begin());
    steps.push_back({Code::Load, 0, index});
    target_.uses_.push_back(index);
  }

  void number(std::vector<Step>& steps) {
    double value = 0;
    const char* end = text_.data() + text_.size();
    const auto [stop, error] = std::from_chars(text_.data() + at_, end, value);
    const bool is_digit =
        at_ < text_.size() &&
        (text_[at_] == '.' || std::isdigit(static_cast<unsigned char>(text_[at_])) != 0);
    if (error != std::errc() || !is_digit) fail("expected a number, a name, a pointer or '('");
    at_ = static_cast<std::size_t>(stop - text_.data());
    steps.push_back({Code::Push, value});
  }

  Constraint& target_;
  const std::string& text_;
  const std::vector<std::string>& names_;
  const std::string& where_;
  std::size_t at_ = 0;
  int depth_ = 0;
};

Constraint::Constraint(const std::string& text, const std::vector<std::string>& names,
                       const std::string& where)
    : text_(text) {
  ConstraintParser(*this, names, where).parse();
  std::sort(uses_.begin(), uses_.end());
  uses_.erase(std::unique(uses_.begin(), uses_.end()), uses_.end());
  find_bound(names);
}

double Constraint::run(const std::vector<Step>& steps, const std::vector<double>& values) {
  std::vector<double> stack;
  stack.reserve(steps.size());
  for (const Step& step : steps) {
    if (step.code == Code::Push) {
      stack.push_back(step.number);
      continue;
    }
    if (step.code == Code::Load) {
      stack.push_back(values[step.index]);
      continue;
    }
    const double last = stack.back();
    if (step.code == Code::Negate) {
      stack.back() = -last;
      continue;
    }
    stack.pop_back();
    double& first = stack.back();
    if (step.code == Code::Add) first += last;
    if (step.code == Code::Subtract) first -= last;
    if (step.code == Code::Multiply) first *= last;
    if (step.code == Code::Divide) first /= last;
  }
  return stack.back();
}

bool Constraint::holds(const std::vector<double>& values) const {
  const double left = run(left_, values);
  const double right = run(right_, values);
  if (!std::isfinite(left) || !std::isfinite(right)) return false;  // x / 0 is no number
  switch (comparison_) {
    case Comparison::LessEqual:
      return left <= right;
    case Comparison::Less:
      return left < right;
    case Comparison::GreaterEqual:
      return left >= right;
    case Comparison::Greater:
      return left > right;
    case Comparison::Equal:
      return left == right;
    case Comparison::NotEqual:
      return left < right || left > right;
  }
  return false;
}

bool Constraint::is_constant(const std::vector<Step>& steps) {
  return std::none_of(steps.begin(), steps.end(),
                      [](const Step& step) { return step.code == Code::Load; });
}

// Only "name comparison constant" and its mirror image: anything longer is left to trying the
// points.
void Constraint::find_bound(const std::vector<std::string>& names) {
  const auto alone = [](const std::vector<Step>& steps) {
    return steps.size() == 1 && steps[0].code == Code::Load;
  };
  const bool plain = alone(left_) && is_constant(right_);
  const bool mirrored = alone(right_) && is_constant(left_);
  if ((!plain && !mirrored) || comparison_ == Comparison::NotEqual) return;
  const double limit = run(plain ? right_ : left_, {});
  const bool less = comparison_ == Comparison::LessEqual || comparison_ == Comparison::Less;
  const bool equal = comparison_ == Comparison::Equal;
  const std::size_t index = (plain ? left_ : right_)[0].index;
  SimpleBound bound{names[index], -kInfinity, kInfinity, false};
  if (equal || less == plain) bound.high = limit;
  if (equal || less != plain) bound.low = limit;
  bound.open = comparison_ == Comparison::Less || comparison_ == Comparison::Greater;
  bound_ = bound;
}

}  // namespace bitscale::sweep
