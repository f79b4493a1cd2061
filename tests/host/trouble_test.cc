// Machines and users that give finwait less than it needs, or too much to do.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/capability.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <fstream>
#include <list>

#include "command.h"
#include "netns/mount_namespace.h"
#include "netns/user_namespace.h"

namespace finwait::host {
namespace {

using testing::HasSubstr;

constexpr char kRefused[] = SCENARIOS "/opening/refused.toml";

// In the child. Both limits, or it would raise the soft one.
void AllowFiles(rlim_t count) {
  const rlimit limit{count, count};
  setrlimit(RLIMIT_NOFILE, &limit);
}

TEST(Trouble, ManyRunsAtOnce) {
  std::list<Command> commands;
  for (int count = 0; count < 30; ++count) {
    commands.emplace_back(std::vector<std::string>{"run", kRefused});
  }
  for (Command& command : commands) {
    EXPECT_EQ(command.Wait(), 0) << command.output();
  }
}

// In the child: root of a user namespace that allows no other, and has itself
// no CAP_SYS_ADMIN after exec.
void ForbidUserNamespaces() {
  netns::BecomeRootInUserNamespace();
  std::ofstream("/proc/sys/user/max_user_namespaces") << 0;
  prctl(PR_CAPBSET_DROP, CAP_SYS_ADMIN);
}

TEST(Trouble, WithoutUserNamespacesTheSettingIsNamed) {
  for (const char* verb : {"run", "probe"}) {
    std::vector<std::string> arguments = {verb};
    if (arguments[0] == "run") arguments.emplace_back(kRefused);
    Command command(arguments, ForbidUserNamespaces);
    EXPECT_EQ(command.Wait(), 77);
    EXPECT_THAT(command.output(), HasSubstr("user.max_user_namespaces="));
  }
  Command strict({"run", "--require-all", kRefused}, ForbidUserNamespaces);
  EXPECT_EQ(strict.Wait(), 1);
}

// In the child: /proc/sys is read-only, as in a container.
void MakeSysctlsReadOnly() {
  netns::MakeRunPrivate();  // so that the next mounts are private, too
  mount("/proc/sys", "/proc/sys", nullptr, MS_BIND, nullptr);
  mount(nullptr, "/proc/sys", nullptr, MS_REMOUNT | MS_BIND | MS_RDONLY,
        nullptr);
}

TEST(Trouble, ReadOnlySysctlsAreNamed) {
  Command command({"run", kRefused}, MakeSysctlsReadOnly);
  EXPECT_EQ(command.Wait(), 77);
  EXPECT_THAT(command.output(), HasSubstr("writable /proc/sys"));
}

// Never taken for a feature that the kernel lacks.
TEST(Trouble, TooFewFileDescriptorsAreSaid) {
  for (const rlim_t count : {6, 9, 12, 16, 20, 24}) {
    Command command({"run", kRefused}, [count] { AllowFiles(count); });
    EXPECT_EQ(command.Wait(), 3) << count;
    EXPECT_THAT(command.output(), HasSubstr("Too many open files")) << count;
  }
}

TEST(Trouble, ScenariosThatCannotBeReadAreUsageErrors) {
  const std::vector<std::string> wrong = {"/no/such.toml", "/dev/null", "/proc",
                                          FINWAIT_COMMAND};
  for (const std::string& file : wrong) {
    Command command({"run", file});
    EXPECT_EQ(command.Wait(), 2) << file << "\n" << command.output();
  }
}

}  // namespace
}  // namespace finwait::host
