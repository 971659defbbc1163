#include "sim/reproduce/target.h"

#include <algorithm>
#include <cstdio>

#include "sim/report/units.h"

namespace bitscale::reproduce {
namespace {

std::string fixed(double value) {
  char text[48];
  std::snprintf(text, sizeof text, "%.3f", value);
  return text;
}

// The accepted interval, one-sided where an end is open.
std::string accepted(const Target& target) {
  if (target.high >= kNoLimit) return "≥ " + fixed(target.low);
  if (target.low <= 0) return "≤ " + fixed(target.high);
  return fixed(target.low) + " – " + fixed(target.high);
}

}  // namespace

Target around(std::string id, std::string what, double published, std::string status,
              double tolerance, double measured) {
  Target target;
  target.id = std::move(id);
  target.what = std::move(what);
  target.published = published;
  target.published_status = std::move(status);
  target.measured = measured;
  target.tolerance = tolerance;
  target.low = published - tolerance;
  target.high = published + tolerance;
  return target;
}

Target between(std::string id, std::string what, std::string status, double low, double high,
               double measured) {
  Target target = around(std::move(id), std::move(what), 0, std::move(status), 0, measured);
  target.published.reset();
  target.low = low;
  target.high = high;
  return target;
}

bool all_met(const std::vector<Target>& targets) {
  return std::all_of(targets.begin(), targets.end(), [](const Target& t) { return t.met(); });
}

std::string targets_text(const std::vector<Target>& targets) {
  std::vector<std::vector<std::string>> rows{
      {"id", "what", "published", "status", "accepted", "measured", "met"}};
  for (const Target& target : targets) {
    rows.push_back({target.id, target.what,
                    target.published ? fixed(*target.published) : "no figure",
                    target.published_status, accepted(target), fixed(target.measured),
                    target.met() ? "yes" : "NO, by " + fixed(target.miss())});
  }
  return report::text_table(rows);
}

void write_targets(base::JsonWriter& json, const std::vector<Target>& targets,
                   std::string_view key) {
  json.begin_array(key);
  for (const Target& target : targets) {
    json.begin_object().member("id", target.id).member("what", target.what);
    if (target.published) {
      json.member("published", *target.published);
    } else {
      json.member("published", base::JsonValue{});
    }
    json.member("published_status", target.published_status);
    json.member("measured", target.measured).member("tolerance", target.tolerance);
    json.member("low", target.low).member("high", target.high);
    json.member("met", target.met()).end();
  }
  json.end();
}

}  // namespace bitscale::reproduce
