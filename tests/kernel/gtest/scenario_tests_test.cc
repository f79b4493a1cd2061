// A scenario file among tests written in C++.
#include "gtest/scenario_tests.h"

#include <gtest/gtest.h>

namespace finwait::gtest {
namespace {

const int kRegistered = RegisterScenarios(FINWAIT_TOPOLOGIES
                                          "/../tests/scenarios/opening/"
                                          "refused.toml");

TEST(RegisterScenarios, RegistersEveryCase) { EXPECT_EQ(kRegistered, 2); }

}  // namespace
}  // namespace finwait::gtest
