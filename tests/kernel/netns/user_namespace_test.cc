// The way to privilege of a process that has none.
#include "netns/user_namespace.h"

#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <functional>
#include <string>
#include <thread>

#include "base/error.h"
#include "netns/namespace.h"

namespace finwait::netns {
namespace {

// A uid that owns nothing (nobody on every distribution).
constexpr uid_t kNobody = 65534;

// The child's exit code: 0 if `f` was true, 3 if user namespaces are
// forbidden here, 2 for any other exception.
int InChild(const std::function<bool()>& f) {
  pid_t child = fork();
  if (child == 0) {
    int code = 2;
    try {
      code = f() ? 0 : 1;
    } catch (const Unsupported& e) {
      std::fprintf(stderr, "%s\n", e.what());
      code = 3;
    } catch (const std::exception& e) {
      std::fprintf(stderr, "%s\n", e.what());
    }
    _exit(code);
  }
  int status = 0;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

// A process that has changed its uid owns its /proc/self again only once it
// is dumpable, which execve(2) would otherwise make it (proc(5)).
bool LosePrivilege() {
  if (geteuid() != 0) return true;
  return setgid(kNobody) == 0 && setuid(kNobody) == 0 &&
         prctl(PR_SET_DUMPABLE, 1) == 0;
}

TEST(UserNamespaceTest, AUserWithoutPrivilegeMakesNamespaces) {
  int code = InChild([] {
    if (!LosePrivilege()) {
      // Root of a user namespace that an earlier test of this process made.
      throw Unsupported("giving root up", "running this test alone");
    }
    if (HasPrivilege()) return false;
    EnsurePrivilege();
    Namespace::Create();
    return HasPrivilege() && geteuid() == 0;
  });
  if (code == 3) GTEST_SKIP() << "no user namespace to be had";
  EXPECT_EQ(code, 0);
}

TEST(UserNamespaceTest, AProcessWithThreadsIsTold) {
  int code = InChild([] {
    bool told = false;
    std::thread([&] {
      try {
        BecomeRootInUserNamespace();
      } catch (const Error& e) {
        told = e.code() == EINVAL;
      }
    }).join();
    return told;
  });
  EXPECT_EQ(code, 0);
}

}  // namespace
}  // namespace finwait::netns
