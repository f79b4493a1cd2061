#include "kernel/program_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <string>

#include "base/error.h"
#include "unit/kernel/temporary_folder.h"

namespace finwait::kernel {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class ProgramFilesTest : public testing::Test {
 protected:
  std::string Script(const std::string& name, const std::string& text) {
    const fs::path path = folder_.path() / name;
    std::ofstream(path) << text;
    fs::permissions(path, fs::perms::owner_all);
    return path;
  }

  bool Has(const fs::path& path) const {
    return files_.entries().contains(fs::weakly_canonical(path));
  }

  std::string Refusal(const std::string& program) {
    try {
      programs_.Add(program);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  }

  TemporaryFolder folder_;
  InitialFiles files_;
  ProgramFiles programs_{files_};
};

TEST_F(ProgramFilesTest, ProgramComesWithItsLoaderAndLibraries) {
  programs_.Add("true");
  EXPECT_TRUE(Has("/bin/true"));
  EXPECT_TRUE(Has("/lib64/ld-linux-x86-64.so.2"));
  EXPECT_TRUE(Has("/lib/x86_64-linux-gnu/libc.so.6"));
}

TEST_F(ProgramFilesTest, ScriptComesWithItsInterpreterAndAShellWithItsTools) {
  const std::string script = Script("script", "#!/bin/sh -e\ntrue\n");
  programs_.Add(script);
  EXPECT_TRUE(Has(script));
  EXPECT_TRUE(Has("/bin/sh"));
  EXPECT_TRUE(Has("/bin/cat"));
}

TEST_F(ProgramFilesTest, EnvComesWithWhatItStarts) {
  programs_.Add(Script("script", "#!/usr/bin/env -S sed -f\n"));
  EXPECT_TRUE(Has("/usr/bin/env"));
  EXPECT_TRUE(Has("/bin/sed"));
}

TEST_F(ProgramFilesTest, PythonComesWithItsLibrary) {
  programs_.Add("python3");
  bool has_socket = false;
  bool has_tests = false;
  for (const auto& [path, file] : files_.entries()) {
    has_socket = has_socket || path.ends_with("/http/server.py");
    has_tests = has_tests || path.ends_with("/test/support");
  }
  EXPECT_TRUE(has_socket);
  EXPECT_FALSE(has_tests);
}

// Some machines choose among versions of Python by a script in PATH.
TEST_F(ProgramFilesTest, ScriptInPythonsPlaceLeadsToPython) {
  const std::string shim =
      Script("python3.9", "#!/bin/sh\nexec /usr/bin/env python3 \"$@\"\n");
  programs_.Add(shim);
  const auto entry = files_.entries().find(fs::weakly_canonical(shim));
  ASSERT_NE(entry, files_.entries().end());
  EXPECT_TRUE(S_ISLNK(entry->second.mode));
}

TEST_F(ProgramFilesTest, WhatIsMissingIsNamed) {
  EXPECT_THAT(Refusal("no-such-program"), HasSubstr("no-such-program"));
  EXPECT_THAT(Refusal("no-such-program"), HasSubstr("not found in PATH"));
  EXPECT_THAT(Refusal("/no/such/file"), HasSubstr("no such executable file"));
  EXPECT_THAT(Refusal(Script("script", "#!/no/such/shell\n")),
              HasSubstr("/no/such/shell"));
}

TEST_F(ProgramFilesTest, EveryGuestHasUsersAndAShell) {
  programs_.AddBasics();
  EXPECT_TRUE(Has("/etc/passwd"));
  EXPECT_TRUE(Has("/bin/sh"));
}

}  // namespace
}  // namespace finwait::kernel
