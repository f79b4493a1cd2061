// Control groups of runs: who is in them, and that they go.
#include "process/cgroup.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <grp.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <optional>
#include <string>
#include <utility>

#include "base/error.h"
#include "loopback.h"
#include "netns/user_namespace.h"
#include "process/actor.h"
#include "process/cgroup_place.h"
#include "process/pipes.h"
#include "process/program.h"
#include "process/sandbox.h"
#include "processes.h"

namespace finwait::process {
namespace {

using testing::EndsWith;
using testing::HasSubstr;

std::string CgroupOf(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/cgroup");
  return OwnCgroup(std::string(std::istreambuf_iterator<char>(file), {}));
}

// Everything a program prints until it ends.
std::string Printed(Program& program) {
  while (program.output_fd() >= 0 && WaitReadable(program.output_fd())) {
    program.Pump();
  }
  return program.output();
}

class CgroupTest : public testing::Test {
 protected:
  void SetUp() override {
    try {
      cgroup_.emplace(Cgroup::Create());
    } catch (const Unsupported& missing) {
      GTEST_SKIP() << missing.what();
    }
    path_ = cgroup_->path();
    name_ = cgroup_->name();
  }

  bool Exists() const { return std::filesystem::exists(path_); }
  std::size_t Processes() const {
    std::ifstream file(path_ + "/cgroup.procs");
    return static_cast<std::size_t>(
        std::distance(std::istream_iterator<pid_t>(file), {}));
  }

  std::optional<Cgroup> cgroup_;
  std::string path_;
  std::string name_;
};

TEST_F(CgroupTest, IsNewEmptyAndGoneWithItsOwner) {
  EXPECT_TRUE(Exists());
  EXPECT_EQ(Processes(), 0U);
  struct stat by_descriptor {};
  EXPECT_EQ(fstat(cgroup_->fd(), &by_descriptor), 0);
  Cgroup moved = *std::move(cgroup_);
  cgroup_.reset();
  EXPECT_TRUE(Exists());
  { const Cgroup last = std::move(moved); }
  EXPECT_FALSE(Exists());
}

TEST_F(CgroupTest, IsAnotherForEveryRun) {
  const Cgroup other = Cgroup::Create();
  EXPECT_NE(other.path(), path_);
  EXPECT_TRUE(Exists()) << "making one swept another";
}

// What kill -9 of an init leaves has nobody's lock; somebody else's name stays.
TEST_F(CgroupTest, SweepsWhatNobodyHolds) {
  namespace fs = std::filesystem;
  const fs::path parent = fs::path(path_).parent_path();
  const std::string self = std::to_string(getpid());
  const fs::path left = parent / ("finwait-" + self + "-999999999");
  const fs::path locked = parent / ("finwait-" + self + "-999999998");
  const fs::path others = parent / ("finwait-" + self + ".service");
  for (const fs::path& path : {left, locked, others}) {
    ASSERT_TRUE(fs::create_directory(path));
  }
  const FileDescriptor holder(open(locked.c_str(), O_RDONLY | O_CLOEXEC));
  EXPECT_EQ(flock(holder.get(), LOCK_EX | LOCK_NB), 0);
  { const Cgroup next = Cgroup::Create(); }
  EXPECT_FALSE(fs::exists(left));
  EXPECT_TRUE(fs::exists(locked));
  EXPECT_TRUE(fs::exists(others));
  rmdir(locked.c_str());
  rmdir(others.c_str());
}

// The result of f in a process that has moved into the cgroup.
int ResultIn(const Cgroup& cgroup, const std::function<int()>& f) {
  const pid_t pid = fork();
  if (pid == 0) _exit(cgroup.EnterAfterFork() == 0 ? f() : -1);
  int status = -1;
  waitpid(pid, &status, 0);
  return WEXITSTATUS(status);
}

std::filesystem::path ParentOfNext() {
  return std::filesystem::path(Cgroup::Create().path()).parent_path();
}

// So that the limits of whoever starts us hold for the run.
TEST_F(CgroupTest, IsBelowOurOwn) {
  EXPECT_EQ(ResultIn(*cgroup_, [&] { return ParentOfNext() == path_; }), 1);
}

// What is below a threaded one may not hold processes until it is threaded.
TEST_F(CgroupTest, IsAtTheTopIfThereMayBeNoneBelowOurOwn) {
  if (CgroupOf(getpid()) != "/") {
    GTEST_SKIP() << "needs to be in the topmost control group";
  }
  std::ofstream(path_ + "/cgroup.type") << "threaded";
  const auto top = std::filesystem::path(path_).parent_path();
  EXPECT_EQ(ResultIn(*cgroup_, [&] { return ParentOfNext() == top; }), 1);
}

// Where clone3 is not to be had.
TEST_F(CgroupTest, CanBeEnteredAfterFork) {
  EXPECT_EQ(
      ResultIn(*cgroup_, [&] { return CgroupOf(getpid()).ends_with(name_); }),
      1);
}

// A sandbox in the cgroup.
class SandboxInCgroup : public CgroupTest {
 protected:
  void SetUp() override {
    CgroupTest::SetUp();
    if (cgroup_) sandbox_.emplace(std::exchange(cgroup_, std::nullopt));
  }

  Program Start(const Command& command) { return {*sandbox_, ns_, command}; }

  std::optional<Sandbox> sandbox_;
  netns::Namespace ns_ = netns::Namespace::Create();
};

TEST_F(SandboxInCgroup, HasNoProcessInItBeforeTheFirst) {
  ASSERT_NE(sandbox_->cgroup(), nullptr);
  EXPECT_EQ(sandbox_->cgroup()->path(), path_);
  EXPECT_EQ(Processes(), 0U) << "the init is in it";
}

TEST_F(SandboxInCgroup, ProgramsAreBornInIt) {
  Program cat = Start({.arguments = {"cat", "/proc/self/cgroup"}});
  EXPECT_THAT(OwnCgroup(Printed(cat)), EndsWith("/" + name_));
  EXPECT_TRUE(WaitReadable(cat.pidfd()));
  EXPECT_EQ(cat.Poll()->exit_code, 0);
}

TEST_F(SandboxInCgroup, WhatProgramsStartIsBornInIt) {
  Program shell =
      Start({.arguments = {"sh", "-c", "(cat /proc/self/cgroup; true)"}});
  EXPECT_THAT(OwnCgroup(Printed(shell)), EndsWith("/" + name_));
}

TEST_F(SandboxInCgroup, ProgramsAreOurChildrenAndLeadTheirGroup) {
  Program sleeper = Start({.arguments = {"sleep", "1000"}});
  EXPECT_EQ(getpgid(sleeper.pid()), sleeper.pid());
  EXPECT_THAT(CgroupOf(sleeper.pid()), EndsWith("/" + name_));
  EXPECT_EQ(Processes(), 1U);
  sleeper.Signal(SIGTERM);
  EXPECT_TRUE(WaitReadable(sleeper.pidfd()));
  EXPECT_EQ(sleeper.Poll()->term_signal, SIGTERM);
}

TEST_F(SandboxInCgroup, ProgramsHaveNoMoreDescriptors) {
  Program list = Start({.arguments = {"sh", "-c", "echo /proc/$$/fd/*"}});
  const std::string printed = Printed(list);
  EXPECT_THAT(printed, testing::Not(HasSubstr("/fd/3"))) << printed;
}

TEST_F(SandboxInCgroup, ProgramsThatCannotBeExecutedLeaveNobody) {
  const std::string broken =
      testing::TempDir() + "/finwait-not-a-program-" + std::to_string(getpid());
  std::ofstream(broken) << "#!/no/such/interpreter\n";
  chmod(broken.c_str(), 0755);
  try {
    Start({.arguments = {broken}});
    ADD_FAILURE() << "it was started";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ENOENT) << error.what();
  }
  std::filesystem::remove(broken);
  EXPECT_EQ(Processes(), 0U);
  sandbox_.reset();  // would wait for a child that nobody reaps
}

TEST_F(SandboxInCgroup, ActorsAreBornInIt) {
  const Actor actor(*sandbox_, ns_, "inside");
  EXPECT_THAT(CgroupOf(actor.pid()), EndsWith("/" + name_));
  EXPECT_EQ(getpgid(actor.pid()), actor.pid());
  EXPECT_EQ(Processes(), 1U);
}

TEST_F(SandboxInCgroup, IsGoneAfterwards) {
  const Program daemon =
      Start({.arguments = {"sh", "-c", "setsid sleep 1000 & exec sleep 1000"}});
  const Actor actor(*sandbox_, ns_, "inside");
  EXPECT_TRUE(Exists());
  sandbox_.reset();
  EXPECT_FALSE(Exists());
}

// A fork of this test lives in the sandbox until it is killed; the sandbox's
// init then becomes our child.
TEST_F(CgroupTest, IsGoneAfterKillMinusNine) {
  cgroup_.reset();
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  Pipe pipe = MakePipe();
  const pid_t pid = fork();
  if (pid == 0) {
    const netns::Namespace ns = netns::Namespace::Create();
    Sandbox sandbox(Cgroup::Create());
    const Program program(sandbox, ns, {.arguments = {"sleep", "1000"}});
    const Actor actor(sandbox, ns, "inside");
    const std::string path = sandbox.cgroup()->path();
    [[maybe_unused]] const ssize_t told =
        write(pipe.write.get(), path.data(), path.size());
    while (true) pause();
  }
  pipe.write.reset();
  char path[4096] = {};
  EXPECT_GT(read(pipe.read.get(), path, sizeof path - 1), 0);
  EXPECT_TRUE(std::filesystem::exists(path)) << path;
  kill(pid, SIGKILL);
  while (waitpid(-1, nullptr, 0) > 0) {
  }
  EXPECT_FALSE(std::filesystem::exists(path)) << path;
  prctl(PR_SET_CHILD_SUBREAPER, 0);
}

// In a process without any privilege: 0 if it is told what is missing, and
// has a sandbox without it; 2 if it cannot try.
int TryAsNobody() {
  constexpr uid_t kNobody = 65534;
  if (setgroups(0, nullptr) != 0 || setgid(kNobody) != 0 ||
      setuid(kNobody) != 0) {
    return 2;
  }
  prctl(PR_SET_DUMPABLE, 1);  // or /proc/self belongs to root
  try {
    netns::EnsurePrivilege();
  } catch (const Unsupported&) {
    return 2;
  }
  const Sandbox without;
  try {
    Cgroup::Create();
  } catch (const Unsupported& missing) {
    return missing.remedy().empty() ? 1 : 0;
  }
  return 1;
}

TEST(CgroupOfNobody, IsUnsupportedAndNotNeeded) {
  const pid_t pid = fork();
  if (pid == 0) _exit(TryAsNobody());
  int status = -1;
  waitpid(pid, &status, 0);
  if (WEXITSTATUS(status) == 2) {
    GTEST_SKIP() << "needs root to become nobody, and user namespaces";
  }
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace finwait::process
