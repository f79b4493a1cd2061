// Sysctls of a namespace: read, written, and told from the host's.
#include "netns/sysctl.h"

#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "base/error.h"
#include "netns/user_namespace.h"

namespace finwait::netns {
namespace {

std::string OnHost(const std::string& path) {
  std::ifstream file("/proc/sys/" + path);
  std::string line;
  std::getline(file, line);
  return line;
}

class SysctlTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { EnsurePrivilege(); }
  Namespace ns_ = Namespace::Create();
};

TEST_F(SysctlTest, WritesOnlyTheNamespace) {
  std::string before = OnHost("net/ipv4/tcp_fin_timeout");
  WriteSysctl(ns_, "net.ipv4.tcp_fin_timeout", "7");
  EXPECT_EQ(ReadSysctl(ns_, "net.ipv4.tcp_fin_timeout"), "7");
  EXPECT_EQ(OnHost("net/ipv4/tcp_fin_timeout"), before);
}

TEST_F(SysctlTest, SeveralValuesCompareWithoutTheirWhitespace) {
  WriteSysctl(ns_, "net.ipv4.tcp_rmem", "4096  131072 6291456");
  EXPECT_EQ(ReadSysctl(ns_, "net.ipv4.tcp_rmem"), "4096\t131072\t6291456");
}

TEST_F(SysctlTest, SlashesReachNamesWithDots) {
  EXPECT_EQ(ReadSysctl(ns_, "net/ipv4/ip_forward"), "0");
  EXPECT_EQ(ReadSysctl(ns_, "net/../kernel/hostname"), std::nullopt);
}

TEST_F(SysctlTest, ScopesAreFoundByLooking) {
  EXPECT_EQ(ScopeOf(ns_, "net.ipv4.tcp_fin_timeout"), SysctlScope::kNamespace);
  EXPECT_EQ(ScopeOf(ns_, "net.ipv4.tcp_no_such_thing"), SysctlScope::kAbsent);
  EXPECT_EQ(ScopeOf(ns_, "net.ipv4"), SysctlScope::kAbsent);
  EXPECT_EQ(ScopeOf(ns_, "kernel.hostname"), SysctlScope::kGlobal);
  EXPECT_EQ(ScopeOf(ns_, "net.ipv4.tcp_mem"), SysctlScope::kGlobal);
}

TEST_F(SysctlTest, RefusesGlobalAbsentAndInvalid) {
  EXPECT_THROW(WriteSysctl(ns_, "net.ipv4.tcp_no_such_thing", "1"),
               Unsupported);
  try {
    WriteSysctl(ns_, "net.ipv4.tcp_mem", "1 2 3");
    FAIL() << "a global sysctl was written";
  } catch (const Unsupported&) {
    FAIL() << "it exists";
  } catch (const Error& e) {
    EXPECT_NE(std::string(e.what()).find("global"), std::string::npos);
  }
  try {
    WriteSysctl(ns_, "net.ipv4.tcp_congestion_control", "none-such");
    FAIL() << "an unknown congestion control was taken";
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), ENOENT);
  }
}

TEST_F(SysctlTest, BatchesStopAtTheFirstRefusal) {
  EXPECT_THROW(WriteSysctls(ns_, {{"net.ipv4.tcp_syn_retries", "3"},
                                  {"net.ipv4.tcp_no_such_thing", "1"},
                                  {"net.ipv4.tcp_retries2", "4"}}),
               Unsupported);
  auto values =
      ReadIntegers(ns_, {"net.ipv4.tcp_syn_retries", "net.ipv4.tcp_retries2",
                         "net.ipv4.tcp_no_such_thing", "net.ipv4.tcp_rmem"});
  EXPECT_EQ(values.size(), 2U);
  EXPECT_EQ(values["net.ipv4.tcp_syn_retries"], 3);
  EXPECT_NE(values["net.ipv4.tcp_retries2"], 4);
}

}  // namespace
}  // namespace finwait::netns
