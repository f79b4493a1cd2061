#include "kernel/initial_archive.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "base/file_descriptor.h"
#include "unit/kernel/temporary_folder.h"

namespace finwait::kernel {
namespace {

namespace fs = std::filesystem;

struct Entry {
  unsigned mode = 0;
  std::string name;
  std::string bytes;
};

// The format as the kernel's documentation has it.
std::vector<Entry> Unpack(const std::string& archive) {
  std::vector<Entry> entries;
  for (std::size_t at = 0; at < archive.size();) {
    const auto number = [&](std::size_t n) {
      return std::strtoul(archive.substr(at + 6 + n * 8, 8).c_str(), nullptr,
                          16);
    };
    EXPECT_EQ(archive.substr(at, 6), "070701");
    EXPECT_EQ(at % 4, 0U);
    const std::size_t bytes = (at + 110 + number(11) + 3) / 4 * 4;
    entries.push_back({static_cast<unsigned>(number(1)),
                       archive.substr(at + 110, number(11) - 1),
                       archive.substr(bytes, number(6))});
    at = (bytes + number(6) + 3) / 4 * 4;
  }
  return entries;
}

std::string Written(const InitialFiles& files, int times = 1) {
  const TemporaryFolder folder;
  const fs::path path = folder.path() / "archive";
  const FileDescriptor file(
      open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  for (int n = 0; n < times; ++n) WriteArchive(files, file.get());
  std::ostringstream bytes;
  bytes << std::ifstream(path, std::ios::binary).rdbuf();
  return bytes.str();
}

TEST(InitialArchive, HoldsFoldersFilesAndLinks) {
  InitialFiles files;
  files.AddText("/made-up/text", "abcde");
  files.AddLink("/made-up/zlink", "text");
  const auto entries = Unpack(Written(files));
  ASSERT_EQ(entries.size(), 4U);
  EXPECT_EQ(entries[0].name, "made-up");
  EXPECT_EQ(entries[0].mode, 0040755U);
  EXPECT_EQ(entries[1].name, "made-up/text");
  EXPECT_EQ(entries[1].mode, 0100644U);
  EXPECT_EQ(entries[1].bytes, "abcde");
  EXPECT_EQ(entries[2].mode, 0120777U);
  EXPECT_EQ(entries[2].bytes, "text");
  EXPECT_EQ(entries[3].name, "TRAILER!!!");
}

// Or images would differ whenever somebody else writes to /tmp.
TEST(InitialArchive, TellsNoTimeOfFoldersPassedThrough) {
  const TemporaryFolder folder;
  std::ofstream(folder.path() / "file") << "text";
  InitialFiles before;
  before.Add(folder.path() / "file");
  fs::last_write_time(folder.path(), fs::file_time_type::clock::now() +
                                         std::chrono::seconds(5));
  InitialFiles after;
  after.Add(folder.path() / "file");
  EXPECT_EQ(Written(before), Written(after));
}

TEST(InitialArchive, MayFollowAnother) {
  InitialFiles files;
  files.AddText("/made-up/text", "abcdef");
  EXPECT_EQ(Unpack(Written(files, 2)).size(), 6U);
}

TEST(InitialArchive, HoldsTheHostsBytes) {
  const TemporaryFolder folder;
  const std::string text(3'000'001, 'x');
  std::ofstream(folder.path() / "file") << text;
  InitialFiles files;
  files.Add(folder.path() / "file");
  bool found = false;
  for (const Entry& entry : Unpack(Written(files))) {
    found = found || (entry.name.ends_with("/file") && entry.bytes == text);
  }
  EXPECT_TRUE(found);
}

}  // namespace
}  // namespace finwait::kernel
