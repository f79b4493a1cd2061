// A user without any privilege can do what root can.
#include <gmock/gmock.h>
#include <grp.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "command.h"

namespace finwait::host {
namespace {

// A uid that owns nothing (nobody on every distribution).
constexpr uid_t kNobody = 65534;
constexpr char kFlagship[] = SCENARIOS "/fin_wait2/orphan.toml";

// In the child.
void BecomeNobody() {
  if (setgroups(0, nullptr) != 0 || setgid(kNobody) != 0 ||
      setuid(kNobody) != 0) {
    _exit(1);
  }
}

class Nobody : public testing::Test {
 protected:
  void SetUp() override {
    if (!CanBecome()) {
      GTEST_SKIP() << "needs root, and a finwait that everybody may execute";
    }
  }

  // In a user namespace there is no other uid to become.
  static bool CanBecome() {
    Command command({"--version"}, BecomeNobody);
    return command.Wait() == 0;
  }
};

TEST_F(Nobody, PlaysTheFlagship) {
  Command command({"run", kFlagship}, BecomeNobody);
  const int status = command.Wait();
  if (status == 77) GTEST_SKIP() << command.output();
  EXPECT_EQ(status, 0) << command.output();
}

TEST_F(Nobody, ProbesTheMachine) {
  Command command({"probe"}, BecomeNobody);
  const int status = command.Wait();
  EXPECT_THAT(command.output(), testing::HasSubstr("uid 65534"));
  if (status == 77) GTEST_SKIP() << command.output();
  EXPECT_EQ(status, 0) << command.output();
}

}  // namespace
}  // namespace finwait::host
