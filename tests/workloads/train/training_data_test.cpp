// Data sets people have: CIFAR-10 in its binary version.
#include <gtest/gtest.h>

#include <string>

#include "tests/support/problems.h"
#include "tests/support/temp_folder.h"
#include "workloads/train/trainer.h"

namespace bitscale::train {
namespace {

TEST(TrainingData, ReadsCifarAndRefusesWhatIsNot) {
  const testing::TempFolder folder;
  std::string record(3073, '\0');
  record[0] = 7;
  record[1 + 1024] = static_cast<char>(255);  // first green pixel
  for (const char* name : {"data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin",
                           "data_batch_4.bin", "data_batch_5.bin", "test_batch.bin"}) {
    folder.write(name, record);
  }
  const TrainingData data = read_training_data(folder.path());
  EXPECT_EQ(data.train.pixels.dims(), (model::Dims{5, 3, 32, 32}));
  EXPECT_EQ(data.train.labels.integer(4), 7);
  EXPECT_EQ(data.test.pixels.data<float>()[1024], 1.0F);
  const auto message = [&] {
    return testing::user_error_of([&] { read_training_data(folder.path()); });
  };
  folder.write("data_batch_3.bin", record.substr(1));
  EXPECT_NE(message().find("3072 bytes"), std::string::npos) << message();
  record[0] = 10;
  folder.write("data_batch_3.bin", record);
  EXPECT_NE(message().find("class 10"), std::string::npos) << message();
}

}  // namespace
}  // namespace bitscale::train
