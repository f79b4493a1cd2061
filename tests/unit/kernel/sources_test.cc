// What is read of package lists, kernel trees, logs and images.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "base/error.h"
#include "kernel/apt.h"
#include "kernel/image.h"
#include "kernel/make.h"
#include "kernel/packages.h"
#include "kernel/tree.h"
#include "kernel/user_mode_config.h"
#include "process/job.h"
#include "unit/kernel/temporary_folder.h"

namespace finwait::kernel {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

TEST(Suite, IsWhatFollowsDebian) {
  EXPECT_EQ(SuiteOf("debian:trixie-backports"), "trixie-backports");
  EXPECT_EQ(SuiteOf("../linux"), std::nullopt);
  EXPECT_THROW(SuiteOf("debian:"), Error);
  EXPECT_THROW(SuiteOf("debian:a b"), Error);
}

TEST(Mirror, IsTheArchiveWithADebianSuite) {
  constexpr char kUris[] =
      "'http://one.example/dists/nodistro/main/binary-amd64/Packages.xz' a 0\n"
      "'http://two.example/debian/dists/bookworm/stable/binary-amd64/P' b 0\n"
      "'http://three.example/debian/dists/bookworm/InRelease' c 0\n"
      "'http://four.example/debian/dists/trixie/main/binary-amd64/P' d 0\n";
  EXPECT_EQ(MirrorIn(kUris), "http://four.example/debian");
  EXPECT_EQ(MirrorIn(""), "");
}

TEST(PackageTest, KnowsNameVersionAndWhatItDependsOn) {
  const Package package = ParsePackage(
      "Package: linux-image-7.2-cloud-amd64\n"
      "Version: 7.2.13-1~bpo13+1\n"
      "Depends: dracut | initramfs-tools (>= 0.120+deb8u2), "
      "linux-binary-7.2 (= 7.2.13-1)\n"
      "Description: a kernel\n");
  EXPECT_EQ(package.name, "linux-image-7.2-cloud-amd64");
  EXPECT_EQ(package.version, "7.2.13-1~bpo13+1");
  EXPECT_THAT(package.depends,
              ElementsAre("dracut", "initramfs-tools", "linux-binary-7.2"));
}

TEST(Version, IsShortenedAndCompared) {
  EXPECT_EQ(MajorMinor("6.12.107+deb13-cloud-amd64"), "6.12");
  EXPECT_TRUE(IsAtLeast("6.13.0", 6, 13));
  EXPECT_TRUE(IsAtLeast("7.0-rc1", 6, 13));
  EXPECT_FALSE(IsAtLeast("6.9.12", 6, 13));
  EXPECT_FALSE(IsAtLeast("5.15.1", 6, 13));
}

TEST(BzImage, SaysItsRelease) {
  const TemporaryFolder folder;
  const fs::path image = folder.path() / "vmlinuz";
  std::string bytes(0x600, '\0');
  bytes.replace(0x202, 4, "HdrS");
  bytes[0x20e] = 0x10;  // its version is at 0x200 + 0x310
  bytes[0x20f] = 0x03;
  bytes.replace(0x510, 13, "6.1.0-50 (x@y");
  std::ofstream(image) << bytes;
  EXPECT_EQ(ReleaseOfBzImage(image), "6.1.0-50");
  std::ofstream(image) << "text";
  EXPECT_EQ(ReleaseOfBzImage(image), "");
}

TEST(Config, NamesTheOptionsWithoutWhichThereIsNoGuest) {
  EXPECT_THAT(MissingOptions(UserModeConfig()), IsEmpty());
  std::string without(UserModeConfig());
  const std::string option = "CONFIG_VETH=y\n";
  without.erase(without.find(option), option.size());
  EXPECT_THAT(MissingOptions(without), ElementsAre("CONFIG_VETH"));
}

TEST(Log, IsToldByItsFirstErrorAndItsEnd) {
  std::string log = "  CC a.o\na.c:1: error: no\n";
  for (int i = 0; i < 20; ++i) log += "line " + std::to_string(i) + "\n";
  EXPECT_THAT(Essence(log),
              testing::AllOf(HasSubstr("a.c:1: error: no"),
                             HasSubstr("line 19"), Not(HasSubstr("line 3\n"))));
}

class TreeTest : public testing::Test {
 protected:
  TreeTest() {
    fs::create_directories(tree_ / "arch/um");
    Write("Makefile",
          "# SPDX\nVERSION = 6\nPATCHLEVEL = 1\nSUBLEVEL = 7\n"
          "EXTRAVERSION = -rc2\n");
    Write("a.c", "one");
  }

  void Write(const std::string& name, const std::string& text) const {
    std::ofstream(tree_ / name) << text;
  }
  void Git(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), {"git", "-c", "user.name=x", "-c",
                                         "user.email=x@example.org"});
    process::OutputOf({.command = arguments, .folder = tree_});
  }
  Tree Read() const { return ReadTree(tree_, temporary_.path() / "scratch"); }

  TemporaryFolder temporary_;
  const fs::path tree_ = temporary_.path() / "linux";
};

TEST_F(TreeTest, HasTheVersionOfItsMakefile) {
  EXPECT_EQ(Read().version, "6.1.7-rc2");
  EXPECT_THROW(VersionOfTree(temporary_.path()), Error);
}

TEST_F(TreeTest, HasAContentThatFollowsItsFiles) {
  const std::string before = Read().content;
  EXPECT_EQ(Read().content, before);
  Write("a.c", "two");
  EXPECT_NE(Read().content, before);
  Write("a.c", "one");
  EXPECT_EQ(Read().content, before);
}

TEST_F(TreeTest, OfARepositoryIsWhatACommitOfAllWouldHold) {
  Git({"init", "--quiet"});
  Git({"add", "--all"});
  Git({"commit", "--quiet", "--message=one"});
  const Tree clean = Read();
  EXPECT_THAT(clean.revision, Not(IsEmpty()));
  Write("a.c", "two");
  const Tree changed = Read();
  EXPECT_NE(changed.content, clean.content);
  EXPECT_EQ(changed.revision, clean.revision + "-dirty");
  Git({"commit", "--quiet", "--all", "--message=two"});
  EXPECT_EQ(Read().content, changed.content);
}

// As where a home folder is one: the tree is not in it.
TEST_F(TreeTest, IsNotTakenForTheRepositoryAroundIt) {
  std::ofstream(temporary_.path() / ".gitignore") << "*\n";
  process::OutputOf(
      {.command = {"git", "init", "--quiet"}, .folder = temporary_.path()});
  const std::string before = Read().content;
  Write("a.c", "two");
  EXPECT_NE(Read().content, before);
}

}  // namespace
}  // namespace finwait::kernel
