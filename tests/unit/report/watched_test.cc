// Which sockets are wanted, whose they are, and how a change is told.
#include "report/watched.h"

#include <gtest/gtest.h>

#include <chrono>

#include "report/change_line.h"
#include "report/standing.h"

namespace finwait::report {
namespace {

using namespace std::chrono_literals;
using enum tcp::TcpState;

const tcp::FourTuple kTuple = {{*tcp::ParseIpAddress("10.0.0.1"), 40000},
                               {*tcp::ParseIpAddress("10.0.0.2"), 7000}};

TEST(Selection, NarrowsByEveryKind) {
  Selection selection;
  selection.ports = {7000};
  selection.processes = {"app", "12"};
  EXPECT_TRUE(selection.Wants(kTuple));
  EXPECT_TRUE(selection.Wants({tcp::Owner{77, "app", 3}}));
  EXPECT_TRUE(selection.Wants({tcp::Owner{12, "other", 3}}));
  EXPECT_FALSE(selection.Wants({tcp::Owner{13, "other", 3}}));
  EXPECT_EQ(FrameFilter(selection, "tcp"), "(tcp) and (port 7000)");
  EXPECT_EQ(FrameFilter({}, "tcp"), "tcp");
}

TEST(Rough, HasFourDigits) {
  EXPECT_EQ(Rough(123us), "123us");
  EXPECT_EQ(Rough(59987654us), "59.99s");
  EXPECT_EQ(Rough(3723456ms), "3723s");
}

TEST(ClockText, HasTheDigitsThatAreSure) {
  const Duration at = 12h + 5min + 1s + 234ms;
  EXPECT_EQ(ClockText(at, 1ms), "12:05:01.234");
  EXPECT_EQ(ClockText(at, 100ms), "12:05:01.2  ");
  EXPECT_EQ(ClockText(at, 1s), "12:05:01    ");
}

TEST(ChangeLine, TellsWhenTheKernelEndsAnOrphan) {
  Change change{.tuple = kTuple};
  change.transition = {
      .from = kFinWait1, .to = kFinWait2, .cause = "received ACK of FIN"};
  change.facts = tcp::SocketFacts{
      .state = kFinWait2, .timer = tcp::TimerKind::kTimewait, .expires = 5s};
  change.owners = {{77, "app", 3}};
  const std::string line =
      ChangeLine(change, {.hz = 250, .fin_timeout = 5s}, Style{});
  EXPECT_NE(line.find("no process (app[77] closed it): ends in 5s to 5.256s "
                      "(tcp_fin_timeout)"),
            std::string::npos)
      << line;
}

// 100 s: 40 s as a full socket, 40 s as a minisock.
TEST(ChangeLine, TellsTheEndOfAnOrphanInTwoStages) {
  Change change{.tuple = kTuple};
  change.transition = {.from = kFinWait1, .to = kFinWait2};
  change.facts = tcp::SocketFacts{
      .state = kFinWait2, .timer = tcp::TimerKind::kKeepalive, .expires = 40s};
  const Kernel kernel{.hz = 250, .fin_timeout = 100s};
  EXPECT_NE(ChangeLine(change, kernel, Style{})
                .find("no process: ends in 80s to 84.1s "
                      "(tcp_fin_timeout, in two stages)"),
            std::string::npos)
      << ChangeLine(change, kernel, Style{});
}

TEST(StandingTable, CountsWithoutAProcess) {
  WatchedSocket orphan{kTuple, {.state = kFinWait2}, {}};
  WatchedSocket held{kTuple, {.state = kFinWait2, .inode = 9}, {{7, "a", 3}}};
  EXPECT_EQ(StandingTable({orphan, orphan, held}),
            "  FIN_WAIT2        3  2 without a process, 1 of a[7]; "
            "all at 10.0.0.1:40000\n");
  EXPECT_EQ(StandingTable({}), "  none\n");
}

}  // namespace
}  // namespace finwait::report
