// finwait run --pcapng, as a user calls it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>

#include "command.h"

namespace finwait::host {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

constexpr char kRefused[] = SCENARIOS "/opening/refused.toml";

// A folder of its own for every test, gone with it.
class Packets : public ::testing::Test {
 protected:
  Packets() {
    std::string name = fs::temp_directory_path() / "finwait-packets-XXXXXX";
    folder_ = mkdtemp(name.data());
  }
  ~Packets() override { fs::remove_all(folder_); }

  fs::path folder_;
};

TEST_F(Packets, EveryCaseHasAFile) {
  const fs::path made = folder_ / "not/there/yet";
  Command command({"run", "--pcapng", made, kRefused});
  EXPECT_EQ(command.Wait(), 0) << command.output();
  for (const char* name :
       {"refused[family=ipv4].pcapng", "refused[family=ipv6].pcapng"}) {
    EXPECT_THAT(command.output(),
                HasSubstr("packets: " + (made / name).string() + "\n"));
    EXPECT_GT(fs::file_size(made / name), 500U);
  }
}

TEST_F(Packets, TheSameNameTwiceIsTwoFiles) {
  Command command(
      {"run", "--case", "ipv4", "--pcapng", folder_, kRefused, kRefused});
  EXPECT_EQ(command.Wait(), 0) << command.output();
  EXPECT_TRUE(fs::exists(folder_ / "refused[family=ipv4].pcapng"));
  EXPECT_TRUE(fs::exists(folder_ / "refused[family=ipv4]-2.pcapng"));
}

TEST_F(Packets, TheEnvironmentCanAskForThem) {
  Command command({"run", "--case", "ipv4", kRefused},
                  [this] { setenv("FINWAIT_PCAPNG", folder_.c_str(), 1); });
  EXPECT_EQ(command.Wait(), 0) << command.output();
  EXPECT_TRUE(fs::exists(folder_ / "refused[family=ipv4].pcapng"));
}

TEST_F(Packets, AFolderThatCannotBeIsSaidBeforeAnythingIsPlayed) {
  for (const char* folder : {"/proc/nothing", "/proc/sys", "/dev/null"}) {
    Command command({"run", "--pcapng", folder, kRefused});
    EXPECT_EQ(command.Wait(), 2);
    EXPECT_THAT(command.output(), HasSubstr(std::string("making ") + folder));
    EXPECT_THAT(command.output(), Not(HasSubstr("refused.toml")));
  }
}

// In the child: no file may grow beyond 100 bytes, as on a full disk.
void KeepFilesSmall() {
  const rlimit limit{100, 100};
  setrlimit(RLIMIT_FSIZE, &limit);
  signal(SIGXFSZ, SIG_IGN);
}

TEST_F(Packets, AFileThatCannotBeWrittenIsBrokenAndLeavesNoHalf) {
  Command command({"run", "--case", "ipv4", "--pcapng", folder_, kRefused},
                  KeepFilesSmall);
  EXPECT_EQ(command.Wait(), 3);
  EXPECT_THAT(command.output(), HasSubstr("File too large"));
  EXPECT_TRUE(fs::is_empty(folder_));
}

}  // namespace
}  // namespace finwait::host
