// Sandboxes: nothing survives them, whatever ends them.
#include "process/sandbox.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

#include "loopback.h"
#include "namespace_end.h"
#include "process/pipes.h"
#include "process/program.h"
#include "processes.h"

namespace finwait::process {
namespace {

// Children of `parent` with that name.
std::vector<FileDescriptor> ChildrenNamed(const std::string& name,
                                          pid_t parent) {
  std::vector<FileDescriptor> found;
  const std::string wanted = " (" + name + ") ";
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    std::string line;
    std::getline(std::ifstream(entry.path() / "stat"), line);
    const std::size_t at = line.find(wanted);
    if (at == std::string::npos) continue;
    const int its_parent = std::stoi(line.substr(at + wanted.size() + 2));
    if (its_parent == parent) found.push_back(OpenPidfd(std::stoi(line)));
  }
  return found;
}

// A program that has ended, and left a process that is in another session.
Program StartDaemon(Sandbox& sandbox, const netns::Namespace& ns) {
  const std::string script = "setsid sh -c 'echo up >&3; exec sleep 1000' &";
  Program program(
      sandbox, ns,
      {.arguments = {"sh", "-c", script}, .readiness_descriptor = 3});
  EXPECT_TRUE(WaitReadable(program.readiness_fd()));
  EXPECT_TRUE(program.Ready());
  EXPECT_TRUE(WaitReadable(program.pidfd()));
  return program;
}

TEST(Sandbox, BringsExceptionsBackFromTheSpawner) {
  Sandbox sandbox;
  EXPECT_THROW(sandbox.OnSpawner([] { throw std::runtime_error("oh"); }),
               std::runtime_error);
  std::thread::id first;
  std::thread::id second;
  sandbox.OnSpawner([&] { first = std::this_thread::get_id(); });
  sandbox.OnSpawner([&] { second = std::this_thread::get_id(); });
  EXPECT_EQ(first, second);
  EXPECT_NE(first, std::this_thread::get_id());
}

TEST(Sandbox, KeepsThousandsOfNamespaces) {
  Sandbox sandbox;
  const netns::Namespace ns = netns::Namespace::Create();
  for (int count = 0; count < 4096; ++count) sandbox.Register(ns);
}

TEST(Sandbox, MayBeUsedFromSeveralThreads) {
  Sandbox sandbox;
  const netns::Namespace ns = netns::Namespace::Create();
  std::array<std::jthread, 8> threads;
  for (std::jthread& thread : threads) {
    thread = std::jthread([&] {
      for (int count = 0; count < 20; ++count) {
        sandbox.Register(ns);
        const Actor actor(sandbox, ns, "many");
      }
    });
  }
}

TEST(Sandbox, EndsADaemonThatLeftItsGroup) {
  const netns::Namespace ns = netns::Namespace::Create();
  std::vector<FileDescriptor> processes;
  {
    Sandbox sandbox;
    const Program program = StartDaemon(sandbox, ns);
    processes = ProcessesIn(ns);
    EXPECT_EQ(processes.size(), 1U);
  }
  ExpectEnded(processes);
}

TEST(Sandbox, IsOutlivedByProgramsThatHaveEnded) {
  const netns::Namespace ns = netns::Namespace::Create();
  auto sandbox = std::make_unique<Sandbox>();
  Program program(*sandbox, ns, {.arguments = {"sleep", "1000"}});
  Actor actor(*sandbox, ns, "late");
  sandbox.reset();
  ASSERT_TRUE(program.Poll());
  EXPECT_EQ(program.Poll()->term_signal, SIGKILL);
  EXPECT_THROW(actor.Do({.kind = Call::Kind::kClose}), Error);
}

// Leaves this process `count` more descriptors until the end of the scope.
class FewDescriptors {
 public:
  explicit FewDescriptors(rlim_t count) {
    getrlimit(RLIMIT_NOFILE, &before_);
    const FileDescriptor lowest_free(dup(STDIN_FILENO));
    rlimit few = before_;
    few.rlim_cur = static_cast<rlim_t>(lowest_free.get()) + count;
    setrlimit(RLIMIT_NOFILE, &few);
  }
  FewDescriptors(const FewDescriptors&) = delete;
  FewDescriptors& operator=(const FewDescriptors&) = delete;
  ~FewDescriptors() { setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  rlimit before_{};
};

// Tries with more and more free descriptors until it succeeds: every failure
// on the way is an Error, and leaves no process that would hold the sandbox.
// The steps are larger than what Boost.Process loses by one failure.
template <typename Start>
void ExpectErrorsUntilItStarts(const Start& start) {
  bool started = false;
  for (rlim_t count = 0; count < 60 && !started; count += 3) {
    const FewDescriptors few(count);
    try {
      start();
      started = true;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), EMFILE) << error.what();
    }
  }
  EXPECT_TRUE(started);
}

TEST(Sandbox, SurvivesALackOfDescriptors) {
#ifdef __SANITIZE_ADDRESS__
  GTEST_SKIP() << "the sanitizers themselves need descriptors (vptr check)";
#endif
  const netns::Namespace ns = netns::Namespace::Create();
  Sandbox sandbox;
  ExpectErrorsUntilItStarts([&] {
    const Program program(sandbox, ns, {.arguments = {"sleep", "1000"}});
  });
  ExpectErrorsUntilItStarts([&] { const Actor actor(sandbox, ns, "few"); });
}

class DeadPeer : public testing::TestWithParam<int> {};

// Without the init's SOCK_DESTROY the namespace would live on for longer than
// the test's patience.
TEST_P(DeadPeer, OrphansTowardsItDoNotKeepTheNamespace) {
  std::optional<netns::Namespace> ns(NamespaceWithLoopback());
  const NamespaceEnd end(*ns);
  {
    Sandbox sandbox;
    sandbox.Register(*ns);
    Actor actor(sandbox, *ns, "dying");
    LeaveOrphansInFinWait1(actor, *ns, 100, GetParam());
  }
  ns.reset();
  EXPECT_TRUE(end.Wait());
}

INSTANTIATE_TEST_SUITE_P(BothFamilies, DeadPeer,
                         testing::Values(AF_INET, AF_INET6));

// A fork of this test that holds a sandbox with everything that could survive
// it, until it is killed. The orphans become the test's, because the init can
// end only when all are reaped, and a container's first process may not do it.
class Runner {
 public:
  explicit Runner(const netns::Namespace& ns) {
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    pid_ = fork();
    if (pid_ == 0) Live(ns, pipe_.write.get());
  }
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;
  ~Runner() {
    Kill();
    prctl(PR_SET_CHILD_SUBREAPER, 0);
  }

  pid_t pid() const { return pid_; }
  bool WaitUntilItRuns() const { return WaitReadable(pipe_.read.get()); }

  void Kill() {
    if (pid_ <= 0) return;
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }

 private:
  [[noreturn]] static void Live(const netns::Namespace& ns, int ready) {
    Sandbox sandbox;
    sandbox.Register(ns);
    const Program daemon = StartDaemon(sandbox, ns);
    const Program sleeper(sandbox, ns, {.arguments = {"sleep", "1000"}});
    Actor actor(sandbox, ns, "survivor");
    LeaveOrphansInFinWait1(actor, ns, 1);
    [[maybe_unused]] const ssize_t told = write(ready, "r", 1);
    while (true) pause();
  }

  Pipe pipe_ = MakePipe();
  pid_t pid_ = -1;
};

void ReapOrphans() {
  while (waitpid(-1, nullptr, WNOHANG) > 0) {
  }
}

TEST(Sandbox, NothingSurvivesKillMinusNine) {
  std::optional<netns::Namespace> ns(NamespaceWithLoopback());
  const NamespaceEnd end(*ns);
  Runner runner(*ns);
  ASSERT_TRUE(runner.WaitUntilItRuns());
  const auto processes = ProcessesIn(*ns);
  const auto inits = ChildrenNamed("finwait-init", runner.pid());
  EXPECT_EQ(processes.size(), 3U);
  EXPECT_EQ(inits.size(), 1U);
  ns.reset();
  runner.Kill();
  ExpectEnded(processes);
  ReapOrphans();
  ExpectEnded(inits);
  ReapOrphans();
  EXPECT_EQ(waitpid(-1, nullptr, WNOHANG), -1) << "somebody is left";
  EXPECT_TRUE(end.Wait());
}

}  // namespace
}  // namespace finwait::process
