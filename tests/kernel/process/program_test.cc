// Programs: how they start, what they have, and how they end.
#include "process/program.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

#include "base/error.h"
#include "loopback.h"
#include "processes.h"

namespace finwait::process {
namespace {

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class ProgramTest : public testing::Test {
 protected:
  Program Shell(const std::string& script) {
    return {sandbox_, ns_, {.arguments = {"sh", "-c", script}}};
  }

  Sandbox sandbox_;
  netns::Namespace ns_ = netns::Namespace::Create();
};

// Pumps until the output ends, then waits for the end.
Ended Finish(Program& program) {
  const TimePoint deadline = Deadline();
  while (program.output_fd() >= 0 && MonotonicClock::now() < deadline) {
    WaitReadable(program.output_fd());
    program.Pump();
  }
  WaitReadable(program.pidfd());
  return program.Poll().value_or(Ended{});
}

void PumpUntil(Program& program, const std::string& text) {
  while (program.output().find(text) == std::string::npos) {
    ASSERT_TRUE(WaitReadable(program.output_fd())) << program.output();
    ASSERT_GE(program.output_fd(), 0) << program.output();
    program.Pump();
  }
}

template <typename F>
std::string ErrorOf(F&& f) {
  try {
    f();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST_F(ProgramTest, ReportsItsExitCodeAndBothOutputs) {
  Program program = Shell("echo out; echo err >&2; exit 7");
  EXPECT_EQ(Finish(program).exit_code, 7);
  EXPECT_EQ(program.output(), "out\nerr\n");
}

TEST_F(ProgramTest, LivesInTheNamespace) {
  Program program = Shell("readlink /proc/self/ns/net");
  Finish(program);
  EXPECT_EQ(program.output(), "net:[" + std::to_string(ns_.inode()) + "]\n");
}

TEST_F(ProgramTest, HasNoDescriptorsButTheStandardOnes) {
  const FileDescriptor leaky(open("/dev/zero", O_RDONLY));  // no O_CLOEXEC
  Program program(sandbox_, ns_, {.arguments = {"ls", "/proc/self/fd"}});
  Finish(program);
  EXPECT_EQ(program.output(), "0\n1\n2\n3\n");  // 3 is ls reading the directory
}

TEST_F(ProgramTest, HasNoOtherDescriptorsBesideTheReadinessDescriptor) {
  Program program(
      sandbox_, ns_,
      {.arguments = {"ls", "/proc/self/fd"}, .readiness_descriptor = 40});
  Finish(program);
  EXPECT_EQ(program.output(), "0\n1\n2\n3\n40\n");
}

TEST_F(ProgramTest, LeadsItsGroupWithoutBlockedOrIgnoredSignals) {
  signal(SIGUSR2, SIG_IGN);
  Program program = Shell("grep -E 'SigBlk|SigIgn' /proc/self/status");
  signal(SIGUSR2, SIG_DFL);
  EXPECT_EQ(getpgid(program.pid()), program.pid());
  Finish(program);
  EXPECT_THAT(program.output(), AllOf(HasSubstr("SigBlk:\t0000000000000000"),
                                      HasSubstr("SigIgn:\t0000000000000000")));
}

TEST_F(ProgramTest, MayOpenAsManyFilesAsTheHardLimitAllows) {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  Program program = Shell("ulimit -Sn");
  Finish(program);
  EXPECT_EQ(program.output(),
            std::to_string(std::min<rlim_t>(limit.rlim_max, 1 << 20)) + "\n");
}

TEST_F(ProgramTest, GetsOurEnvironmentWithAdditions) {
  setenv("FINWAIT_TEST_OURS", "kept", 1);
  setenv("FINWAIT_TEST_BOTH", "ours", 1);
  Program program(
      sandbox_, ns_,
      {.arguments = {"env"}, .environment = {{"FINWAIT_TEST_BOTH", "added"}}});
  Finish(program);
  EXPECT_THAT(program.output(), AllOf(HasSubstr("FINWAIT_TEST_OURS=kept\n"),
                                      HasSubstr("FINWAIT_TEST_BOTH=added\n"),
                                      Not(HasSubstr("=ours"))));
}

TEST_F(ProgramTest, IsFedItsInputAndItsEnd) {
  Program program(sandbox_, ns_,
                  {.arguments = {"cat"}, .standard_input = "a story\n"});
  EXPECT_EQ(Finish(program).exit_code, 0);
  EXPECT_EQ(program.output(), "a story\n");
}

TEST_F(ProgramTest, IsFedMoreThanAPipeHolds) {
  Program program(
      sandbox_, ns_,
      {.arguments = {"wc", "-c"}, .standard_input = std::string(3 << 20, 'x')});
  const TimePoint deadline = Deadline();
  while (!program.Poll() && MonotonicClock::now() < deadline) {
    WaitReadable(program.pidfd(), 1);
  }
  Finish(program);
  EXPECT_EQ(program.output(), "3145728\n");
}

TEST_F(ProgramTest, AnswersLaterInput) {
  Program program(sandbox_, ns_,
                  {.arguments = {"cat"}, .keep_input_open = true});
  program.WriteInput("first\n");
  PumpUntil(program, "first\n");
  program.WriteInput("second\n");
  PumpUntil(program, "second\n");
  EXPECT_FALSE(program.Poll());
}

TEST_F(ProgramTest, InputOfAProgramThatHasEndedIsDropped) {
  Program program(sandbox_, ns_,
                  {.arguments = {"true"}, .keep_input_open = true});
  Finish(program);
  program.WriteInput("to nobody");  // no SIGPIPE
  EXPECT_EQ(program.Poll()->exit_code, 0);
}

TEST_F(ProgramTest, KeepsTheLastOfMuchOutput) {
  Program program = Shell("yes 0123456 | head -c 400000; echo the end");
  Finish(program);
  EXPECT_EQ(program.output().size(), 65536U);
  EXPECT_THAT(program.output(), EndsWith("the end\n"));
}

TEST_F(ProgramTest, OutputWithoutPauseDoesNotHoldTheCaller) {
  Program program = Shell("yes");
  PumpUntil(program, "y\n");
  program.Pump();
  EXPECT_FALSE(program.Poll());
}

TEST_F(ProgramTest, IsReadyWhenItWritesTheDescriptor) {
  Program program(sandbox_, ns_,
                  {.arguments = {"sh", "-c", "read go; echo up >&3; read end"},
                   .keep_input_open = true,
                   .readiness_descriptor = 3});
  EXPECT_FALSE(program.Ready());
  program.WriteInput("go\n");
  ASSERT_TRUE(WaitReadable(program.readiness_fd()));
  EXPECT_TRUE(program.Ready());
  EXPECT_TRUE(program.Ready());
  EXPECT_EQ(program.readiness_fd(), -1);
}

TEST_F(ProgramTest, IsNotReadyWhenItOnlyClosesTheDescriptor) {
  Program program(sandbox_, ns_,
                  {.arguments = {"true"}, .readiness_descriptor = 3});
  ASSERT_TRUE(WaitReadable(program.readiness_fd()));
  EXPECT_FALSE(program.Ready());
  EXPECT_EQ(program.readiness_fd(), -1);
}

TEST_F(ProgramTest, SignalsReachTheWholeGroup) {
  Program program = Shell("sleep 1000 & echo $!; wait");
  PumpUntil(program, "\n");
  program.Signal(SIGTERM);
  EXPECT_EQ(Finish(program).term_signal, SIGTERM);  // output ends: both ended
}

TEST_F(ProgramTest, DestructionEndsWhatItLeftBehind) {
  std::vector<FileDescriptor> processes;
  {
    Program program = Shell("sleep 1000 & echo started");
    PumpUntil(program, "started");
    WaitReadable(program.pidfd());
    EXPECT_EQ(program.Poll()->exit_code, 0);
    processes = ProcessesIn(ns_);
    EXPECT_EQ(processes.size(), 1U) << "sleep should have outlived its shell";
    program.Signal(SIGKILL);  // nothing once ended
    EXPECT_FALSE(WaitReadable(processes.at(0).get(), 0));
  }
  ExpectEnded(processes);
}

TEST_F(ProgramTest, ThatIsNotThereIsNamed) {
  EXPECT_EQ(ErrorOf([&] {
              Program(sandbox_, ns_, {.arguments = {"finwait-no-such"}});
            }),
            "finwait-no-such: not found in PATH");
  EXPECT_THAT(
      ErrorOf([&] { Program(sandbox_, ns_, {.arguments = {"/no/such"}}); }),
      StartsWith("/no/such: "));
}

TEST_F(ProgramTest, ThatCannotBeExecutedIsNamedAndLeavesNoZombie) {
  char path[] = "/tmp/finwait-not-a-program-XXXXXX";
  FileDescriptor file(mkostemp(path, O_CLOEXEC));
  ASSERT_EQ(write(file.get(), "#!/no/such/interpreter\n", 23), 23);
  fchmod(file.get(), 0700);
  file.reset();
  const std::string error =
      ErrorOf([&] { Program(sandbox_, ns_, {.arguments = {path}}); });
  unlink(path);
  EXPECT_EQ(error,
            "starting " + std::string(path) + ": No such file or directory");
  siginfo_t zombie{};
  waitid(P_ALL, 0, &zombie, WEXITED | WNOHANG | WNOWAIT);
  EXPECT_EQ(zombie.si_pid, 0);
}

TEST_F(ProgramTest, HundredRunAtOnce) {
  std::vector<Program> programs;
  for (int number = 0; number < 100; ++number) {
    const std::string script = "read go; echo " + std::to_string(number);
    programs.emplace_back(
        sandbox_, ns_,
        Command{.arguments = {"sh", "-c", script}, .keep_input_open = true});
  }
  for (Program& program : programs) EXPECT_FALSE(program.Poll());
  for (Program& program : programs) program.WriteInput("go\n");
  for (std::size_t number = 0; number < programs.size(); ++number) {
    EXPECT_EQ(Finish(programs[number]).exit_code, 0);
    EXPECT_EQ(programs[number].output(), std::to_string(number) + "\n");
  }
}

TEST_F(ProgramTest, MoveAssignmentEndsTheFormerProgram) {
  Program first = Shell("sleep 1000");
  Program second = Shell("sleep 1000");
  const pid_t first_pid = first.pid();
  const pid_t second_pid = second.pid();
  first = std::move(second);
  EXPECT_EQ(kill(first_pid, 0), -1);
  EXPECT_EQ(first.pid(), second_pid);
  EXPECT_FALSE(first.Poll());
}

TEST_F(ProgramTest, StartsInOurDirectory) {
  Program program = Shell("pwd -P");
  Finish(program);
  EXPECT_EQ(program.output(), std::filesystem::current_path().string() + "\n");
}

// A run's /run. Where mounting is forbidden it is the host's.
class RunFolder : public ProgramTest {
 protected:
  void SetUp() override {
    Program program = Shell("ls -A /run | wc -l; stat -f -c %T /run");
    Finish(program);
    if (program.output() != "0\ntmpfs\n") {
      GTEST_SKIP() << "mounting is forbidden here";
    }
  }
};

TEST_F(RunFolder, IsSharedByARunAndHiddenFromTheHost) {
  Program writer = Shell("echo 42 > /run/finwait.pid && ls -A /run");
  Finish(writer);
  EXPECT_EQ(writer.output(), "finwait.pid\n");
  EXPECT_FALSE(std::filesystem::exists("/run/finwait.pid"));
  Program reader = Shell("cat /run/finwait.pid");
  Finish(reader);
  EXPECT_EQ(reader.output(), "42\n");
}

TEST_F(RunFolder, IsAnotherForEveryRun) {
  Program writer = Shell("echo 42 > /run/finwait.pid");
  EXPECT_EQ(Finish(writer).exit_code, 0);
  Sandbox other;
  Program reader(other, ns_, {.arguments = {"ls", "-A", "/run"}});
  Finish(reader);
  EXPECT_EQ(reader.output(), "");
}

TEST_F(RunFolder, MountsNothingForUs) {
  std::ifstream mounts("/proc/self/mounts");
  const std::string all{std::istreambuf_iterator<char>(mounts), {}};
  Sandbox another;
  std::ifstream later("/proc/self/mounts");
  EXPECT_EQ(all, std::string(std::istreambuf_iterator<char>(later), {}));
}

TEST(FindExecutable, LooksInPathAndSbin) {
  EXPECT_THAT(*FindExecutable("sh"), EndsWith("/sh"));
  EXPECT_EQ(FindExecutable("/bin/sh"), "/bin/sh");
  EXPECT_FALSE(FindExecutable("finwait-no-such"));
  EXPECT_FALSE(FindExecutable("/etc/passwd"));
  EXPECT_FALSE(FindExecutable("/etc"));
}

}  // namespace
}  // namespace finwait::process
