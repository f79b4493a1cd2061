#include "process/servant.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "base/error.h"
#include "process/child.h"
#include "process/pipes.h"

namespace finwait::process {
namespace {

using testing::HasSubstr;

// What a shell script leaves in descriptor 3, until it closes it.
std::string ThroughChannel(const std::string& script) {
  Pipe channel = MakePipe();
  const Child child(
      StartServant({.arguments = {"sh", "-c", script},
                    .environment = {{"WORD", "through the channel"}},
                    .directory = "/usr",
                    .channel = channel.write.get()}));
  channel.write.reset();
  std::string text;
  char buffer[256];
  for (ssize_t length;
       (length = read(channel.read.get(), buffer, sizeof buffer)) > 0;) {
    text.append(buffer, static_cast<std::size_t>(length));
  }
  return text;
}

TEST(Servant, SpeaksThroughItsChannel) {
  EXPECT_EQ(ThroughChannel("pwd >&3; echo $WORD >&3"),
            "/usr\nthrough the channel\n");
}

TEST(Servant, HasNoOtherDescriptors) {
  const Pipe other = MakePipe();
  // Those of ls itself: the folder that it reads is the last one.
  EXPECT_EQ(ThroughChannel("ls /proc/self/fd >&3"), "0\n1\n2\n3\n4\n");
}

TEST(Servant, WhatCannotBeStartedIsNamedAndLeavesNoProcess) {
  try {
    StartServant({.arguments = {"true"},
                  .environment = {},
                  .directory = "/no/such/folder"});
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("true"));
    EXPECT_EQ(error.code(), ENOENT);
  }
  EXPECT_EQ(waitpid(-1, nullptr, WNOHANG), -1);
  EXPECT_EQ(errno, ECHILD);
}

}  // namespace
}  // namespace finwait::process
