// Who holds a socket, and who did.
#include "process/holders.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <optional>

#include "loopback.h"

namespace finwait::process {
namespace {

class HoldersTest : public testing::Test {
 protected:
  std::uint32_t InodeOf(int fd) {
    struct stat status {};
    const std::string path =
        "/proc/" + std::to_string(actor_->pid()) + "/fd/" + std::to_string(fd);
    EXPECT_EQ(stat(path.c_str(), &status), 0);
    return static_cast<std::uint32_t>(status.st_ino);
  }

  Sandbox sandbox_;
  netns::Namespace ns_ = NamespaceWithLoopback();
  std::optional<Actor> actor_{std::in_place, sandbox_, ns_, "holder"};
  Holders holders_{ns_};
};

TEST_F(HoldersTest, RemembersWhoHeldASocketThatIsClosed) {
  const int fd = Socket(*actor_);
  const std::uint32_t inode = InodeOf(fd);
  ASSERT_EQ(holders_.Of(inode).size(), 1U);
  actor_->Do({.kind = Call::Kind::kClose, .fd = fd});
  const auto owners = holders_.Of(inode);
  ASSERT_EQ(owners.size(), 1U);
  EXPECT_EQ(owners[0].command, "holder");
  EXPECT_EQ(owners[0].pid, actor_->pid());
}

TEST_F(HoldersTest, RemembersOfADeadProcess) {
  const std::uint32_t inode = InodeOf(Socket(*actor_));
  holders_.Of(inode);
  actor_->Kill();
  EXPECT_EQ(holders_.Of(inode).size(), 1U);
}

// Its number may be another socket's by then.
TEST_F(HoldersTest, ForgetsWhenItIsTold) {
  const int fd = Socket(*actor_);
  const std::uint32_t inode = InodeOf(fd);
  holders_.Of(inode);
  actor_->Do({.kind = Call::Kind::kClose, .fd = fd});
  holders_.Forget(inode);
  Holders others(ns_);
  EXPECT_TRUE(others.Of(inode).empty());
}

TEST_F(HoldersTest, NamesNobodyWhereThereIsNobody) {
  EXPECT_TRUE(holders_.Of(0).empty());
  const std::uint32_t inode = InodeOf(Socket(*actor_));
  const netns::Namespace other = netns::Namespace::Create();
  EXPECT_TRUE(Holders(other).Of(inode).empty());
}

}  // namespace
}  // namespace finwait::process
