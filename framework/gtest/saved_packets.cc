// Saves packets of tests.
#include "gtest/saved_packets.h"

#include <gtest/gtest.h>

#include <iostream>
#include <optional>

#include "base/error.h"
#include "lab/packet_folder.h"

namespace finwait::gtest {
namespace {

// One for all tests of a program, so that none takes another's name.
std::optional<lab::PacketFolder>& Folder() {
  static std::optional<lab::PacketFolder> folder =
      lab::PacketFolder::FromEnvironment();
  return folder;
}

}  // namespace

bool WantsPackets() { return Folder().has_value(); }

void SavePackets(const std::string& name, const std::string& pcapng) {
  try {
    const auto file = Folder()->Reserve(name);
    lab::PacketFolder::Save(file, pcapng);
    std::cout << "packets: " << file.string() << "\n";
  } catch (const Error& error) {
    ADD_FAILURE() << error.what();
  }
}

}  // namespace finwait::gtest
