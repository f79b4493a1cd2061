#include "kernel/elf.h"

#include <elf.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <fstream>
#include <sstream>

#include "unit/kernel/temporary_folder.h"

namespace finwait::kernel {
namespace {

namespace fs = std::filesystem;

std::string ReadFile(const fs::path& path) {
  std::ostringstream bytes;
  bytes << std::ifstream(path, std::ios::binary).rdbuf();
  return bytes.str();
}

TEST(Elf, NamesTheLoaderOfAProgram) {
  auto elf = ReadElf("/proc/self/exe");
  ASSERT_TRUE(elf);
  EXPECT_EQ(elf->interpreter, "/lib64/ld-linux-x86-64.so.2");
}

TEST(Elf, NamesTheLibrariesOfAProgram) {
  auto elf = ReadElf("/bin/true");
  ASSERT_TRUE(elf);
  EXPECT_THAT(elf->libraries, testing::ElementsAre("libc.so.6"));
  EXPECT_FALSE(elf->searches_elsewhere);
}

TEST(Elf, IsNotAnythingElse) {
  EXPECT_FALSE(ReadElf("/etc/passwd"));
  EXPECT_FALSE(ReadElf("/dev/null"));
  EXPECT_FALSE(ReadElf("/no/such/file"));
}

TEST(Elf, NeedsNoSectionsToRun) {
  auto elf = ReadElf("/proc/self/exe");
  ASSERT_TRUE(elf);
  EXPECT_LT(elf->needed_bytes, fs::file_size("/proc/self/exe"));
}

TEST(Elf, CutFileStillRuns) {
  const TemporaryFolder folder;
  const fs::path cut = folder.path() / "true";
  auto elf = ReadElf("/bin/true");
  ASSERT_TRUE(elf);
  std::string bytes = ReadFile("/bin/true").substr(0, elf->needed_bytes);
  ForgetSections(bytes.data());
  std::ofstream(cut, std::ios::binary) << bytes;
  fs::permissions(cut, fs::perms::owner_all);
  EXPECT_EQ(std::system(cut.c_str()), 0);
}

// As self-extracting programs are made.
TEST(Elf, KeepsWhatIsAppendedToAProgram) {
  const TemporaryFolder folder;
  const fs::path program = folder.path() / "program";
  std::ofstream(program, std::ios::binary) << ReadFile("/bin/true") << "more";
  auto elf = ReadElf(program);
  ASSERT_TRUE(elf);
  EXPECT_EQ(elf->needed_bytes, fs::file_size(program));
}

TEST(Elf, ForgottenSectionsAreNone) {
  std::string bytes = ReadFile("/bin/true");
  ForgetSections(bytes.data());
  Elf64_Ehdr header;
  std::memcpy(&header, bytes.data(), sizeof header);
  EXPECT_EQ(header.e_shoff, 0U);
  EXPECT_EQ(header.e_shnum, 0);
  EXPECT_EQ(header.e_shstrndx, SHN_UNDEF);
  EXPECT_NE(header.e_phnum, 0);
}

TEST(SharedLibraries, AreThoseOfTheLoader) {
  auto elf = ReadElf("/bin/true");
  ASSERT_TRUE(elf);
  std::vector<std::string> names;
  for (const fs::path& library : SharedLibraries("/bin/true", *elf)) {
    EXPECT_TRUE(fs::exists(library)) << library;
    names.push_back(library.filename());
  }
  EXPECT_THAT(names, testing::Contains("libc.so.6"));
  EXPECT_THAT(names, testing::Contains("ld-linux-x86-64.so.2"));
}

}  // namespace
}  // namespace finwait::kernel
