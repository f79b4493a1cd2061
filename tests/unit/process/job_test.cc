#include "process/job.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file_descriptor.h"

namespace finwait::process {
namespace {

using testing::HasSubstr;

std::vector<std::string> Shell(const std::string& script) {
  return {"sh", "-c", script};
}

TEST(Job, EndsWithItsExitCodeOrSignal) {
  EXPECT_EQ(RunJob({.command = Shell("exit 7")}), 7);
  EXPECT_EQ(RunJob({.command = Shell("kill -TERM $$")}), 128 + SIGTERM);
}

TEST(Job, GivesItsOutputInOrder) {
  std::string text;
  RunJob({.command = Shell("echo one; echo two >&2; echo three"),
          .on_output = [&](std::string_view more) { text += more; }});
  EXPECT_EQ(text, "one\ntwo\nthree\n");
}

TEST(Job, RunsInAFolderWithAnEnvironmentAndNoInput) {
  EXPECT_EQ(OutputOf({.command = Shell("pwd; echo $GREETING; cat"),
                      .folder = "/usr",
                      .environment = {{"GREETING", "hello"}}}),
            "/usr\nhello");
}

TEST(Job, ItsErrorsAreToldIfItFails) {
  EXPECT_EQ(OutputOf({.command = Shell("echo noise >&2; echo fine")}), "fine");
  try {
    OutputOf({.command = Shell("echo it is broken >&2; exit 1")});
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("it is broken"));
  }
}

TEST(Job, WhatCannotBeStartedIsNamed) {
  EXPECT_THROW(RunJob({.command = {"no-such-tool"}}), Error);
  EXPECT_THROW(RunJob({.command = {"true"}, .folder = "/no/such"}), Error);
}

// Its grandchild dies with it; somebody else reaps that.
TEST(Job, ACallbackThatThrowsEndsTheWholeGroup) {
  pid_t grandchild = 0;
  EXPECT_THROW(RunJob({.command = Shell("tail -f /dev/null & echo $!; wait"),
                       .on_output =
                           [&](std::string_view text) {
                             grandchild = std::stoi(std::string(text));
                             throw Error("listening", "enough");
                           }}),
               Error);
  ASSERT_GT(grandchild, 0);
  const FileDescriptor watched(
      static_cast<int>(syscall(SYS_pidfd_open, grandchild, 0)));
  pollfd polled{watched.get(), POLLIN, 0};
  EXPECT_TRUE(!watched.valid() || poll(&polled, 1, 60'000) == 1);
}

}  // namespace
}  // namespace finwait::process
