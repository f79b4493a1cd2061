// Being born in a control group where clone3(2) is not to be had, as under the
// seccomp profile of many containers.
#include "process/second_birth.h"

#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>

#include "base/error.h"
#include "loopback.h"
#include "process/actor.h"
#include "process/program.h"
#include "process/sandbox.h"

namespace finwait::process {
namespace {

constexpr int kCannotTry = 77;

// From now on, in this thread and those that it makes.
bool ForbidClone3() {
  sock_filter program[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone3, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
  const sock_fprog filter{.len = std::size(program), .filter = program};
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

bool IsIn(const Cgroup& cgroup, pid_t pid) {
  std::ifstream file(cgroup.path() + "/cgroup.procs");
  const std::istream_iterator<pid_t> first(file);
  return std::find(first, {}, pid) != std::istream_iterator<pid_t>();
}

int Check(bool holds, const std::string& what) {
  if (!holds) std::cerr << "not so: " << what << '\n';
  return holds ? 0 : 1;
}

// How many of these do not hold.
int Failures() {
  const netns::Namespace ns = netns::Namespace::Create();
  Sandbox sandbox(Cgroup::Create());
  Program sleeper(sandbox, ns, {.arguments = {"sleep", "1000"}});
  const Actor actor(sandbox, ns, "moved");
  int failures = Check(sandbox.cgroup()->Clone(0) == -1, "clone3 is refused");
  failures += Check(IsIn(*sandbox.cgroup(), sleeper.pid()), "a program's in");
  failures += Check(IsIn(*sandbox.cgroup(), actor.pid()), "an actor's in");
  sleeper.Signal(SIGTERM);
  failures += Check(WaitReadable(sleeper.pidfd()), "a program ends");
  failures += Check(sleeper.Poll()->term_signal == SIGTERM, "by a signal");
  return failures;
}

int FailuresWithoutClone3() {
  if (!ForbidClone3()) return kCannotTry;
  try {
    return Failures();
  } catch (const Unsupported& missing) {
    std::cerr << missing.what() << '\n';
    return kCannotTry;
  } catch (const Error& error) {
    return Check(false, error.what());
  }
}

TEST(SecondBirth, IsAMoveWhereThereIsNoClone3) {
  const pid_t pid = fork();
  if (pid == 0) _exit(FailuresWithoutClone3());
  int status = -1;
  waitpid(pid, &status, 0);
  if (WEXITSTATUS(status) == kCannotTry) {
    GTEST_SKIP() << "needs seccomp, and cgroup version 2";
  }
  EXPECT_EQ(status, 0);
}

TEST(SecondBirth, IsNothingWithoutACgroup) {
  const SecondBirth none(nullptr);
  EXPECT_EQ(none.AfterFork(), 0);
  EXPECT_EQ(none.Survivor(42), 42);
}

}  // namespace
}  // namespace finwait::process
