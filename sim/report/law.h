// One conservation law held against a run: collects what breaks it and becomes a CheckResult.
#ifndef BITSCALE_SIM_REPORT_LAW_H_
#define BITSCALE_SIM_REPORT_LAW_H_

#include <cstdint>
#include <string>

#include "sim/report/report.h"

namespace bitscale::report {

class Law {
 public:
  Law(std::string id, std::string what) : result_{std::move(id), std::move(what), true, ""} {}

  void offence(const std::string& text);
  void equal(const std::string& where, std::int64_t left, std::int64_t right);
  void at_most(const std::string& where, std::int64_t left, std::int64_t right);
  /// Equal but for the rounding of sums of doubles in another order.
  void close(const std::string& where, double left, double right);
  void at_most(const std::string& where, double left, double right);

  /// The first offenders by name, and how many more there are.
  CheckResult take();

 private:
  CheckResult result_;
  int offenders_ = 0;
};

}  // namespace bitscale::report

#endif  // BITSCALE_SIM_REPORT_LAW_H_
