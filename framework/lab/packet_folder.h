// Where the packets of runs are saved for Wireshark.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>

namespace finwait::lab {

// A folder that exists and can be written into. One thread, but for Save.
class PacketFolder {
 public:
  // Makes it, and those above it. Throws Error if that is refused, or files in
  // it would be.
  explicit PacketFolder(std::filesystem::path folder);

  // The one that the environment asks for by FINWAIT_PCAPNG, if it does.
  static std::optional<PacketFolder> FromEnvironment();

  // The path for a file of that name. What was reserved before under the same
  // name stays: the second "refused.pcapng" is "refused-2.pcapng".
  std::filesystem::path Reserve(const std::string& name);

  // Writes a whole file over what there was. Throws Error, and then leaves no
  // half of it. Any thread.
  static void Save(const std::filesystem::path& file, const std::string& bytes);

 private:
  std::filesystem::path folder_;
  std::map<std::string, int> reserved_;
};

}  // namespace finwait::lab
