// apt-get and apt-cache with a configuration of ours; see the header.
#include "kernel/apt.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <regex>
#include <sstream>

#include "base/error.h"
#include "process/job.h"
#include "process/program.h"

namespace finwait::kernel {
namespace fs = std::filesystem;
namespace {

constexpr char kKeys[] = "/usr/share/keyrings/debian-archive-keyring.gpg";

// Suites people have on their machines; any of them names the archive.
constexpr std::array<const char*, 11> kSuites = {
    "buster",    "bullseye", "bookworm", "trixie",   "forky", "duke",
    "oldstable", "stable",   "testing",  "unstable", "sid"};

constexpr char kKnown[] =
    "known are bullseye, bookworm, trixie and sid, and with -backports "
    "bookworm and trixie";

void RequireTools() {
  for (const char* tool : {"apt-get", "apt-cache", "dpkg-deb"}) {
    if (process::FindExecutable(tool)) continue;
    throw Error("fetching Debian packages",
                std::string(tool) +
                    " is not there; finwait kernel add PATH takes a kernel "
                    "that you have fetched");
  }
  if (fs::exists(kKeys)) return;
  throw Error(
      "fetching Debian packages",
      std::string(kKeys) + " is not there; install debian-archive-keyring");
}

std::string MachinesMirror() {
  std::string mirror = MirrorIn(
      process::OutputOf({.command = {"apt-get", "update", "--print-uris"}}));
  if (!mirror.empty()) return mirror;
  throw Error("finding a Debian archive",
              "apt's configuration on this machine names none; say --mirror "
              "URL");
}

// Lines that begin with E: (errors) and W: (warnings) say what went wrong; the
// rest is progress.
std::string Complaints(const std::string& text) {
  std::istringstream lines(text);
  std::string complaints;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("E: ") || line.starts_with("W: ")) {
      complaints += (complaints.empty() ? "" : "; ") + line.substr(3);
    }
  }
  return complaints.empty() ? text : complaints;
}

bool Contains(const std::string& text, std::string_view part) {
  return text.find(part) != text.npos;
}

// In apt's configuration a path is a quoted string.
std::string Setting(const std::string& name, const std::string& value) {
  return name + " \"" + value + "\";\n";
}

std::vector<std::string> NamesOf(const std::string& depends) {
  static const std::regex kName("[a-z0-9][a-z0-9+.-]+(?=[ ,|(:]|$)");
  static const std::regex kVersion(R"(\([^)]*\))");
  const std::string bare = std::regex_replace(depends, kVersion, "");
  return {std::sregex_token_iterator(bare.begin(), bare.end(), kName), {}};
}

}  // namespace

Apt::Apt(const fs::path& folder, const std::string& suite,
         const std::string& mirror, const Telling& telling)
    : folder_(folder), suite_(suite), lock_(folder / "lock", [&] {
        telling.Line("waiting for another finwait that fetches packages");
      }) {
  RequireTools();
  const std::string address = mirror.empty() ? MachinesMirror() : mirror;
  WriteConfiguration(address);
  telling.Line("fetching the list of " + suite + " from " + address);
  Update();
}

// The sandbox user of apt-get, to which it changes when started by root, may
// not be able to reach a folder in root's home.
void Apt::WriteConfiguration(const std::string& mirror) const {
  fs::create_directories(folder_ / "lists/partial");
  fs::create_directories(folder_ / "archives/partial");
  fs::create_directories(folder_ / "preferences");
  std::ofstream(folder_ / "status").flush();
  std::ofstream(folder_ / "sources.list")
      << "deb [arch=amd64 targets=Packages signed-by=" << kKeys << "] "
      << mirror << " " << suite_ << " main\n"
      << std::flush;
  std::ofstream file(folder_ / "apt.conf");
  const std::string folder = folder_.string();
  file << Setting("Dir::Etc::sourcelist", folder + "/sources.list")
       << Setting("Dir::Etc::sourceparts", "-")
       << Setting("Dir::Etc::preferences", "/dev/null")
       << Setting("Dir::Etc::preferencesparts", folder + "/preferences")
       << Setting("Dir::State", folder) << Setting("Dir::Cache", folder)
       << Setting("Dir::State::lists", folder + "/lists")
       << Setting("Dir::State::status", folder + "/status")
       << Setting("Dir::Cache::archives", folder + "/archives")
       << Setting("APT::Architecture", "amd64")
       << Setting("APT::Sandbox::User", "root")
       << Setting("Acquire::Languages", "none")
       << Setting("Acquire::Retries", "3")
       << "#clear APT::Architectures;\n"
          "#clear APT::Update::Pre-Invoke;\n"
          "#clear APT::Update::Post-Invoke;\n"
          "#clear APT::Update::Post-Invoke-Success;\n"
       << std::flush;
  if (!file) ThrowErrno("writing " + (folder_ / "apt.conf").string());
}

// Errors of the network are only warnings to apt-get update without
// --error-on=any.
void Apt::Update() const {
  std::string text;
  const int code = process::RunJob(
      {.command = {"apt-get", "-c", folder_ / "apt.conf", "-q", "update", "-o",
                   "APT::Update::Error-Mode=any"},
       .environment = {{"LC_ALL", "C"}},
       .on_output = [&](std::string_view more) { text += more; }});
  if (code == 0) return;
  const std::string complaints = Complaints(text);
  if (Contains(text, "does not have a Release file")) {
    throw Error("suite " + suite_, complaints + ("; " + std::string(kKnown)));
  }
  throw Error("fetching the list of " + suite_,
              complaints + "; is there a network?");
}

std::string Apt::Run(const std::vector<std::string>& command,
                     const fs::path& folder) const {
  std::vector<std::string> full = command;
  const std::string configuration = folder_ / "apt.conf";
  full.insert(full.begin() + 1, {"-c", configuration});
  return process::OutputOf(
      {.command = full, .folder = folder, .environment = {{"LC_ALL", "C"}}});
}

Package Apt::Show(const std::string& name) const {
  std::string text;
  try {
    text = Run({"apt-cache", "show", "--no-all-versions", name});
  } catch (const Error& error) {
    throw Error("package " + name, suite_ + " has none of that name");
  }
  Package package = ParsePackage(text);
  if (!package.version.empty()) return package;
  throw Error("package " + name, suite_ + " has none of that name");
}

fs::path Apt::Download(const Package& package, const fs::path& into) const {
  fs::create_directories(into);
  Run({"apt-get", "-q", "download", package.name + "=" + package.version},
      into);
  for (const auto& entry : fs::directory_iterator(into)) {
    const std::string file = entry.path().filename();
    if (file.starts_with(package.name + "_") && file.ends_with(".deb")) {
      return entry.path();
    }
  }
  throw Error("fetching " + package.name, "apt-get left no package");
}

std::optional<std::string> SuiteOf(const std::string& source) {
  constexpr std::string_view kPrefix = "debian:";
  if (!source.starts_with(kPrefix)) return std::nullopt;
  std::string suite = source.substr(kPrefix.size());
  static const std::regex kSuite("[a-z][a-z0-9-]*");
  if (std::regex_match(suite, kSuite)) return suite;
  throw Error("suite \"" + suite + "\"", kKnown);
}

std::string MirrorIn(const std::string& uris) {
  static const std::regex kList("'([^']+)/dists/([a-z]+)/main/binary-");
  for (std::sregex_iterator match(uris.begin(), uris.end(), kList), end;
       match != end; ++match) {
    const std::string suite = (*match)[2];
    if (std::find(kSuites.begin(), kSuites.end(), suite) != kSuites.end()) {
      return (*match)[1];
    }
  }
  return "";
}

Package ParsePackage(const std::string& paragraph) {
  Package package;
  std::istringstream lines(paragraph);
  for (std::string line; std::getline(lines, line);) {
    const auto colon = line.find(": ");
    if (colon == line.npos) continue;
    const std::string key = line.substr(0, colon);
    const std::string value = line.substr(colon + 2);
    if (key == "Package") package.name = value;
    if (key == "Version") package.version = value;
    if (key == "Depends") package.depends = NamesOf(value);
  }
  return package;
}

void Unpack(const fs::path& package, const fs::path& into) {
  process::OutputOf({.command = {"dpkg-deb", "--extract", package, into}});
}

}  // namespace finwait::kernel
