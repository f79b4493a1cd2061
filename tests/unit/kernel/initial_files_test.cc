#include "kernel/initial_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <vector>

#include "base/error.h"
#include "unit/kernel/temporary_folder.h"

namespace finwait::kernel {
namespace {

namespace fs = std::filesystem;
using testing::Contains;
using testing::ElementsAre;

class InitialFilesTest : public testing::Test {
 protected:
  void Write(const std::string& name, const std::string& text = "text") {
    fs::create_directories((root_ / name).parent_path());
    std::ofstream(root_ / name) << text;
  }

  void Link(const std::string& name, const std::string& target) {
    fs::create_symlink(target, root_ / name);
  }

  // The paths below our folder.
  std::vector<std::string> Names() const {
    std::vector<std::string> names;
    const std::string above = root_.string() + "/";
    for (const auto& [path, file] : files_.entries()) {
      if (path.starts_with(above)) names.push_back(path.substr(above.size()));
    }
    return names;
  }

  const InitialFile& At(const std::string& name) const {
    return files_.entries().at(root_ / name);
  }

  TemporaryFolder folder_;
  fs::path root_ = fs::canonical(folder_.path());
  InitialFiles files_;
};

TEST_F(InitialFilesTest, FileComesWithTheFoldersAboveIt) {
  Write("a/b/file", "12345");
  Write("a/other");
  files_.Add(root_ / "a/b/file");
  EXPECT_THAT(Names(), ElementsAre("a", "a/b", "a/b/file"));
  EXPECT_TRUE(S_ISDIR(At("a").mode));
  EXPECT_EQ(At("a/b/file").source, root_ / "a/b/file");
  EXPECT_EQ(At("a/b/file").size, 5U);
  EXPECT_EQ(files_.bytes(), 5U);
}

TEST_F(InitialFilesTest, LinkComesWithWhatItLeadsTo) {
  Write("real/file");
  Link("folder", "real");
  Link("real/name", "file");
  files_.Add(root_ / "folder/name");
  EXPECT_THAT(Names(), ElementsAre("folder", "real", "real/file", "real/name"));
  EXPECT_TRUE(S_ISLNK(At("folder").mode));
  EXPECT_EQ(At("folder").text, "real");
  EXPECT_EQ(At("real/name").text, "file");
}

TEST_F(InitialFilesTest, DotsLeadThroughLinksAsOnTheHost) {
  Write("deep/er/x");
  Write("deep/file");
  Link("short", "deep/er");
  files_.Add(root_ / "short/.././file");
  EXPECT_THAT(Names(), Contains("deep/file"));
}

TEST_F(InitialFilesTest, LinkInACircleIsAnError) {
  Link("one", "two");
  Link("two", "one");
  EXPECT_THROW(files_.Add(root_ / "one"), Error);
}

TEST_F(InitialFilesTest, WhatIsNotThereIsAnErrorThatNamesIt) {
  try {
    files_.Add(root_ / "missing");
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("missing"));
    EXPECT_EQ(error.code(), ENOENT);
  }
}

TEST_F(InitialFilesTest, FolderComesWithWhatIsWantedOfIt) {
  Write("a/keep/x");
  Write("a/drop/y");
  Write("a/z");
  mkfifo((root_ / "a/fifo").c_str(), 0600);
  files_.AddFolder(root_ / "a", [](const fs::path& path) {
    return path != path.parent_path() / "drop";
  });
  EXPECT_THAT(Names(), ElementsAre("a", "a/keep", "a/keep/x", "a/z"));
  EXPECT_TRUE(At("a/keep").whole);
  EXPECT_FALSE(At("a/z").source.empty());
}

TEST_F(InitialFilesTest, OurOwnFilesHaveFoldersToo) {
  files_.AddText(root_ / "made/up/text", "abc");
  files_.AddLink(root_ / "made/link", "/elsewhere");
  files_.AddEmptyFolder(root_ / "empty");
  EXPECT_THAT(Names(), ElementsAre("empty", "made", "made/link", "made/up",
                                   "made/up/text"));
  EXPECT_EQ(At("made/up/text").text, "abc");
  EXPECT_EQ(At("made/link").text, "/elsewhere");
}

TEST_F(InitialFilesTest, ProgramIsCutToWhatRuns) {
  files_.Add("/proc/self/exe");
  const InitialFile& program =
      files_.entries().at(fs::canonical("/proc/self/exe"));
  EXPECT_LT(program.size, fs::file_size(program.source));
}

}  // namespace
}  // namespace finwait::kernel
