#include "sim/sweep/sweep_spec.h"

#include <gmock/gmock.h>

#include "sim/sweep/point_space.h"
#include "tests/sim/sweep/sample_sweep.h"

namespace bitscale::sweep {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

std::string with_axis(const std::string& axis) {
  return R"({"schema_version": 1, "base": {"network": "resnet20_cifar10"}, "axes": [)" + axis +
         R"(], "objectives": [{"field": "latency_ms"}]})";
}

TEST(SweepSpec, ReadsTheSample) {
  const testing::TempFolder folder;
  const SweepSpec spec =
      load_text(folder, sample_text(R"(, "constraints": ["rows <= 16", "rows * area_um2 <= 1e9"],
                               "sampling": {"method": "sobol", "points": 5, "seed": 7},
                               "engine": "screened", "time_limit_s": 2)"));
  EXPECT_EQ(spec.axes.size(), 2U);
  EXPECT_EQ(spec.axis_constraints.size(), 1U);
  EXPECT_EQ(spec.result_constraints.size(), 1U);
  EXPECT_EQ(spec.objectives[1].goal, Goal::Max);
  EXPECT_EQ(spec.method, Method::Sobol);
  EXPECT_EQ(spec.sampled_points, 5);
  EXPECT_EQ(spec.engine, EngineMode::Screened);
  EXPECT_EQ(spec.fingerprint.size(), 64U);
}

TEST(SweepSpec, FingerprintFollowsWhatDecidesTheResults) {
  const testing::TempFolder folder;
  const auto fingerprint = [&](const std::string& more) {
    return load_text(folder, sample_text(more)).fingerprint;
  };
  EXPECT_EQ(fingerprint(""), fingerprint(R"(, "time_limit_s": 3, "engine": "analytic")"));
  EXPECT_NE(fingerprint(""), fingerprint(R"(, "constraints": ["rows <= 16"])"));
  EXPECT_NE(fingerprint(""),
            fingerprint(R"(, "sampling": {"method": "random", "points": 5, "seed": 7})"));
}

TEST(SweepSpec, RefusesAPointerThatDoesNotExist) {
  EXPECT_THAT(
      refusal(with_axis(R"({"name": "rows", "pointer": "/arch/mac_array/rwos", "values": [8]})")),
      AllOf(HasSubstr("/axes/0"), HasSubstr("does not exist"), HasSubstr("rows")));
  EXPECT_THAT(refusal(with_axis(R"({"name": "a", "pointer": "/nothing/rows", "values": [8]})")),
              HasSubstr("does not exist"));
  EXPECT_THAT(refusal(with_axis(
                  R"({"name": "a", "pointer": "/network/layers/999/name", "values": ["x"]})")),
              HasSubstr("no element '999'"));
}

// An axis over whole designs: by a name that ships and by a file beside the sweep.
TEST(SweepSpec, ReadsTheFilesThatAnAxisOverAPartNames) {
  const testing::TempFolder folder;
  folder.write("mine.json", R"({"schema_version": 1, "name": "mine",
                                "mac_array": {"rows": 12, "cols": 34}})");
  const std::string text = with_axis(
      R"({"name": "design", "pointer": "/arch", "values": ["tpu_v1_like", "mine.json"]})");
  const SweepSpec spec = load_text(folder, text);
  const auto& options = spec.axes.back().options;
  EXPECT_EQ(std::get<std::string>(options[1].values[0]), "mine.json");
  EXPECT_EQ(options[0].sets[0].file, "tpu_v1_like");
  EXPECT_EQ(options[1].sets[0].file, (folder / "mine.json").string());
  EXPECT_THAT(options[1].sets[0].text, HasSubstr("34"));
  folder.write("mine.json", R"({"schema_version": 1, "name": "mine",
                                "mac_array": {"rows": 12, "cols": 35}})");
  EXPECT_NE(load_text(folder, text).fingerprint, spec.fingerprint);  // its content counts
  EXPECT_THAT(refusal(with_axis(R"({"name": "a", "pointer": "/arch", "values": ["defautl"]})")),
              AllOf(HasSubstr("/axes/0"), HasSubstr("did you mean 'default'")));
}

TEST(SweepSpec, AcceptsAPointerToAMemberThatHasADefault) {
  EXPECT_EQ(refusal(with_axis(R"({"name": "images", "pointer": "/batch", "values": [1, 2]})")), "");
}

TEST(SweepSpec, RefusesAnObjectiveThatIsNoNumber) {
  EXPECT_THAT(refusal(sample_text(R"(, "constraints": [])")
                          .replace(sample_text().find("latency_ms"), 10, "dataflow")),
              HasSubstr("'dataflow' is a text"));
  EXPECT_THAT(refusal(sample_text().replace(sample_text().find("latency_ms"), 10, "latncy_ms")),
              HasSubstr("did you mean 'latency_ms'"));
}

TEST(SweepSpec, RefusesConstraintsThatContradictEachOther) {
  EXPECT_THAT(refusal(sample_text(R"(, "constraints": ["area_um2 <= 5", "area_um2 >= 6"])")),
              HasSubstr("contradict"));
  EXPECT_THAT(refusal(sample_text(R"(, "constraints": ["area_um2 < 5", "area_um2 >= 5"])")),
              HasSubstr("contradict"));
  EXPECT_EQ(refusal(sample_text(R"(, "constraints": ["area_um2 <= 5", "area_um2 >= 5"])")), "");
  EXPECT_THAT(refusal(sample_text(R"(, "constraints": ["5 >= area_um2", "area_um2 >= 6"])")),
              HasSubstr("contradict"));
  EXPECT_EQ(refusal(sample_text(R"(, "constraints": ["5 <= area_um2", "6 >= area_um2"])")), "");
}

TEST(SweepSpec, RefusesNamesThatClashOrAreNone) {
  const std::string rows = R"({"name": "r", "pointer": "/arch/mac_array/rows", "values": [8]})";
  EXPECT_THAT(refusal(with_axis(rows + "," + rows)), HasSubstr("second axis"));
  EXPECT_THAT(refusal(with_axis(R"({"name": "a b", "pointer": "/batch", "values": [8]})")),
              HasSubstr("no name for an axis"));
  EXPECT_THAT(refusal(with_axis(R"({"name": "energy_pj", "pointer": "/batch", "values": [8]})")),
              HasSubstr("names a result"));
}

std::string pointer_axis(const std::string& name, const std::string& pointer,
                         const std::string& values) {
  return R"({"name": ")" + name + R"(", "pointer": ")" + pointer + R"(", "values": [)" + values +
         "]}";
}

TEST(SweepSpec, RefusesAxesThatUndoEachOther) {
  const std::string rows = pointer_axis("a", "/arch/mac_array/rows", "8, 16");
  const std::string design = pointer_axis("b", "/arch", R"("default")");
  EXPECT_THAT(refusal(with_axis(rows + "," + pointer_axis("b", "/arch/mac_array/rows", "32"))),
              AllOf(HasSubstr("'a'"), HasSubstr("'b'"), HasSubstr("/arch/mac_array/rows")));
  EXPECT_THAT(refusal(with_axis(rows + "," + design)),
              AllOf(HasSubstr("'a'"), HasSubstr("'b'"), HasSubstr("name the wider axis first")));
  EXPECT_EQ(refusal(with_axis(design + "," + rows)), "");  // both have their effect
  EXPECT_EQ(refusal(with_axis(rows + "," + pointer_axis("b", "/arch/mac_array/cols", "8"))), "");
  const std::string bits = R"({"name": "bits", "alternatives": [
      {"name": "w8", "set": {"/batch": 1, "/precision/default/act_bits": 8}}]})";
  EXPECT_THAT(refusal(with_axis(bits + "," + pointer_axis("c", "/batch", "2"))),
              AllOf(HasSubstr("'bits'"), HasSubstr("'c'"), HasSubstr("/batch")));
  EXPECT_THAT(refusal(with_axis(R"({"zip": [)" + rows + "," +
                                pointer_axis("z", "/arch/mac_array/rows", "8, 4") + "]}")),
              AllOf(HasSubstr("'a'"), HasSubstr("'z'")));
}

TEST(SweepSpec, RefusesAnAxisOverWhatIsoSolves) {
  const auto with_iso = [](const std::string& axis) {
    std::string text = with_axis(axis);
    text.back() = ',';
    return text + R"("iso": {"budget": {"area_um2": 1e6}}})";
  };
  EXPECT_THAT(refusal(with_iso(pointer_axis("a", "/arch/mac_array/cols", "8, 16"))),
              AllOf(HasSubstr("'a'"), HasSubstr("'iso'"), HasSubstr("/arch/mac_array/cols")));
  EXPECT_EQ(refusal(with_iso(pointer_axis("a", "/arch", R"("default")"))), "");
}

TEST(SweepSpec, AcceptsTheSweepsThatShip) {
  for (const char* name : {"crossover", "pact_map"}) {
    const auto file = shipped().root() / "configs/sweeps" / (std::string(name) + ".json");
    EXPECT_FALSE(load_sweep(file, shipped()).axes.empty()) << name;
  }
}

TEST(SweepSpec, RefusesUnknownKeysAndMissingParts) {
  EXPECT_THAT(refusal(sample_text(R"(, "objectvies": [])")), HasSubstr("objectvies"));
  EXPECT_THAT(refusal(with_axis("")), HasSubstr("at least one axis"));
  EXPECT_THAT(refusal(sample_text(R"(, "iso": {"budget": {}})")), HasSubstr("at least one of"));
  EXPECT_THAT(refusal(sample_text(R"(, "sampling": {"method": "random"})")), HasSubstr("points"));
  EXPECT_THAT(refusal(sample_text(R"(, "constraints": ["bits <= 4"])")),
              HasSubstr("unknown name 'bits'"));
}

TEST(SweepSpec, BlamesTheMemberOfItsBase) {
  std::string text = sample_text();
  const std::string name = "\"resnet20_cifar10\"";
  text.replace(text.find(name), name.size(), "\"no_such_network\"");
  EXPECT_THAT(refusal(text), HasSubstr("sweep.json:/base/network: no such file"));
  text = sample_text();
  text.replace(text.find(name), name.size(),
               "\"" BITSCALE_SOURCE_DIR "/workloads/traces/digits_mlp_w4a4\"");
  EXPECT_THAT(refusal(text), HasSubstr("is a trace: a sweep takes the shapes of a network"));
}

}  // namespace
}  // namespace bitscale::sweep
