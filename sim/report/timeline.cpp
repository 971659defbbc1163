#include "sim/report/timeline.h"

#include <algorithm>
#include <iterator>

#include "arch/base/error.h"
#include "arch/base/json_writer.h"

namespace bitscale::report {
namespace {

/// Track names in the order of first appearance.
std::vector<std::string> tracks_of(const std::vector<Span>& spans) {
  std::vector<std::string> tracks;
  for (const Span& span : spans) {
    if (std::find(tracks.begin(), tracks.end(), span.track) == tracks.end()) {
      tracks.push_back(span.track);
    }
  }
  return tracks;
}

void name_event(base::JsonWriter& json, const char* kind, std::size_t thread,
                const std::string& name) {
  json.begin_object().member("ph", "M").member("pid", 1).member("tid", thread);
  json.member("name", kind).begin_object("args").member("name", name).end().end();
}

/// Joins sorted spans of one track whose start lies within `resolution` of the previous span's
/// start or end.
void join_track(std::vector<Span> track, std::int64_t resolution, std::vector<Span>& joined) {
  std::stable_sort(track.begin(), track.end(), [](const Span& left, const Span& right) {
    return left.start_cycle < right.start_cycle;
  });
  const std::size_t first = joined.size();
  for (Span& span : track) {
    Span* last = joined.size() > first ? &joined.back() : nullptr;
    const bool near = last != nullptr && span.end_cycle - last->start_cycle < resolution;
    if (!near) {
      joined.push_back(std::move(span));
      continue;
    }
    last->end_cycle = std::max(last->end_cycle, span.end_cycle);
    if (last->name != span.name && last->name.find(" …") == std::string::npos) last->name += " …";
  }
}

}  // namespace

std::string perfetto_trace(const std::vector<Span>& spans, double clock_mhz,
                           const std::string& title) {
  BITSCALE_INVARIANT(clock_mhz > 0, "a timeline needs a clock");
  const std::vector<std::string> tracks = tracks_of(spans);
  base::JsonWriter json;
  json.begin_object().member("displayTimeUnit", "ns").begin_array("traceEvents");
  name_event(json, "process_name", 0, title);
  for (std::size_t i = 0; i < tracks.size(); ++i) {
    name_event(json, "thread_name", i + 1, tracks[i]);
  }
  for (const Span& span : spans) {
    const auto thread = std::find(tracks.begin(), tracks.end(), span.track) - tracks.begin() + 1;
    json.begin_object().member("ph", "X").member("pid", 1).member("tid", thread);
    json.member("name", span.name);
    json.member("ts", static_cast<double>(span.start_cycle) / clock_mhz);
    json.member("dur", static_cast<double>(span.end_cycle - span.start_cycle) / clock_mhz);
    json.begin_object("args").member("start_cycle", span.start_cycle);
    json.member("end_cycle", span.end_cycle).end().end();
  }
  return json.end().end().take();
}

std::vector<Span> thin_timeline(const std::vector<Span>& spans, std::size_t limit) {
  if (spans.size() <= limit) return spans;
  const std::vector<std::string> tracks = tracks_of(spans);
  std::int64_t begin = spans.front().start_cycle, end = spans.front().end_cycle;
  for (const Span& span : spans) {
    begin = std::min(begin, span.start_cycle);
    end = std::max(end, span.end_cycle);
  }
  const auto per_track = static_cast<std::int64_t>(std::max<std::size_t>(1, limit / tracks.size()));
  // Two joined spans in a row cover at least the resolution, so a track keeps at most per_track.
  const std::int64_t resolution = std::max<std::int64_t>(1, 2 * (end - begin) / per_track);
  std::vector<Span> joined;
  for (const std::string& name : tracks) {
    std::vector<Span> track;
    std::copy_if(spans.begin(), spans.end(), std::back_inserter(track),
                 [&](const Span& span) { return span.track == name; });
    join_track(std::move(track), resolution, joined);
  }
  return joined;
}

}  // namespace bitscale::report
