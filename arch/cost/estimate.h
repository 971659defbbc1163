// A value with the interval its source gives (equal ends when it gives none).
#ifndef BITSCALE_ARCH_COST_ESTIMATE_H_
#define BITSCALE_ARCH_COST_ESTIMATE_H_

namespace bitscale::cost {

/// low ≤ value ≤ high. Sums and products with non-negative factors keep that order; intervals add
/// end to end (all sources wrong in the same direction: the widest case).
struct Estimate {
  double value = 0;
  double low = 0;
  double high = 0;

  static Estimate exact(double value) { return {value, value, value}; }

  Estimate& operator+=(const Estimate& other) {
    value += other.value;
    low += other.low;
    high += other.high;
    return *this;
  }
  friend Estimate operator+(Estimate a, const Estimate& b) { return a += b; }
  friend Estimate operator*(const Estimate& a, double factor) {
    return {a.value * factor, a.low * factor, a.high * factor};
  }
  friend Estimate operator*(double factor, const Estimate& a) { return a * factor; }
  friend Estimate operator*(const Estimate& a, const Estimate& b) {
    return {a.value * b.value, a.low * b.low, a.high * b.high};
  }
};

}  // namespace bitscale::cost

#endif  // BITSCALE_ARCH_COST_ESTIMATE_H_
