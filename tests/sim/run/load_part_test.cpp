#include "sim/run/load_part.h"

#include <gtest/gtest.h>

#include "arch/base/error.h"
#include "tests/support/problems.h"
#include "tests/support/reference.h"
#include "tests/support/temp_folder.h"

namespace bitscale::run {
namespace {

TEST(LoadPart, ShippedPartsAreFoundByName) {
  const Catalog catalog(testing::source_path("."));
  EXPECT_EQ(shipped_accelerator(catalog, "default").name, "default");
  EXPECT_EQ(shipped_network(catalog, "resnet18").name, "resnet18");
  const std::string problem = testing::user_error_of([&] { shipped_network(catalog, "resnet81"); });
  EXPECT_NE(problem.find("did you mean 'resnet18'?"), std::string::npos) << problem;
}

TEST(LoadPart, EveryProblemOfAFileIsSaid) {
  const testing::TempFolder folder;
  const std::string file =
      folder.write("net.json", R"({"schema_version": 1, "name": "n", "name": "m", "layres": []})");
  const std::string problem = testing::user_error_of([&] { load_network(file); });
  for (const char* part : {":/name: duplicate key", "did you mean 'layers'?"}) {
    EXPECT_NE(problem.find(part), std::string::npos) << problem;
  }
  EXPECT_THROW(load_accelerator(file), base::UserError);
}

}  // namespace
}  // namespace bitscale::run
