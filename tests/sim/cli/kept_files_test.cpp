// Commands do not write over files that they did not make.
#include <gtest/gtest.h>

#include <filesystem>

#include "arch/base/file.h"
#include "tests/sim/cli/program.h"
#include "tests/support/temp_folder.h"

namespace bitscale::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kMostBytes = 1U << 24;

class KeptFiles : public ::testing::Test {
 protected:
  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  std::string text(const std::string& name) const {
    return base::read_text_file(folder_ / name, kMostBytes);
  }
  void run(const std::string& name) {
    ASSERT_EQ(
        bitscale({"run", "--network", "resnet20_cifar10", "--analytic", "-q", "-o", path(name)})
            .status,
        kDone);
  }
  Outcome compare(const std::string& output) {
    return bitscale({"compare", path("a"), path("b"), "-q", "-o", path(output)});
  }
  Outcome sweep(const std::string& output, const std::vector<std::string>& more = {}) {
    const std::string file = folder_
                                 .write("sweep.json",
                                        R"({"schema_version": 1, "name": "x",
      "base": {"network": "resnet20_cifar10"}, "objectives": [{"field": "latency_ms"}],
      "axes": [{"name": "rows", "pointer": "/arch/mac_array/rows", "values": [8, 16]}]})")
                                 .string();
    std::vector<std::string> words = {"sweep", file, "-o", path(output), "--analytic", "-q"};
    words.insert(words.end(), more.begin(), more.end());
    return bitscale(words);
  }

  testing::TempFolder folder_;
};

TEST_F(KeptFiles, AComparisonTakesTheNameOfNoFileOfARun) {
  run("a");
  run("b");
  for (const char* name : {"report.html", "report.json", "layers.csv", "resolved.json"}) {
    const std::string before = text("a/" + std::string(name));
    const Outcome refused = compare("a/" + std::string(name));
    EXPECT_EQ(refused.status, kBadInput) << name;
    EXPECT_TRUE(holds(refused.err, "--output: '")) << refused.err;
    EXPECT_TRUE(holds(refused.err, "one of a run's own files")) << refused.err;
    EXPECT_EQ(text("a/" + std::string(name)), before);
  }
  EXPECT_EQ(compare("a/trace.vcd").status, kBadInput);  // the next run would write or remove it
  EXPECT_FALSE(fs::exists(folder_ / "a/trace.vcd"));
  fs::create_directory(folder_ / "else");
  for (const char* name : {"a/compare.html", "else/report.html", "a/compare.html"}) {
    const Outcome written = compare(name);
    EXPECT_EQ(written.status, kDone) << written.err;
    EXPECT_TRUE(holds(text(name), "Comparison of 2 runs")) << name;
  }
}

TEST_F(KeptFiles, AComparisonKeepsTheFilesItCompares) {
  run("a");
  run("b");
  fs::rename(folder_ / "b/report.json", folder_ / "second.json");
  const std::string before = text("second.json");
  const Outcome refused =
      bitscale({"compare", path("a"), path("second.json"), "-q", "-o", path("second.json")});
  EXPECT_EQ(refused.status, kBadInput);
  EXPECT_EQ(text("second.json"), before);
}

TEST_F(KeptFiles, ARunKeepsWhatNoRunHasWritten) {
  for (const char* name : {"mapping.json", "report.json", "layers.csv", "outputs.npy"}) {
    const std::string out = "of_" + std::string(name);
    folder_.write(out + "/" + name, "{}\n");
    const Outcome refused =
        bitscale({"run", "--network", "resnet20_cifar10", "--analytic", "-q", "-o", path(out)});
    EXPECT_EQ(refused.status, kBadInput) << name;
    EXPECT_TRUE(holds(refused.err, "is there, and no report.json of this program beside it"))
        << refused.err;
    EXPECT_EQ(text(out + "/" + name), "{}\n");
  }
  folder_.write("mine/notes.txt", "hi\n");  // takes nobody's name
  run("mine");
  run("mine");  // over its own
  EXPECT_EQ(text("mine/notes.txt"), "hi\n");
}

TEST_F(KeptFiles, LutAndSearchKeepWhatTheyHaveNotWritten) {
  const std::vector<std::string> lut = {"lut", "--network", "resnet20_cifar10", "--widths", "4:4",
                                        "-q",  "-o",        path("out")};
  folder_.write("out/lut.csv", "mine\n");
  const Outcome refused = bitscale(lut);
  EXPECT_EQ(refused.status, kBadInput);
  EXPECT_TRUE(holds(refused.err, "is there, and no lut.json")) << refused.err;
  EXPECT_EQ(text("out/lut.csv"), "mine\n");
  fs::remove(folder_ / "out/lut.csv");
  for (int i = 0; i < 2; ++i) {
    const Outcome written = bitscale(lut);
    EXPECT_EQ(written.status, kDone) << written.err;
  }
  folder_.write("found/precision.json", "mine\n");
  const Outcome search = bitscale(
      {"search", "--network", "resnet20_cifar10", "--budget", "bops=1e12", "-o", path("found")});
  EXPECT_EQ(search.status, kBadInput);
  EXPECT_TRUE(holds(search.err, "is there, and no search.json")) << search.err;
  EXPECT_EQ(text("found/precision.json"), "mine\n");
}

TEST_F(KeptFiles, AnImportKeepsWhatNoImportHasWritten) {
  const std::string cfg = folder_
                              .write("x.cfg",
                                     "[general]\nrun_name = x\n[architecture_presets]\n"
                                     "ArrayHeight: 8\nArrayWidth: 8\nIfmapSramSzkB: 64\n"
                                     "FilterSramSzkB: 64\nOfmapSramSzkB: 64\nDataflow: ws\n")
                              .string();
  const std::string topology = folder_
                                   .write("x.csv",
                                          "Layer name, IFMAP Height, IFMAP Width, Filter Height, "
                                          "Filter Width, Channels, Num Filter, Strides,\n"
                                          "conv1,8,8,3,3,4,8,1,\n")
                                   .string();
  const auto import = [&] {
    return bitscale(
        {"import", "scalesim", "--cfg", cfg, "--topology", topology, "-q", "-o", path("project")});
  };
  folder_.write("project/config.json", "mine\n");
  const Outcome refused = import();
  EXPECT_EQ(refused.status, kBadInput);
  EXPECT_TRUE(holds(refused.err, "config.json")) << refused.err;
  EXPECT_EQ(text("project/config.json"), "mine\n");
  EXPECT_FALSE(fs::exists(folder_ / "project/arch.json"));
  fs::remove(folder_ / "project/config.json");
  for (int i = 0; i < 2; ++i) {
    const Outcome written = import();
    EXPECT_EQ(written.status, kDone) << written.err;
  }
}

TEST_F(KeptFiles, APointsConfigurationIsNotWrittenOverTheSweep) {
  ASSERT_EQ(sweep("out").status, kDone);
  const std::string before = text("sweep.json");
  const Outcome refused =
      bitscale({"sweep", "config", path("sweep.json"), "1", "-o", path("sweep.json")});
  EXPECT_EQ(refused.status, kBadInput);
  EXPECT_EQ(text("sweep.json"), before);
  EXPECT_EQ(bitscale({"sweep", "config", path("sweep.json"), "1", "-o", path("one.json")}).status,
            kDone);
}

TEST_F(KeptFiles, ASweepKeepsWhatStandsWhereItWouldWrite) {
  for (const char* name : {"points.csv", "points.json", "sweep.html", "points/1.json"}) {
    const std::string out = "of_" + std::string(name).substr(0, 8);
    folder_.write(out + "/" + name, "hi\n");
    for (const std::vector<std::string>& more :
         std::vector<std::vector<std::string>>{{}, {"--resume"}}) {
      const Outcome refused = sweep(out, more);
      EXPECT_EQ(refused.status, kBadInput) << name;
      EXPECT_TRUE(holds(refused.err, "is there, and no sweep.sqlite beside it")) << refused.err;
      EXPECT_EQ(text(out + "/" + name), "hi\n");
      EXPECT_FALSE(fs::exists(folder_ / out / "sweep.sqlite")) << name;
    }
    fs::remove_all(folder_ / out);
  }
}

TEST_F(KeptFiles, ASweepWritesBesideOtherFilesAndOverItsOwn) {
  folder_.write("out/notes.txt", "hi\n");
  EXPECT_EQ(sweep("out").status, kDone);
  const std::string points = text("out/points.csv");
  folder_.write("out/points.csv", "half");
  EXPECT_EQ(sweep("out", {"--resume"}).status, kDone);
  EXPECT_EQ(text("out/points.csv"), points);
  EXPECT_EQ(text("out/notes.txt"), "hi\n");
}

TEST_F(KeptFiles, AMergeKeepsWhatStandsWhereItWouldWrite) {
  ASSERT_EQ(sweep("shard", {"--shard", "1/1"}).status, kDone);
  folder_.write("all/points.csv", "hi\n");
  const std::vector<std::string> words = {"sweep", "merge", path("sweep.json"), path("shard"),
                                          "-q",    "-o",    path("all")};
  EXPECT_EQ(bitscale(words).status, kBadInput);
  EXPECT_EQ(text("all/points.csv"), "hi\n");
  fs::remove(folder_ / "all/points.csv");
  const Outcome merged = bitscale(words);
  EXPECT_EQ(merged.status, kDone) << merged.err;
  EXPECT_EQ(text("all/points.csv"), text("shard/points.csv"));
}

}  // namespace
}  // namespace bitscale::cli
