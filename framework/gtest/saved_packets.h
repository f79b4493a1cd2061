// Packets of tests, where FINWAIT_PCAPNG asks for them.
#pragma once

#include <string>

namespace finwait::gtest {

// Does the environment ask for packets?
bool WantsPackets();

// Saves `pcapng` under that name in the folder that the environment names, and
// says where on standard output. A folder that cannot be written to fails the
// test. One thread.
void SavePackets(const std::string& name, const std::string& pcapng);

}  // namespace finwait::gtest
