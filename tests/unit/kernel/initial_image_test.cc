#include "kernel/initial_image.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <sstream>
#include <string>

#include "base/error.h"
#include "unit/kernel/temporary_folder.h"

namespace finwait::kernel {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

class InitialImageTest : public testing::Test {
 protected:
  InitialImageTest() {
    fs::copy_file("/bin/true", program_);
    std::ofstream(scenario_) << "a scenario";
    needs_.finwait = program_;
    needs_.files = {scenario_};
  }

  std::string Image() const {
    const InitialImage image =
        MakeInitialImage({.name = "one", .content = "1"}, needs_, cache_);
    std::ostringstream bytes;
    bytes << std::ifstream(image.path, std::ios::binary).rdbuf();
    EXPECT_EQ(bytes.str().size(), image.bytes);
    return bytes.str();
  }

  // How many images were made: each has a name of its own.
  int Made() const {
    int images = 0;
    for (const auto& entry :
         fs::directory_iterator(cache_.Workshop("initial-files"))) {
      images += entry.path().extension() == ".cpio" ? 1 : 0;
    }
    return images;
  }

  TemporaryFolder folder_;
  fs::path program_ = folder_.path() / "program";
  fs::path scenario_ = folder_.path() / "x.toml";
  Cache cache_{folder_.path() / "cache"};
  Needs needs_;
};

TEST_F(InitialImageTest, StartsFinwaitAndHoldsTheScenarios) {
  const std::string image = Image();
  EXPECT_THAT(image, HasSubstr("init"));
  EXPECT_THAT(image, HasSubstr(program_.string()));
  EXPECT_THAT(image, HasSubstr("a scenario"));
}

TEST_F(InitialImageTest, IsTheSameForTheSameFiles) {
  EXPECT_EQ(Image(), Image());
  EXPECT_EQ(Made(), 1);
}

TEST_F(InitialImageTest, IsMadeAgainWhenAProgramChanges) {
  Image();
  fs::last_write_time(
      program_, fs::file_time_type::clock::now() + std::chrono::seconds(5));
  Image();
  EXPECT_EQ(Made(), 2);
}

TEST_F(InitialImageTest, HoldsTheScenariosAsTheyAreNow) {
  Image();
  std::ofstream(scenario_) << "another one";
  const std::string image = Image();
  EXPECT_THAT(image, HasSubstr("another one"));
  EXPECT_THAT(image, Not(HasSubstr("a scenario")));
  EXPECT_EQ(Made(), 1);
}

TEST_F(InitialImageTest, GoesWithItsOwner) {
  InitialImage image = MakeInitialImage({.name = "one"}, needs_, cache_);
  EXPECT_TRUE(fs::exists(image.path));
  image.keeps.reset();
  EXPECT_FALSE(fs::exists(image.path));
}

TEST_F(InitialImageTest, NamesWhatIsMissing) {
  needs_.programs = {"no-such-program"};
  try {
    Image();
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("no-such-program"));
  }
}

TEST_F(InitialImageTest, RefusesFoldersThatFitInNoMemory) {
  const fs::path large = folder_.path() / "large";
  fs::create_directory(large);
  for (const char* name : {"a", "b", "c"}) {
    std::ofstream(large / name) << "sparse";
    fs::resize_file(large / name, std::uintmax_t{200} << 20);
  }
  needs_.files = {large};
  try {
    Image();
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr(large.string()));
    EXPECT_THAT(error.what(), HasSubstr("memory"));
  }
}

}  // namespace
}  // namespace finwait::kernel
