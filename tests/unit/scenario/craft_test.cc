// Crafted segments, as files write them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "folders.h"
#include "scenario/load.h"

namespace finwait::scenario {
namespace {

using ::testing::HasSubstr;

Loaded Load(const std::string& step) {
  return ParseScenario(R"(title = "test"
topology = "two-hosts"
[[step]]
server = { listen = 7000 }
[[step]]
client = { connect = "server:7000", as = "conn" }
[[step]]
)" + step + "\n",
                       "test.toml", {Topologies()});
}

std::string Words(const std::string& step) {
  const auto loaded = Load(step);
  for (const auto& d : loaded.diagnostics) ADD_FAILURE() << ToString(d);
  return loaded.cases.empty() ? "" : Describe(loaded.cases[0].steps.back());
}

std::string Mistake(const std::string& step) {
  const auto loaded = Load(step);
  return loaded.diagnostics.empty() ? "" : ToString(loaded.diagnostics[0]);
}

TEST(Craft, IsReadWithItsNumbers) {
  EXPECT_EQ(Words(R"(server = { craft = "RST", seq = "rcv_nxt+100" })"),
            "server: craft RST on conn, seq rcv_nxt + 100 in the name of "
            "server");
  EXPECT_EQ(Words("client = { craft = \"PSH|ACK\", on = \"conn\", "
                  "as = \"server\", seq = \"window - 1\", ack = 5, "
                  "data = \"x\", count = 2 }"),
            "client: craft PSH|ACK on conn, seq window - 1, ack 5, \"x\", 2 "
            "times in the name of server");
}

TEST(Craft, SaysWhatIsWrong) {
  EXPECT_THAT(Mistake(R"(server = { craft = "RST" })"), HasSubstr("'seq'"));
  EXPECT_THAT(Mistake(R"(server = { craft = "RST", seq = "rcv_next" })"),
              HasSubstr("did you mean 'rcv_nxt'"));
  EXPECT_THAT(Mistake(R"(server = { craft = "RST", seq = "rcv_nxt + x" })"),
              HasSubstr("no number after its sign"));
  EXPECT_THAT(Mistake(R"(server = { craft = "any", seq = 1 })"),
              HasSubstr("says no flag"));
  EXPECT_THAT(Mistake(R"(server = { craft = "RST", on = "con", seq = 1 })"),
              HasSubstr("did you mean 'conn'"));
  EXPECT_THAT(Mistake(R"(server = { craft = "ACK", seq = 1, bytes = "9kB" })"),
              HasSubstr("too much data"));
  EXPECT_THAT(Mistake(R"(client = { destroy = "con" })"),
              HasSubstr("did you mean 'conn'"));
}

}  // namespace
}  // namespace finwait::scenario
