// Children: reaped once, and not before we let their pid go.
#include "process/child.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "loopback.h"

namespace finwait::process {
namespace {

pid_t ForkThatExits(int code) {
  const pid_t pid = fork();
  if (pid == 0) _exit(code);
  return pid;
}

pid_t ForkThatPauses() {
  const pid_t pid = fork();
  if (pid == 0) {
    setsid();
    pause();
  }
  return pid;
}

TEST(Child, TellsItsExitCodeAndStaysUntilItIsLetGo) {
  Child child(ForkThatExits(3));
  ASSERT_TRUE(WaitReadable(child.pidfd()));
  ASSERT_TRUE(child.Poll());
  EXPECT_EQ(child.Poll()->exit_code, 3);
  EXPECT_FALSE(child.Poll()->term_signal);
  EXPECT_EQ(kill(child.pid(), 0), 0) << "reaped too early";
  child.End();
  EXPECT_EQ(waitpid(child.pid(), nullptr, WNOHANG), -1);
  EXPECT_EQ(child.Poll()->exit_code, 3) << "forgotten by End";
}

TEST(Child, RunsUntilItIsEnded) {
  Child child(ForkThatPauses());
  EXPECT_FALSE(child.Poll());
  child.End();
  ASSERT_TRUE(child.Poll());
  EXPECT_EQ(child.Poll()->term_signal, SIGKILL);
  child.Signal(SIGTERM);  // nothing, and nobody else
}

TEST(Child, ReapedBySomebodyElseHasEndedWithoutCause) {
  Child child(ForkThatExits(0));
  ASSERT_EQ(waitpid(child.pid(), nullptr, 0), child.pid());
  ASSERT_TRUE(child.Poll());
  EXPECT_FALSE(child.Poll()->exit_code);
  EXPECT_FALSE(child.Poll()->term_signal);
}

}  // namespace
}  // namespace finwait::process
