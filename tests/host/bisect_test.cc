// What finwait bisect-run says of a tree to git, with a tree that only looks
// like a kernel's: its Makefile "builds" a program that is none.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "command.h"

namespace finwait::host {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

constexpr char kScenario[] = SCENARIOS "/opening/refused.toml";

class Bisect : public testing::Test {
 protected:
  Bisect() {
    std::string name = fs::temp_directory_path() / "finwait-XXXXXX";
    folder_ = mkdtemp(name.data());
    fs::create_directories(tree() / "arch/um");
    WriteMakefile("cp linux.sh $(O)/linux");
    std::ofstream(tree() / "linux.sh") << "#!/bin/sh\necho no kernel at all\n";
    fs::permissions(tree() / "linux.sh", fs::perms::owner_all);
    // This Makefile runs none of them, but finwait asks for them.
    fs::create_directories(folder_ / "bin");
    for (const char* tool : {"flex", "bison", "bc"}) {
      fs::create_symlink("/bin/true", folder_ / "bin" / tool);
    }
  }
  ~Bisect() override {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }

  fs::path tree() const { return folder_ / "linux"; }

  void WriteMakefile(const std::string& recipe, int major = 7) const {
    std::ofstream(tree() / "Makefile")
        << "VERSION = " << major << "\nPATCHLEVEL = 1\nSUBLEVEL = 0\n"
        << "EXTRAVERSION =\n"
        << "allnoconfig:\n\tcp $(KCONFIG_ALLCONFIG) $(O)/.config\n"
        << "linux:\n\t" << recipe << "\n.PHONY: linux\n";
  }

  // Its exit status; the output is kept.
  int Run(const std::string& tree, const std::string& scenario) {
    const std::string cache = folder_ / "cache";
    Command command({"bisect-run", tree, scenario},
                    [&cache] { setenv("XDG_CACHE_HOME", cache.c_str(), 1); });
    const int status = command.Wait();
    output_ = command.output();
    return status;
  }

  fs::path folder_;
  std::string output_;
};

TEST_F(Bisect, SkipsWhatDoesNotBuildAndShowsWhy) {
  WriteMakefile("echo 'a.c:1: error: no' && false");
  EXPECT_EQ(Run(tree(), kScenario), 125);
  EXPECT_THAT(output_, HasSubstr("a.c:1: error: no"));
  EXPECT_THAT(output_, HasSubstr("finwait.log"));
}

TEST_F(Bisect, SkipsWhatDoesNotBoot) {
  EXPECT_EQ(Run(tree(), kScenario), 125) << output_;
  EXPECT_THAT(output_, HasSubstr("no kernel at all"));
}

TEST_F(Bisect, BuildsOnlyWhatIsNew) {
  Run(tree(), kScenario);
  EXPECT_THAT(output_, HasSubstr("building uml-linux"));
  Run(tree(), kScenario);
  EXPECT_THAT(output_, HasSubstr("already there"));
  WriteMakefile("cp linux.sh $(O)/linux ");
  Run(tree(), kScenario);
  EXPECT_THAT(output_, HasSubstr("building uml-linux"));
}

TEST_F(Bisect, SkipsATreeThatCannotBeConfigured) {
  std::ofstream(tree() / "Makefile", std::ios::app)
      << "override KCONFIG_ALLCONFIG = /dev/null\n";
  EXPECT_EQ(Run(tree(), kScenario), 125) << output_;
  EXPECT_THAT(output_, HasSubstr("CONFIG_VETH"));
}

TEST_F(Bisect, NamesATreeThatWasBuiltInPlace) {
  std::ofstream(tree() / ".config") << "";
  EXPECT_EQ(Run(tree(), kScenario), 128) << output_;
  EXPECT_THAT(output_, HasSubstr("make mrproper"));
}

// None of these says anything of a commit: git has to stop.
TEST_F(Bisect, StopsWhereNoCommitCanBeJudged) {
  EXPECT_EQ(Run(tree(), "/no/such.toml"), 128) << output_;
  EXPECT_EQ(Run(folder_ / "nowhere", kScenario), 128) << output_;
  EXPECT_EQ(Run(tree(), "--no-such-option"), 128) << output_;
}

}  // namespace
}  // namespace finwait::host
