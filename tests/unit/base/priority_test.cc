// Going ahead: only for a while, and not for what is started meanwhile.
#include "base/priority.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace finwait {
namespace {

bool IsAhead() {
  const int policy = sched_getscheduler(0) & ~SCHED_RESET_ON_FORK;
  return policy == SCHED_FIFO || getpriority(PRIO_PROCESS, 0) < 0;
}

// As root, but for a control group without real time.
bool MayBeAhead() {
  const sched_param one{.sched_priority = 1};
  if (sched_setscheduler(0, SCHED_FIFO, &one) != 0) return geteuid() == 0;
  const sched_param none{};
  sched_setscheduler(0, SCHED_OTHER, &none);
  return true;
}

TEST(Ahead, EndsWithItsOwner) {
  const int policy = sched_getscheduler(0);
  const int nice = getpriority(PRIO_PROCESS, 0);
  { const Ahead ahead; }
  EXPECT_EQ(sched_getscheduler(0) & ~SCHED_RESET_ON_FORK, policy);
  EXPECT_EQ(getpriority(PRIO_PROCESS, 0), nice);
}

TEST(Ahead, IsWhoMayBe) {
  const bool may_be = MayBeAhead();
  const Ahead ahead;
  EXPECT_EQ(IsAhead(), may_be);
}

TEST(Ahead, LeavesChildrenWhereTheyAre) {
  const Ahead ahead;
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) _exit(IsAhead() ? 1 : 0);
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace finwait
