#include "sim/reproduce/target.h"

#include <algorithm>
#include <cmath>

#include "sim/report/units.h"

namespace bitscale::reproduce {
namespace {

using report::fixed;

// The accepted interval, one-sided where an end is open.
std::string accepted(const Target& target) {
  if (target.high >= kNoLimit) return "≥ " + fixed(target.low, 3);
  if (target.low <= 0) return "≤ " + fixed(target.high, 3);
  return fixed(target.low, 3) + " – " + fixed(target.high, 3);
}

void number_or_null(base::JsonWriter& json, const char* key, double value, bool known) {
  if (known) {
    json.member(key, value);
  } else {
    json.member(key, base::JsonValue{});
  }
}

std::string claim(const Target& target) {
  const std::size_t colon = target.what.rfind(": ");
  return colon == std::string::npos ? target.what : target.what.substr(colon + 2);
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
                    target.published ? fixed(*target.published, 3) : "no figure",
                    target.published_status, accepted(target), fixed(target.measured, 3),
                    target.met() ? "yes" : "NO, by " + fixed(target.miss(), 3)});
  }
  return report::text_table(rows);
}

void write_targets(base::JsonWriter& json, const std::vector<Target>& targets,
                   std::string_view key) {
  json.begin_array(key);
  for (const Target& target : targets) {
    json.begin_object().member("id", target.id).member("what", target.what);
    const bool figure = target.published.has_value();
    number_or_null(json, "published", target.published.value_or(0), figure);
    if (!figure) json.member("published_text", claim(target));
    json.member("published_status", target.published_status);
    json.member("measured", target.measured);
    number_or_null(json, "tolerance", target.tolerance, figure);
    number_or_null(json, "low", target.low, std::isfinite(target.low));
    number_or_null(json, "high", target.high, std::isfinite(target.high));
    json.member("met", target.met()).end();
  }
  json.end();
}

}  // namespace bitscale::reproduce
