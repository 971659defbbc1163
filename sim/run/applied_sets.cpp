#include "sim/run/applied_sets.h"

#include <algorithm>
#include <utility>

#include "sim/run/own_figures.h"

namespace bitscale::run {
namespace {

constexpr std::size_t kShownBytes = 160;

// Whether `place` is `root` or below it; both end in a JSON pointer, where "/" is the whole file.
bool at_or_below(std::string_view place, std::string_view root) {
  if (place.substr(0, root.size()) != root) return false;
  return place.size() == root.size() || root.back() == '/' || place[root.size()] == '/';
}

// Where JsonReader would place a problem at `pointer`, cut behind the first token that the document
// lacks: everything from there on is the option's own making.
std::string place_of(const base::JsonValue& document, const std::string& pointer) {
  std::string file = document.origin;
  std::string below;
  for (std::size_t end = 0; end < pointer.size();) {
    const std::size_t start = end;
    end = std::min(pointer.find('/', start + 1), pointer.size());
    below += pointer.substr(start, end - start);
    const base::JsonValue* node = base::find_by_pointer(document, pointer.substr(0, end));
    if (node == nullptr) break;
    if (!node->origin.empty()) {
      file = node->origin;
      below.clear();
    }
  }
  return file + ":" + (below.empty() ? "/" : below);
}

// The point that all figures of a technology are of: under another label they would be wrong.
bool is_process_point(const std::string& pointer) {
  return pointer == "/tech/node_nm" || pointer == "/tech/voltage" || pointer == "/tech/device";
}

// Whether a table or figure below takes this member from the technology, or is not scaled to it.
bool follows(const base::JsonValue& value, const std::string& key) {
  if (value.find("source") != nullptr && value.find("status") != nullptr) {
    const base::JsonValue* scale = value.find("scale");
    return value.find(key) == nullptr || scale == nullptr || !scale->boolean;
  }
  return std::any_of(value.members.begin(), value.members.end(),
                     [&](const base::JsonMember& member) { return follows(member.value, key); });
}

bool same(const base::JsonValue& a, const base::JsonValue& b) {
  const auto is_number = [](const base::JsonValue& value) {
    return value.kind == base::JsonValue::Kind::Integer ||
           value.kind == base::JsonValue::Kind::Number;
  };
  if (is_number(a) && is_number(b)) return !(a.number < b.number) && !(a.number > b.number);
  return a.kind == b.kind && a.text == b.text;
}

// Figures of one process are not those of another because their file now says so.
void refuse_another_process(const base::JsonValue& before, const base::JsonValue& after,
                            const std::string& pointer, const std::string& option) {
  const base::JsonValue* tech = before.find("tech");
  const base::JsonValue* old = base::find_by_pointer(before, pointer);
  if (old == nullptr || same(*old, *base::find_by_pointer(after, pointer))) return;
  const std::string key = pointer.substr(pointer.rfind('/') + 1);
  if (!follows(*tech, key)) return;  // all are scaled to it
  throw base::UserError(option, "figures of " + (tech->origin.empty() ? "/tech" : tech->origin) +
                                    " are of its own " + key +
                                    ", and another would be said of them unscaled; name another "
                                    "technology (bitscale list techs), or a file whose tables and "
                                    "figures each give their " +
                                    key + " and \"scale\": true");
}

}  // namespace

void AppliedSets::apply(base::JsonValue& document, const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || text.front() != '/') {
    throw base::UserError("--set",
                          "expected /json/pointer=value, where the pointer begins with '/'"
                          ", for example /arch/mac_array/rows=64; given '" +
                              std::string(base::shortened(text, kShownBytes)) + "'");
  }
  Set set;
  set.option = "--set " + std::string(base::shortened(text, kShownBytes));
  set.pointer = text.substr(0, equals);
  set.where = place_of(document, set.pointer);
  if (is_process_point(set.pointer)) {
    base::JsonValue changed = document;
    base::set_by_pointer(changed, set.pointer, text.substr(equals + 1), set.option);
    refuse_another_process(document, changed, set.pointer, set.option);
    document = std::move(changed);
  } else {
    base::set_by_pointer(document, set.pointer, text.substr(equals + 1), set.option);
  }
  std::vector<std::string> earlier;
  for (const Set& before : sets_) earlier.push_back(before.pointer);
  own_figures(document, set.pointer, earlier, kSetByOption);
  sets_.push_back(std::move(set));
}

std::vector<base::Problem> AppliedSets::blame(const std::vector<base::Problem>& problems) const {
  std::vector<base::Problem> placed = problems;
  for (base::Problem& problem : placed) {
    for (auto set = sets_.rbegin(); set != sets_.rend(); ++set) {
      if (!at_or_below(problem.where, set->where)) continue;
      const bool deeper = problem.where.size() > set->where.size() && set->where.back() != '/';
      if (deeper) problem.message = "at " + problem.where + ": " + problem.message;
      problem.where = set->option;
      break;
    }
  }
  return placed;
}

std::string AppliedSets::latest_below(std::string_view pointer) const {
  for (auto set = sets_.rbegin(); set != sets_.rend(); ++set) {
    if (at_or_below(set->pointer, pointer)) return set->option;
  }
  return "";
}

}  // namespace bitscale::run
