#include "kernel/order.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/error.h"
#include "kernel/needs.h"
#include "unit/kernel/temporary_folder.h"

namespace finwait::kernel {
namespace {

namespace fs = std::filesystem;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

Order AnyOrder() {
  return {.cases = {{.file = "/there/fin.toml",
                     .topologies = {"/there/topologies"},
                     .overrides = {{"tcp_fin_timeout", "61"}},
                     .number = 2}},
          .jobs = 3,
          .kernel_events = false,
          .keep_frames = true,
          .command = {"echo", "two words"},
          .folder = "/there",
          .environment = {{"PATH", "/bin"}}};
}

TEST(Order, ComesBackAsItWent) {
  const Order made = AnyOrder();
  const Order order = OrderOf(BytesOf(made));
  ASSERT_EQ(order.cases.size(), 1);
  EXPECT_EQ(order.cases[0].file, made.cases[0].file);
  EXPECT_EQ(order.cases[0].topologies, made.cases[0].topologies);
  EXPECT_EQ(order.cases[0].overrides, made.cases[0].overrides);
  EXPECT_EQ(order.cases[0].number, 2);
  EXPECT_EQ(order.jobs, 3);
  EXPECT_FALSE(order.kernel_events);
  EXPECT_TRUE(order.keep_frames);
  EXPECT_EQ(order.command, made.command);
  EXPECT_EQ(order.folder, made.folder);
  EXPECT_EQ(order.environment, made.environment);
}

TEST(Order, HalfOfOneIsRefused) {
  const std::string bytes = BytesOf(AnyOrder());
  EXPECT_THROW(OrderOf(bytes.substr(0, bytes.size() / 2)), Error);
}

TEST(Order, TellsOfItsCaller) {
  ASSERT_EQ(setenv("FINWAIT_ORDER_TEST", "a=b", 1), 0);
  const Order order = OrderFromHere();
  unsetenv("FINWAIT_ORDER_TEST");
  EXPECT_EQ(order.folder, fs::current_path());
  EXPECT_THAT(order.environment,
              Contains(std::pair("FINWAIT_ORDER_TEST", "a=b")));
}

TEST(Needs, AreTheProgramsAndFilesOfTheCases) {
  const TemporaryFolder folder;
  const fs::path settings = folder.path() / "nginx.conf";
  std::ofstream(settings) << "events {}";
  scenario::StartProgram start;
  start.command = {"nginx", "--config=" + settings.string(), "/no/such/file"};
  scenario::Step step;
  step.action = start;
  scenario::Scenario one;
  one.origin.file = folder.path() / "a.toml";
  one.origin.topologies = {folder.path(), "/no/such/folder"};
  one.requirements.programs = {"curl"};
  one.steps = {step};

  const Needs needs = NeedsOf({one, one});
  EXPECT_EQ(needs.finwait, fs::read_symlink("/proc/self/exe"));
  EXPECT_THAT(needs.programs, ElementsAre("curl", "nginx"));
  EXPECT_THAT(needs.files,
              UnorderedElementsAre(one.origin.file, settings, folder.path()));
}

}  // namespace
}  // namespace finwait::kernel
