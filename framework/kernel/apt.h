// Packages of a Debian suite, fetched without installing anything.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "kernel/file_lock.h"
#include "kernel/telling.h"

namespace finwait::kernel {

struct Package {
  std::string name;
  std::string version;
  std::vector<std::string> depends;  // names only; of alternatives, all
};

// A private configuration of apt in a folder of its own: one suite, lists of
// its own, nothing installed. Needs no privilege and touches nothing else. It
// keeps the machine's proxies and the like, and checks signatures with
// Debian's keys. Locked against other processes while it lives.
class Apt {
 public:
  // "debian:bookworm" is the suite bookworm. `mirror` is a Debian archive's
  // address; empty: the one the machine itself uses. Fetches the suite's
  // lists. Throws Error saying what is missing: apt-get, Debian's keys, a
  // mirror, the network, the suite.
  Apt(const std::filesystem::path& folder, const std::string& suite,
      const std::string& mirror, const Telling& telling);

  // The newest of that name. Throws Error if the suite has none.
  Package Show(const std::string& name) const;

  // The .deb, in `into`. Throws Error.
  std::filesystem::path Download(const Package& package,
                                 const std::filesystem::path& into) const;

 private:
  void WriteConfiguration(const std::string& mirror) const;
  void Update() const;
  std::string Run(const std::vector<std::string>& command,
                  const std::filesystem::path& folder = {}) const;

  const std::filesystem::path folder_;
  const std::string suite_;
  const FileLock lock_;
};

// The suite of "debian:SUITE"; nothing if it is something else. Throws Error
// if SUITE cannot be one.
std::optional<std::string> SuiteOf(const std::string& source);

// The address of a Debian archive in what `apt-get update --print-uris` prints;
// empty if there is none.
std::string MirrorIn(const std::string& uris);

// One paragraph of `apt-cache show`.
Package ParsePackage(const std::string& paragraph);

// Unpacks a .deb into `into`.
void Unpack(const std::filesystem::path& package,
            const std::filesystem::path& into);

}  // namespace finwait::kernel
