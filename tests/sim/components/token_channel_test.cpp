#include "sim/components/token_channel.h"

#include <gtest/gtest.h>

#include <vector>

#include "sim/components/cycle_time.h"

namespace bitscale::components {
namespace {

class Reader : public sc_core::sc_module {
 public:
  Reader(const sc_core::sc_module_name& name, TokenChannel& channel)
      : sc_core::sc_module(name), channel_(channel) {
    SC_HAS_PROCESS(Reader);
    SC_THREAD(read);
  }
  std::vector<double> tokens, without_dram, times;

 private:
  void read() {
    for (int i = 0; i < 4; ++i) {
      const Ready token = channel_.get();
      tokens.push_back(token.cycle);
      without_dram.push_back(token.without_dram);
      times.push_back(now_cycles());
    }
  }
  TokenChannel& channel_;
};

class Writer : public sc_core::sc_module {
 public:
  Writer(const sc_core::sc_module_name& name, TokenChannel& channel)
      : sc_core::sc_module(name), channel_(channel) {
    SC_HAS_PROCESS(Writer);
    SC_THREAD(write);
  }

 private:
  void write() {
    wait_until(5);
    channel_.put({9, 2});  // counts from cycle 9, known at cycle 5
    channel_.put({7, 3});
    wait_until(6);
    channel_.put({6, 6});
  }
  TokenChannel& channel_;
};

TEST(TokenChannel, HandsTokensOnInOrderAndBlocksWhenEmpty) {
  TokenChannel channel("channel");
  channel.reset(1, 3);
  Reader reader("reader", channel);
  Writer writer("writer", channel);
  sc_core::sc_start();
  EXPECT_EQ(reader.tokens, (std::vector<double>{3, 9, 7, 6}));
  EXPECT_EQ(reader.without_dram, (std::vector<double>{3, 2, 3, 6}));
  EXPECT_EQ(reader.times, (std::vector<double>{0, 5, 5, 6}));
  EXPECT_EQ(channel.tokens(), 0u);
}

TEST(Ready, TakesTheLaterOfEitherTime) {
  const Ready both = later({9, 2}, {7, 3}).after(10);
  EXPECT_DOUBLE_EQ(both.cycle, 19);
  EXPECT_DOUBLE_EQ(both.without_dram, 13);
}

TEST(TokenChannel, ResetForgetsWhatWasThere) {
  TokenChannel channel("channel");
  channel.reset(5, 1);
  channel.reset(2, 8);
  EXPECT_EQ(channel.tokens(), 2u);
  Reader reader("reader", channel);
  sc_core::sc_start();
  EXPECT_EQ(reader.tokens, (std::vector<double>{8, 8}));
}

}  // namespace
}  // namespace bitscale::components
