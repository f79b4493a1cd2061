// Where our control group is, on systems of every make.
#include "process/cgroup_place.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace finwait::process {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

constexpr char kVersion2Only[] =
    "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n"
    "30 23 0:26 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime shared:4 - "
    "cgroup2 cgroup2 rw,nsdelegate,memory_recursiveprot\n";

constexpr char kHybrid[] =
    "31 23 0:28 / /sys/fs/cgroup ro,relatime - tmpfs tmpfs ro,mode=755\n"
    "40 31 0:37 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,name=systemd\n"
    "41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw\n"
    "42 31 0:29 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu\n";

constexpr char kVersion1Only[] =
    "31 23 0:28 / /sys/fs/cgroup ro,relatime - tmpfs tmpfs ro,mode=755\n"
    "42 31 0:29 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu\n";

CgroupMount OnlyMount(std::string_view mountinfo) {
  const auto mounts = CgroupMounts(mountinfo);
  EXPECT_THAT(mounts, SizeIs(1));
  return mounts.empty() ? CgroupMount{} : mounts.front();
}

TEST(CgroupMounts, FindsVersion2Alone) {
  const CgroupMount mount = OnlyMount(kVersion2Only);
  EXPECT_EQ(mount.directory, "/sys/fs/cgroup");
  EXPECT_EQ(mount.root, "/");
  EXPECT_FALSE(mount.read_only);
}

TEST(CgroupMounts, FindsVersion2BesideVersion1) {
  const CgroupMount mount = OnlyMount(kHybrid);
  EXPECT_EQ(mount.directory, "/sys/fs/cgroup/unified");
  EXPECT_FALSE(mount.read_only);
}

TEST(CgroupMounts, FindsNothingWhereThereIsNoVersion2) {
  EXPECT_THAT(CgroupMounts(kVersion1Only), IsEmpty());
  EXPECT_THAT(CgroupMounts(""), IsEmpty());
}

TEST(CgroupMounts, SeesReadOnlyMountsAndHierarchies) {
  EXPECT_TRUE(OnlyMount("9 8 0:7 / /c ro,nosuid - cgroup2 c rw").read_only);
  EXPECT_TRUE(OnlyMount("9 8 0:7 / /c rw - cgroup2 c ro,nsdelegate").read_only);
  EXPECT_FALSE(OnlyMount("9 8 0:7 / /c rw,rotten - cgroup2 c rw").read_only);
}

TEST(CgroupMounts, KeepsTheRootAsTheNamespaceSeesIt) {
  EXPECT_EQ(OnlyMount("9 8 0:7 /../.. /c rw - cgroup2 c rw").root, "/../..");
  EXPECT_EQ(OnlyMount("9 8 0:7 /docker/1 /c rw - cgroup2 c rw").root,
            "/docker/1");
}

TEST(CgroupMounts, UndoesTheEscapesOfBlanks) {
  EXPECT_EQ(
      OnlyMount(R"(9 8 0:7 / /my\040c\134\01 rw - cgroup2 c rw)").directory,
      R"(/my c\\01)");
}

// Any number of tags, and a source that is empty.
TEST(CgroupMounts, ReadsLinesOfEveryLength) {
  EXPECT_EQ(OnlyMount("9 8 0:7 / /c rw shared:1 master:2 x:3 - cgroup2 c rw")
                .directory,
            "/c");
  EXPECT_EQ(OnlyMount("9 8 0:7 / /c rw - cgroup2  rw").directory, "/c");
  EXPECT_THAT(CgroupMounts("9 8 0:7 / /c - cgroup2 c rw\n9 8\n-"), IsEmpty());
}

TEST(OwnCgroup, IsTheLineOfHierarchyZero) {
  EXPECT_EQ(OwnCgroup("0::/user.slice/session-1.scope\n"),
            "/user.slice/session-1.scope");
  EXPECT_EQ(OwnCgroup("9:name=systemd:/old\n4:memory:/a/b\n0::/new\n"), "/new");
  EXPECT_EQ(OwnCgroup("0::/../other\n"), "/../other");
}

TEST(OwnCgroup, IsTheTopWhereThereIsNone) {
  EXPECT_EQ(OwnCgroup("4:memory:/a/b\n10::/c\n"), "/");
  EXPECT_EQ(OwnCgroup(""), "/");
}

TEST(DirectoryOf, IsBelowTheMount) {
  const CgroupMount mount{.directory = "/sys/fs/cgroup", .root = "/"};
  EXPECT_EQ(DirectoryOf("/", mount), "/sys/fs/cgroup");
  EXPECT_EQ(DirectoryOf("/a.slice/b", mount), "/sys/fs/cgroup/a.slice/b");
  EXPECT_EQ(DirectoryOf("/a", {.directory = "/", .root = "/"}), "/a");
}

// A container that sees the names of the host's cgroups, and of them its own.
TEST(DirectoryOf, LeavesOutWhatIsAboveTheMount) {
  const CgroupMount mount{.directory = "/c", .root = "/docker/1"};
  EXPECT_EQ(DirectoryOf("/docker/1", mount), "/c");
  EXPECT_EQ(DirectoryOf("/docker/1/x", mount), "/c/x");
  EXPECT_EQ(DirectoryOf("/docker/12", mount), std::nullopt);
  EXPECT_EQ(DirectoryOf("/docker", mount), std::nullopt);
}

TEST(DirectoryOf, KnowsNoNamesOutsideOfTheNamespace) {
  const CgroupMount inside{.directory = "/c", .root = "/"};
  EXPECT_EQ(DirectoryOf("/../sibling", inside), std::nullopt);
  const CgroupMount above{.directory = "/c", .root = "/.."};
  EXPECT_EQ(DirectoryOf("/../sibling", above), "/c/sibling");
  EXPECT_EQ(DirectoryOf("/", above), std::nullopt);
  EXPECT_EQ(DirectoryOf("/../../uncle", above), std::nullopt);
}

}  // namespace
}  // namespace finwait::process
