// Constraints as written in a sweep: "rows * cols <= 4096", "area_um2 < 5e6".
//
//   constraint = sum ("<=" | "<" | ">=" | ">" | "==" | "!=") sum
//   sum = product { ("+" | "-") product }      product = factor { ("*" | "/") factor }
//   factor = number | name | pointer | "(" sum ")" | "-" factor
// Names are axes and report fields; a pointer is a JSON pointer into report.json of letters,
// digits, '_', '~' and '/', which begins where a factor may: "/area/by_component/buffers / area_um2
// <= 0.5". Evaluation takes their values by position.
#ifndef BITSCALE_SIM_SWEEP_EXPRESSION_H_
#define BITSCALE_SIM_SWEEP_EXPRESSION_H_

#include <optional>
#include <string>
#include <vector>

namespace bitscale::sweep {

/// A bound that a constraint puts on one name alone, as in "rows <= 16" or "16 >= rows".
struct SimpleBound {
  std::string name;
  double low, high;  ///< −∞ or +∞ where it does not bind
  bool open;         ///< the finite end itself is excluded
};

/// The pointers of a constraint in their order, whether or not it is one.
std::vector<std::string> pointers_in(const std::string& constraint);

class Constraint {
 public:
  /// Throws UserError placed at `where`: what was expected at which column; unknown names with the
  /// nearest of `names`.
  Constraint(const std::string& text, const std::vector<std::string>& names,
             const std::string& where);

  /// `values[i]` is the value of names[i]. A comparison with what is not finite (x/0)
  /// does not hold.
  bool holds(const std::vector<double>& values) const;
  /// Positions of the names it uses, ascending.
  const std::vector<std::size_t>& uses() const { return uses_; }
  const std::string& text() const { return text_; }
  std::optional<SimpleBound> simple_bound() const { return bound_; }

 private:
  friend class ConstraintParser;
  enum class Code { Push, Load, Add, Subtract, Multiply, Divide, Negate };
  enum class Comparison { LessEqual, Less, GreaterEqual, Greater, Equal, NotEqual };
  struct Step {
    Code code;
    double number = 0;
    std::size_t index = 0;
  };
  static bool is_constant(const std::vector<Step>& steps);
  static double run(const std::vector<Step>& steps, const std::vector<double>& values);
  void find_bound(const std::vector<std::string>& names);

  std::string text_;
  std::vector<Step> left_, right_;  // reverse Polish
  Comparison comparison_ = Comparison::Equal;
  std::vector<std::size_t> uses_;
  std::optional<SimpleBound> bound_;
};

}  // namespace bitscale::sweep

#endif  // BITSCALE_SIM_SWEEP_EXPRESSION_H_
