// The readers give the verdicts of schema_corpus.json; tests/scripts/workload_schemas_test.py holds
// the published schemas to the same ones, so that both say the same.
#include <gtest/gtest.h>

#include "tests/support/reference.h"
#include "workloads/model/network.h"
#include "workloads/model/precision_plan.h"

namespace bitscale::model {
namespace {

using base::JsonReader;
using base::JsonValue;

/// The corpus's head with the members of one case over it.
JsonValue document(const JsonValue& head, const JsonValue& members) {
  JsonValue merged = head;
  for (const base::JsonMember& member : members.members) merged.set(member.key, member.value);
  return merged;
}

template <class Read>
void check(const std::string& format, Read read) {
  const JsonValue corpus =
      base::parse_json_file(testing::source_path("tests/workloads/model/schema_corpus.json"));
  const JsonValue& part = *corpus.find(format);
  const JsonValue& head = *part.find("head");
  const auto problems_in = [&head, &read](const JsonValue& members) {
    const JsonValue whole = document(head, members);
    base::Problems problems;
    JsonReader reader(whole, problems);
    read(reader);
    return problems.size();
  };
  int index = 0;
  for (const JsonValue& members : part.find("accepted")->items) {
    EXPECT_EQ(problems_in(members), 0u) << format << " accepted/" << index++;
  }
  index = 0;
  for (const JsonValue& members : part.find("refused")->items) {
    EXPECT_GT(problems_in(members), 0u) << format << " refused/" << index++;
  }
}

TEST(SchemaCorpus, NetworkReaderAgrees) {
  check("network", [](JsonReader& reader) { read_network(reader); });
}

TEST(SchemaCorpus, PrecisionReaderAgrees) {
  check("precision", [](JsonReader& reader) { read_precision_plan(reader); });
}

}  // namespace
}  // namespace bitscale::model
