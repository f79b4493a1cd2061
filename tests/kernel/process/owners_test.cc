// Who holds a socket, seen from outside the sandbox.
#include "process/owners.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "loopback.h"
#include "process/program.h"

namespace finwait::process {
namespace {

// The inode behind an actor's descriptor.
std::uint32_t InodeOf(const Actor& actor, int fd) {
  struct stat status {};
  const std::string path =
      "/proc/" + std::to_string(actor.pid()) + "/fd/" + std::to_string(fd);
  EXPECT_EQ(stat(path.c_str(), &status), 0);
  return static_cast<std::uint32_t>(status.st_ino);
}

TEST(SocketOwners, NamesTheProcessAndItsDescriptor) {
  Sandbox sandbox;
  const netns::Namespace ns = NamespaceWithLoopback();
  Actor actor(sandbox, ns, "owner");
  const int fd = Socket(actor);
  const auto owners = SocketOwners(ns);
  const auto found = owners.find(InodeOf(actor, fd));
  ASSERT_NE(found, owners.end());
  EXPECT_EQ(found->second.pid, actor.pid());
  EXPECT_EQ(found->second.command, "owner");
  EXPECT_EQ(found->second.descriptor, fd);
}

TEST(SocketOwners, ForgetsAClosedSocket) {
  Sandbox sandbox;
  const netns::Namespace ns = NamespaceWithLoopback();
  Actor actor(sandbox, ns, "owner");
  const int fd = Socket(actor);
  const std::uint32_t inode = InodeOf(actor, fd);
  actor.Do({.kind = Call::Kind::kClose, .fd = fd});
  EXPECT_FALSE(SocketOwners(ns).contains(inode));
}

TEST(SocketOwners, LeavesOutOtherNamespaces) {
  Sandbox sandbox;
  const netns::Namespace ns = NamespaceWithLoopback();
  const netns::Namespace other = netns::Namespace::Create();
  Actor actor(sandbox, ns, "owner");
  Socket(actor);
  EXPECT_TRUE(SocketOwners(other).empty());
}

}  // namespace
}  // namespace finwait::process
