// However a run ends, it leaves nothing, and the host is as it was.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>

#include <list>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "command.h"
#include "host_state.h"
#include "kernel/process/namespace_end.h"
#include "netns/user_namespace.h"

namespace finwait::host {
namespace {

using process::NamespaceEnd;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr char kRefused[] = SCENARIOS "/opening/refused.toml";
constexpr char kNginx[] = SCENARIOS "/software/nginx_close.toml";
constexpr char kFailing[] = HOST_SCENARIOS "/failing.toml";
constexpr char kEndless[] = HOST_SCENARIOS "/endless.toml";

class Seclusion : public testing::Environment {
  void SetUp() override {
    netns::EnsurePrivilege();
    HideFilesOfOthers();
  }
};
[[maybe_unused]] testing::Environment* const seclusion =
    testing::AddGlobalTestEnvironment(new Seclusion);

// The network namespaces of the children of a run, by inode.
std::map<ino_t, FileDescriptor> NamespacesOf(const Command& command) {
  std::map<ino_t, FileDescriptor> namespaces;
  struct stat ours {};
  stat("/proc/self/ns/net", &ours);
  for (const pid_t child : ChildrenOf(command.pid())) {
    const std::string path = "/proc/" + std::to_string(child) + "/ns/net";
    FileDescriptor fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
    struct stat its {};
    if (fd.valid() && fstat(fd.get(), &its) == 0 && its.st_ino != ours.st_ino) {
      namespaces[its.st_ino] = std::move(fd);
    }
  }
  return namespaces;
}

class NothingIsLeft : public testing::Test {
 protected:
  Command& Start(const std::vector<std::string>& arguments) {
    command_.emplace(arguments);
    pid_ = command_->pid();
    return *command_;
  }

  void TearDown() override {
    command_.reset();
    EXPECT_TRUE(NobodyIsLeft()) << "a process of the run still runs";
    EXPECT_THAT(ControlGroupsOf(pid_), IsEmpty());
    EXPECT_EQ(Difference(before_, ReadHost()), "");
  }

 private:
  const HostState before_ = ReadHost();
  std::optional<Command> command_;
  pid_t pid_ = -1;  // its, also once it has ended
};

TEST_F(NothingIsLeft, WhenItPasses) {
  Command& command = Start({"run", kRefused});
  EXPECT_EQ(command.Wait(), 0) << command.output();
}

// Nothing of nginx's pid file and temporary folders, either.
TEST_F(NothingIsLeft, OfSoftware) {
  Command& command = Start({"run", kNginx});
  const int status = command.Wait();
  if (status == 77) GTEST_SKIP() << command.output();
  EXPECT_EQ(status, 0) << command.output();
}

TEST_F(NothingIsLeft, WhenItFails) {
  Command& command = Start({"run", kFailing});
  EXPECT_EQ(command.Wait(), 1) << command.output();
}

TEST_F(NothingIsLeft, OfAProbe) {
  Command& command = Start({"probe"});
  EXPECT_EQ(command.Wait(), 0) << command.output();
}

// A run with everything that could outlive it, until a signal ends it.
class EndedBySignal : public NothingIsLeft,
                      public testing::WithParamInterface<int> {
 protected:
  void SetUp() override {
    Command& command = Start({"run", kEndless});
    ASSERT_TRUE(command.WaitPrinted("FIN_WAIT1")) << command.output();
    const auto namespaces = NamespacesOf(command);
    EXPECT_EQ(namespaces.size(), 2U);  // client's and server's
    for (const auto& [inode, fd] : namespaces) ends_.emplace_back(fd.get());
    command.Signal(GetParam());
    status_ = command.Wait();
    output_ = command.output();
  }

  void TearDown() override {
    for (const NamespaceEnd& end : ends_) {
      EXPECT_TRUE(end.Wait()) << "a namespace of the run is still there";
    }
    NothingIsLeft::TearDown();
  }

  std::list<NamespaceEnd> ends_;
  int status_ = 0;
  std::string output_;
};

class Interrupted : public EndedBySignal {};
TEST_P(Interrupted, SaysWhatItSawUntilThen) {
  EXPECT_EQ(status_, 3);
  EXPECT_THAT(output_, HasSubstr("interrupted"));
  EXPECT_THAT(output_, HasSubstr("end of the run"));
}
INSTANTIATE_TEST_SUITE_P(By, Interrupted,
                         testing::Values(SIGINT, SIGTERM, SIGHUP));

class Killed : public EndedBySignal {};
TEST_P(Killed, LeavesNothing) { EXPECT_EQ(status_, -1); }
INSTANTIATE_TEST_SUITE_P(By, Killed, testing::Values(SIGKILL));

}  // namespace
}  // namespace finwait::host
