#include "kernel/cache.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <fstream>
#include <thread>

#include "base/error.h"
#include "unit/kernel/temporary_folder.h"

namespace finwait::kernel {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class CacheTest : public testing::Test {
 protected:
  // Puts a kernel there whose image holds `text`.
  Kernel Store(Cache& cache, const std::string& name,
               const std::string& text = "code") {
    return cache.Store([&](const fs::path& fresh) {
      fs::create_directories(fresh / "lib/modules/6.1");
      std::ofstream(fresh / "linux") << text;
      return Kernel{.name = name,
                    .flavour = Flavour::kMachine,
                    .release = "6.1",
                    .image = fresh / "linux",
                    .modules = fresh / "lib/modules/6.1",
                    .origin = "a \"test\"",
                    .content = "00ff"};
    });
  }

  // What escapes from f, as text.
  static std::string Refusal(const std::function<void()>& f) {
    try {
      f();
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  }

  bool NothingIsComing() const {
    for (const auto& entry : fs::directory_iterator(folder_ / "incoming")) {
      if (entry.is_directory()) return false;
    }
    return true;
  }

  TemporaryFolder temporary_;
  const fs::path folder_ = temporary_.path() / "cache";
};

std::string ContentOf(const fs::path& file) {
  std::ifstream stream(file);
  return {std::istreambuf_iterator<char>(stream), {}};
}

TEST_F(CacheTest, GivesBackWhatWasStored) {
  Cache cache(folder_);
  EXPECT_THAT(cache.List(), IsEmpty());
  const Kernel stored = Store(cache, "debian-6.1");
  EXPECT_EQ(stored.image, folder_ / "kernels/debian-6.1/linux");
  const Kernel found = Cache(folder_).Find("debian-6.1");
  EXPECT_EQ(found.name, "debian-6.1");
  EXPECT_EQ(found.flavour, Flavour::kMachine);
  EXPECT_EQ(found.release, "6.1");
  EXPECT_EQ(found.image, stored.image);
  EXPECT_EQ(found.modules, folder_ / "kernels/debian-6.1/lib/modules/6.1");
  EXPECT_EQ(found.origin, "a \"test\"");
  EXPECT_EQ(found.content, "00ff");
  EXPECT_EQ(ContentOf(found.image), "code");
}

TEST_F(CacheTest, ListsByName) {
  Cache cache(folder_);
  Store(cache, "uml-7.3");
  Store(cache, "debian-6.1");
  const auto kernels = cache.List();
  ASSERT_THAT(kernels, SizeIs(2));
  EXPECT_EQ(kernels[0].name, "debian-6.1");
  EXPECT_EQ(kernels[1].name, "uml-7.3");
}

TEST_F(CacheTest, ReplacesAKernelOfThatName) {
  Cache cache(folder_);
  Store(cache, "uml", "old");
  Store(cache, "uml", "new");
  EXPECT_THAT(cache.List(), SizeIs(1));
  EXPECT_EQ(ContentOf(cache.Find("uml").image), "new");
  EXPECT_TRUE(NothingIsComing());
}

TEST_F(CacheTest, RemovesOneAndNamesTheOthers) {
  Cache cache(folder_);
  Store(cache, "uml-7.3");
  Store(cache, "debian-6.1");
  cache.Remove("debian-6.1");
  EXPECT_FALSE(cache.Has("debian-6.1"));
  const std::string refusal = Refusal([&] { cache.Remove("debian-6.1"); });
  EXPECT_THAT(refusal, HasSubstr("uml-7.3"));
  EXPECT_THAT(refusal, HasSubstr("finwait kernel add"));
  EXPECT_TRUE(NothingIsComing());
}

TEST_F(CacheTest, RefusesNamesThatAreNoFolder) {
  Cache cache(folder_);
  for (const char* name : {"", "../x", "a/b", ".hidden", "-x", "a b"}) {
    EXPECT_THROW(cache.Has(name), Error) << name;
    EXPECT_THROW(Store(cache, name), Error) << name;
  }
  EXPECT_THAT(cache.List(), IsEmpty());
}

TEST_F(CacheTest, AFailureLeavesNothing) {
  Cache cache(folder_);
  const auto fail = [](const fs::path& fresh) -> Kernel {
    std::ofstream(fresh / "linux") << "half";
    throw Error("filling", "enough");
  };
  EXPECT_THROW(cache.Store(fail), Error);
  EXPECT_THAT(cache.List(), IsEmpty());
  EXPECT_TRUE(NothingIsComing());
}

TEST_F(CacheTest, AFullDiskIsNamedWithWhatIsFree) {
  Cache cache(folder_);
  const auto fill = [](const fs::path&) -> Kernel {
    throw fs::filesystem_error("copying", {ENOSPC, std::generic_category()});
  };
  EXPECT_THAT(Refusal([&] { cache.Store(fill); }),
              testing::AllOf(HasSubstr("No space left on device"),
                             HasSubstr("are free in " + folder_.string())));
}

// The child dies with a half-filled folder; the next one to store removes it.
TEST_F(CacheTest, WhatADeadProcessLeftIsNoKernelAndGoes) {
  Cache cache(folder_);
  const pid_t child = fork();
  if (child == 0) {
    cache.Store([](const fs::path& fresh) -> Kernel {
      std::ofstream(fresh / "kernel.json") << "{}" << std::flush;
      _exit(0);
    });
  }
  waitpid(child, nullptr, 0);
  EXPECT_FALSE(NothingIsComing());
  EXPECT_THAT(cache.List(), IsEmpty());
  Store(cache, "uml");
  EXPECT_TRUE(NothingIsComing());
  EXPECT_THAT(cache.List(), SizeIs(1));
}

// While one is stored, another must not take its folder for left behind.
TEST_F(CacheTest, TwoMayStoreAtOnce) {
  Cache cache(folder_);
  cache.Store([&](const fs::path& fresh) {
    Store(cache, "inner");
    std::ofstream(fresh / "linux") << "outer";
    return Kernel{.name = "outer", .image = fresh / "linux"};
  });
  EXPECT_THAT(cache.List(), SizeIs(2));
  EXPECT_EQ(ContentOf(cache.Find("outer").image), "outer");
}

TEST_F(CacheTest, AReaderNeverMissesAKernelThatIsReplaced) {
  Cache cache(folder_);
  Store(cache, "uml", "0");
  std::atomic<bool> done = false;
  std::jthread writer([&] {
    for (int i = 0; i < 50; ++i) Store(cache, "uml", std::to_string(i));
    done = true;
  });
  while (!done) EXPECT_TRUE(cache.Has("uml"));
}

TEST_F(CacheTest, ADamagedDescriptionIsNamedAndCanBeRemoved) {
  Cache cache(folder_);
  Store(cache, "uml");
  std::ofstream(folder_ / "kernels/uml/kernel.json") << "{";
  const std::string refusal = Refusal([&] { cache.Find("uml"); });
  EXPECT_THAT(refusal, HasSubstr("kernels/uml/kernel.json"));
  EXPECT_THAT(refusal, HasSubstr("finwait kernel remove uml"));
  cache.Remove("uml");
  EXPECT_THAT(cache.List(), IsEmpty());
}

TEST_F(CacheTest, AFolderThatCannotBeMadeIsNamedWithTheRemedy) {
  std::ofstream(temporary_.path() / "file") << "";
  const auto impossible = temporary_.path() / "file/cache";
  EXPECT_THAT(Refusal([&] { const Cache cache(impossible); }),
              testing::AllOf(HasSubstr(impossible.string()),
                             HasSubstr("XDG_CACHE_HOME")));
}

TEST_F(CacheTest, IsWhereTheEnvironmentSays) {
  const auto environment = [](const char* xdg, const char* home) {
    xdg != nullptr ? setenv("XDG_CACHE_HOME", xdg, 1)
                   : unsetenv("XDG_CACHE_HOME");
    home != nullptr ? setenv("HOME", home, 1) : unsetenv("HOME");
  };
  const std::string xdg = temporary_.path() / "xdg";
  const std::string home = temporary_.path() / "home";
  environment(xdg.c_str(), home.c_str());
  EXPECT_EQ(Cache().folder(), xdg + "/finwait");
  environment("relative", home.c_str());
  EXPECT_EQ(Cache().folder(), home + "/.cache/finwait");
  environment(nullptr, nullptr);
  EXPECT_THAT(Refusal([] { const Cache cache; }), HasSubstr("XDG_CACHE_HOME"));
}

}  // namespace
}  // namespace finwait::kernel
