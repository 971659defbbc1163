#include "sim/run/applied_sets.h"

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
  base::set_by_pointer(document, set.pointer, text.substr(equals + 1), set.option);
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
