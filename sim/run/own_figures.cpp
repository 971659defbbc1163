#include "sim/run/own_figures.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace bitscale::run {
namespace {

using base::JsonValue;
using Kind = JsonValue::Kind;

bool at_or_below(std::string_view pointer, std::string_view root) {
  return pointer.substr(0, root.size()) == root &&
         (pointer.size() == root.size() || pointer[root.size()] == '/');
}

bool contains(const std::vector<std::string>& pointers, const std::string& pointer) {
  return std::find(pointers.begin(), pointers.end(), pointer) != pointers.end();
}

JsonValue* find_in(JsonValue& document, const std::string& pointer) {
  return const_cast<JsonValue*>(base::find_by_pointer(document, pointer));
}

void erase(JsonValue& object, std::string_view key) {
  auto& members = object.members;
  members.erase(std::remove_if(members.begin(), members.end(),
                               [&](const base::JsonMember& member) { return member.key == key; }),
                members.end());
}

// The pointers of all numbers of a value, itself included.
void add_numbers(const JsonValue& value, const std::string& pointer,
                 std::vector<std::string>& numbers) {
  if (value.kind == Kind::Integer || value.kind == Kind::Number) numbers.push_back(pointer);
  for (const auto& [key, member] : value.members) {
    add_numbers(member, pointer + "/" + base::escape_pointer_token(key), numbers);
  }
  for (std::size_t i = 0; i < value.items.size(); ++i) {
    add_numbers(value.items[i], pointer + "/" + std::to_string(i), numbers);
  }
}

void own_design(JsonValue& document, const std::string& pointer,
                const std::vector<std::string>& earlier, const char* source_now) {
  constexpr std::string_view kPart = "/arch";
  const std::string figure = pointer.substr(kPart.size());  // as "sources" names it
  for (const char* key : {"/sources", "/schema_version", "/name", "/description"}) {
    if (at_or_below(figure, key)) return;
  }
  JsonValue* arch = find_in(document, std::string(kPart));
  const JsonValue* value = base::find_by_pointer(document, pointer);
  if (figure.empty() || arch->kind != Kind::Object || value == nullptr) return;
  std::vector<std::string> owned;
  add_numbers(*value, figure, owned);  // before the value moves
  JsonValue* sources = arch->find("sources");
  if (sources == nullptr) {
    arch->set("sources", JsonValue::make_object());
    sources = arch->find("sources");
  }
  if (sources->kind != Kind::Object) return;  // the reader says so
  const auto given = [&](const std::string& key) {
    return contains(earlier, "/arch/sources/" + base::escape_pointer_token(key));
  };
  std::vector<std::string> named;
  for (const auto& [key, source] : sources->members) {
    if (at_or_below(key, figure) && !given(key)) named.push_back(key);
  }
  for (const std::string& key : named) erase(*sources, key);
  if (owned.empty() && contains(named, figure)) owned.push_back(figure);  // a name, a switch
  for (const std::string& key : owned) {
    if (!given(key)) sources->set(key, JsonValue::make_string(source_now));
  }
}

// Members that say where a table or figure is from, or switch it.
bool is_origin(const std::string& key) {
  constexpr std::array<const char*, 5> kOrigin = {"source", "status", "valid", "enabled",
                                                  "pipelined"};
  return std::find(kOrigin.begin(), kOrigin.end(), key) != kOrigin.end();
}

// Members that say of which process its numbers are: they make them others where they are scaled.
bool is_process(const std::string& key) {
  constexpr std::array<const char*, 4> kProcess = {"node_nm", "voltage", "device", "scale"};
  return std::find(kProcess.begin(), kProcess.end(), key) != kProcess.end();
}

void own_origin(JsonValue& origin, const std::string& place, const std::string& below,
                const std::vector<std::string>& earlier, const char* source_now) {
  const auto give = [&](const char* key, const std::string& text) {
    if (!contains(earlier, place + "/" + key)) origin.set(key, JsonValue::make_string(text));
  };
  give("status", "assumed");
  // The other figures of a table, and the numbers of another process, are still the source's.
  if (origin.find("value") == nullptr || is_process(below.substr(1))) {
    const std::string own = below + " " + source_now;
    const std::string source = origin.find("source")->text;
    if (source.find(own) == std::string::npos) give("source", own + "; the others: " + source);
    return;
  }
  give("source", source_now);
  give("valid", "not stated");
  if (below != "/value") return;
  for (const char* end : {"low", "high"}) {
    if (!contains(earlier, place + "/" + end)) erase(origin, end);
  }
}

void own_technology(JsonValue& document, const std::string& pointer,
                    const std::vector<std::string>& earlier, const char* source_now) {
  for (std::size_t end = pointer.rfind('/'); end != 0; end = pointer.rfind('/', end - 1)) {
    const std::string place = pointer.substr(0, end);
    const std::string below = pointer.substr(end);
    JsonValue* origin = find_in(document, place);
    if (origin == nullptr || origin->kind != Kind::Object) continue;
    if (origin->find("source") == nullptr || origin->find("status") == nullptr) continue;
    if (!is_origin(below.substr(1))) own_origin(*origin, place, below, earlier, source_now);
    return;
  }
}

}  // namespace

void own_figures(JsonValue& document, const std::string& pointer,
                 const std::vector<std::string>& earlier, const char* source) {
  if (at_or_below(pointer, "/arch")) own_design(document, pointer, earlier, source);
  if (at_or_below(pointer, "/tech")) own_technology(document, pointer, earlier, source);
}

}  // namespace bitscale::run
