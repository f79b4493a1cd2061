// Namespaces: made, entered, owned, and nothing of the host's touched.
#include "netns/namespace.h"

#include <gtest/gtest.h>
#include <net/if.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <stdexcept>
#include <thread>
#include <utility>

#include "base/error.h"
#include "netns/user_namespace.h"

namespace finwait::netns {
namespace {

class NamespaceTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { EnsurePrivilege(); }
};

TEST_F(NamespaceTest, IsAnotherOneThanTheCallers) {
  Namespace home = Namespace::Current();
  Namespace made = Namespace::Create();
  EXPECT_NE(made.inode(), home.inode());
  EXPECT_EQ(made.In([] { return Namespace::Current().inode(); }), made.inode());
  EXPECT_EQ(Namespace::Current().inode(), home.inode());
}

TEST_F(NamespaceTest, HasNothingButLoopback) {
  Namespace made = Namespace::Create();
  EXPECT_EQ(made.In([] { return if_nametoindex("lo"); }), 1U);
  EXPECT_EQ(made.In([] { return if_nametoindex("eth0"); }), 0U);
}

TEST_F(NamespaceTest, ExceptionsComeBackToTheCaller) {
  Namespace made = Namespace::Create();
  EXPECT_THROW(made.Enter([] { throw std::out_of_range("x"); }),
               std::out_of_range);
}

TEST_F(NamespaceTest, PreparesInsideOnOneThread) {
  ino_t seen = 0;
  std::thread::id first;
  std::thread::id second;
  Namespace made = Namespace::Create([&](const Namespace& ns) {
    first = std::this_thread::get_id();
    seen = Namespace::Current().inode();
    ns.Enter([&] { second = std::this_thread::get_id(); });
  });
  EXPECT_EQ(seen, made.inode());
  EXPECT_EQ(first, second);
  EXPECT_NE(first, std::this_thread::get_id());
}

TEST_F(NamespaceTest, EntersAnotherFromWithinOne) {
  Namespace a = Namespace::Create();
  Namespace b = Namespace::Create();
  a.Enter([&] {
    EXPECT_EQ(b.In([] { return Namespace::Current().inode(); }), b.inode());
    EXPECT_EQ(Namespace::Current().inode(), a.inode());
  });
}

TEST_F(NamespaceTest, MovesAndMoveAssigns) {
  Namespace a = Namespace::Create();
  Namespace b = Namespace::Create();
  ino_t inode = b.inode();
  int old_fd = a.fd();
  a = std::move(b);
  EXPECT_EQ(a.inode(), inode);
  EXPECT_EQ(a.In([] { return Namespace::Current().inode(); }), inode);
  struct stat status {};
  EXPECT_EQ(fstat(old_fd, &status), -1) << "the old namespace is still open";
}

TEST_F(NamespaceTest, IsOpenedByItsFile) {
  const Namespace made = Namespace::Create();
  const Namespace same =
      Namespace::Open("/proc/self/fd/" + std::to_string(made.fd()));
  EXPECT_EQ(same.inode(), made.inode());
  EXPECT_EQ(same.In([] { return Namespace::Current().inode(); }), made.inode());
}

TEST_F(NamespaceTest, OpensNothingElse) {
  for (const char* path :
       {"/no/such/file", "/dev/null", "/proc/self/ns/uts", "/"}) {
    EXPECT_THROW(Namespace::Open(path), Error) << path;
  }
}

TEST_F(NamespaceTest, AChildEntersAfterFork) {
  Namespace made = Namespace::Create();
  pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    if (EnterAfterFork(made.fd()) != 0) _exit(2);
    struct stat status {};
    stat("/proc/self/ns/net", &status);
    _exit(status.st_ino == made.inode() ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

TEST_F(NamespaceTest, EnterAfterForkReportsErrno) {
  EXPECT_EQ(EnterAfterFork(-1), EBADF);
}

}  // namespace
}  // namespace finwait::netns
