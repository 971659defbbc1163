#include "workloads/model/precision_plan.h"

#include <algorithm>
#include <initializer_list>

#include "arch/base/is_sound.h"

namespace bitscale::model {
namespace {

using base::JsonReader;
using base::JsonWriter;
using numeric::WeightEncoding;

// One member of a rule: its value, or that it is unread.
template <class T, class Read>
void read_member(JsonReader& reader, std::string_view key, RuleMember member,
                 std::optional<T>& into, PrecisionRule& rule, Read read) {
  const T value = read(reader);
  if (!reader.has(key)) return;
  if (base::is_sound(reader, [&](JsonReader& alone) { read(alone); })) {
    into = value;
  } else {
    rule.unread |= member;
  }
}

void read_widths(JsonReader& reader, PrecisionRule& rule) {
  using numeric::kMaxAccBits;
  using numeric::kMaxOperandBits;
  using numeric::kMinAccBits;
  const auto read = [&](const char* key, RuleMember member, int low, int high,
                        std::optional<int>& into) {
    read_member(reader, key, member, into, rule, [=](JsonReader& from) {
      return static_cast<int>(from.integer(key, {low, high}, low));
    });
  };
  read("weight_bits", kWeightBits, 1, kMaxOperandBits, rule.weight_bits);
  read("act_bits", kActBits, 1, kMaxOperandBits, rule.act_bits);
  read("output_bits", kOutputBits, 1, kMaxOperandBits, rule.output_bits);
  read("acc_bits", kAccBits, kMinAccBits, kMaxAccBits, rule.acc_bits);
  read("psum_bits", kPsumBits, kMinAccBits, kMaxAccBits, rule.psum_bits);
}

void read_codes(JsonReader& reader, PrecisionRule& rule) {
  const auto read = [&](const char* key, RuleMember member, std::optional<bool>& into) {
    read_member(reader, key, member, into, rule,
                [=](JsonReader& from) { return from.boolean(key, false); });
  };
  read("weight_signed", kWeightSigned, rule.weight_signed);
  read("act_signed", kActSigned, rule.act_signed);
  read_member(reader, "weight_encoding", kWeightEncoding, rule.weight_encoding, rule,
              [](JsonReader& from) {
                return from.one_of("weight_encoding", numeric::kWeightEncodingNames,
                                   WeightEncoding::TwosComplement);
              });
}

// Whether the value is an object without members beside these.
bool has_only(const base::JsonValue& value, std::initializer_list<std::string_view> keys) {
  if (value.kind != base::JsonValue::Kind::Object) return false;
  return std::all_of(value.members.begin(), value.members.end(),
                     [&](const base::JsonMember& member) {
                       return std::find(keys.begin(), keys.end(), member.key) != keys.end();
                     });
}

PrecisionRule read_rule(JsonReader& reader, bool with_layers) {
  PrecisionRule rule;
  const bool is_object = reader.value().kind == base::JsonValue::Kind::Object;
  if (with_layers) {
    rule.layers = reader.string("layers");
    const base::JsonValue* layers = reader.value().find("layers");
    if (layers != nullptr && layers->kind == base::JsonValue::Kind::String && rule.layers.empty()) {
      reader.problem("expected a layer's name or a pattern with * and ?", "layers");
    }
    if (rule.layers.empty()) rule.unread |= kLayers;
  }
  read_widths(reader, rule);
  read_codes(reader, rule);
  reader.finish();
  if (!is_object ||
      !has_only(reader.value(),
                {with_layers ? "layers" : "weight_bits", "weight_bits", "act_bits", "output_bits",
                 "acc_bits", "psum_bits", "weight_signed", "act_signed", "weight_encoding"})) {
    rule.unread |= kWholeRule & ~kLayers;
  }
  return rule;
}

std::optional<PrecisionRule> read_optional_rule(JsonReader& reader, std::string_view key) {
  JsonReader rule = reader.object(key, false);
  if (!reader.has(key)) return std::nullopt;
  PrecisionRule read = read_rule(rule, false);
  if (reader.value().find(key)->kind != base::JsonValue::Kind::Object) read.unread = kWholeRule;
  return read;
}

void write_rule(JsonWriter& json, const PrecisionRule& rule) {
  if (!rule.layers.empty()) json.member("layers", rule.layers);
  if (rule.weight_bits) json.member("weight_bits", *rule.weight_bits);
  if (rule.act_bits) json.member("act_bits", *rule.act_bits);
  if (rule.output_bits) json.member("output_bits", *rule.output_bits);
  if (rule.acc_bits) json.member("acc_bits", *rule.acc_bits);
  if (rule.psum_bits) json.member("psum_bits", *rule.psum_bits);
  if (rule.weight_signed) json.member("weight_signed", *rule.weight_signed);
  if (rule.act_signed) json.member("act_signed", *rule.act_signed);
  if (rule.weight_encoding) {
    json.member("weight_encoding", numeric::kWeightEncodingNames.name(*rule.weight_encoding));
  }
  json.end();
}

}  // namespace

bool matches(std::string_view pattern, std::string_view text) {
  std::size_t p = 0, t = 0;
  std::size_t star = std::string_view::npos, star_text = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      star_text = t;
    } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t])) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++star_text;  // the star takes one character more
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

PrecisionPlan read_precision_plan(JsonReader& reader) {
  PrecisionPlan plan;
  reader.schema_version(kPrecisionSchemaVersion);
  plan.name = reader.string("name");
  JsonReader default_rule = reader.object("default");
  plan.default_rule = read_rule(default_rule, false);
  const base::JsonValue* usual = reader.value().find("default");
  if (usual == nullptr || usual->kind != base::JsonValue::Kind::Object) {
    plan.default_rule.unread = kWholeRule;
  }
  plan.first_layer = read_optional_rule(reader, "first_layer");
  plan.last_layer = read_optional_rule(reader, "last_layer");
  for (JsonReader& item : reader.array("overrides", false)) {
    plan.overrides.push_back(read_rule(item, true));
  }
  reader.finish();
  const base::JsonValue* overrides = reader.value().find("overrides");
  plan.rules_unread = !has_only(reader.value(), {"schema_version", "name", "default", "first_layer",
                                                 "last_layer", "overrides"}) ||
                      (overrides != nullptr && overrides->kind != base::JsonValue::Kind::Array);
  return plan;
}

void write_precision_plan(JsonWriter& json, const PrecisionPlan& plan) {
  json.begin_object().member("schema_version", kPrecisionSchemaVersion).member("name", plan.name);
  write_rule(json.begin_object("default"), plan.default_rule);
  if (plan.first_layer) write_rule(json.begin_object("first_layer"), *plan.first_layer);
  if (plan.last_layer) write_rule(json.begin_object("last_layer"), *plan.last_layer);
  if (!plan.overrides.empty()) {
    json.begin_array("overrides");
    for (const PrecisionRule& rule : plan.overrides) write_rule(json.begin_object(), rule);
    json.end();
  }
  json.end();
}

PrecisionPlan uniform_precision(int weight_bits, int act_bits) {
  PrecisionPlan plan;
  plan.name = "w" + std::to_string(weight_bits) + "a" + std::to_string(act_bits);
  plan.default_rule.weight_bits = weight_bits;
  plan.default_rule.act_bits = act_bits;
  return plan;
}

}  // namespace bitscale::model
