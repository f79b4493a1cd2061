// make, its progress and its log; see the header.
#include "kernel/make.h"

#include <algorithm>
#include <chrono>
#include <fstream>
#include <sstream>
#include <thread>

#include "base/clock.h"
#include "base/error.h"
#include "kernel/build.h"
#include "kernel/user_mode_config.h"
#include "process/job.h"
#include "process/program.h"

namespace finwait::kernel {
namespace fs = std::filesystem;
namespace {

constexpr char kLog[] = "finwait.log";

// What the configuration compiles: 740 in Linux 6.1, 790 in 7.3. For the
// progress only.
constexpr int kFiles = 760;

// The last lines of a failed build that are shown.
constexpr std::size_t kShownLines = 10;

std::string ReadAll(const fs::path& file) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

// Writes the log, and tells of each compiled file.
class Listener {
 public:
  Listener(const fs::path& log, bool from_scratch, const Telling& telling)
      : log_(log, std::ios::app),
        from_scratch_(from_scratch),
        telling_(telling) {}

  void Hear(std::string_view text) {
    log_ << text << std::flush;
    line_ += text;
    for (auto end = line_.find('\n'); end != line_.npos;
         end = line_.find('\n')) {
      HearLine(line_.substr(0, end));
      line_.erase(0, end + 1);
    }
  }

 private:
  void HearLine(const std::string& line) {
    if (!line.starts_with("  CC ")) return;
    ++files_;
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(
        MonotonicClock::now() - begin_);
    std::string status = std::to_string(files_);
    if (from_scratch_) {
      status += " of about " + std::to_string(std::max(files_, kFiles));
    }
    telling_.Status(status + " files compiled, " +
                    std::to_string(seconds.count()) + " s");
  }

  std::ofstream log_;
  const bool from_scratch_;
  const Telling& telling_;
  const TimePoint begin_ = MonotonicClock::now();
  std::string line_;
  int files_ = 0;
};

// With a clean tree, make never writes to it.
void RequireClean(const fs::path& source) {
  for (const char* left :
       {".config", "include/config", "arch/x86/include/generated",
        "arch/um/include/generated"}) {
    if (!fs::exists(source / left)) continue;
    throw Error("kernel tree " + source.string(),
                std::string("it was built in place (it has ") + left +
                    "); `make mrproper` in it removes that, or build a copy "
                    "(git worktree add ../clean)");
  }
}

void RequireOptions(const fs::path& build) {
  const auto missing = MissingOptions(ReadAll(build / ".config"));
  if (missing.empty()) return;
  std::string names;
  for (const std::string& name : missing) names += " " + name;
  throw BuildFailed("configuring the kernel",
                    "this tree did not take what a guest needs:" + names);
}

// Writes only what differs, so that make sees what really changed.
fs::path WriteConfig(const fs::path& build) {
  fs::path file = build / "finwait.config";
  if (ReadAll(file) == UserModeConfig()) return file;
  std::ofstream stream(file);
  stream << UserModeConfig() << std::flush;
  if (!stream) ThrowErrno("writing " + file.string());
  return file;
}

}  // namespace

// Of what a kernel's Makefiles run for this configuration, those that are not
// on every machine.
void RequireBuildTools() {
  std::string missing;
  for (const char* tool : {"make", "gcc", "ld", "flex", "bison", "bc"}) {
    if (!process::FindExecutable(tool)) missing += std::string(" ") + tool;
  }
  if (missing.empty()) return;
  throw Error("building a kernel",
              "not found in PATH:" + missing +
                  "; on Debian, apt-get install make gcc libc6-dev flex bison "
                  "bc");
}

std::string CompilerVersion() {
  return process::OutputOf({.command = {"gcc", "--version"}});
}

std::string Essence(const std::string& log) {
  std::vector<std::string> lines;
  std::istringstream stream(log);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  const auto first = std::find_if(lines.begin(), lines.end(), [](auto& line) {
    return line.find("error: ") != line.npos ||
           line.find("*** ") != line.npos ||
           line.find("undefined reference") != line.npos;
  });
  const auto last = lines.end() - static_cast<std::ptrdiff_t>(
                                      std::min(kShownLines, lines.size()));
  std::string essence;
  if (first < last) essence = "  " + *first + "\n  ...\n";
  for (auto line = last; line != lines.end(); ++line) {
    essence += "  " + *line + "\n";
  }
  return essence;
}

void MakeUserMode(const fs::path& source, const fs::path& build, int jobs,
                  const Telling& telling) {
  RequireClean(source);
  const fs::path log = build / kLog;
  fs::remove(log);
  Listener listener(log, !fs::exists(build / "linux"), telling);
  const auto make = [&](const std::string& goal) {
    if (jobs == 0) {
      jobs = static_cast<int>(std::thread::hardware_concurrency());
    }
    process::Job job{
        .command = {"make", "ARCH=um", "O=" + build.string(),
                    "-j" + std::to_string(std::max(jobs, 1)), goal},
        .folder = source,
        .environment = {{"LC_ALL", "C"}, {"MAKEFLAGS", ""}}};
    if (goal == "allnoconfig") {
      job.environment["KCONFIG_ALLCONFIG"] = WriteConfig(build);
    }
    job.on_output = [&](std::string_view text) { listener.Hear(text); };
    if (process::RunJob(job) == 0) return;
    throw BuildFailed("building " + source.string(),
                      "make failed\n" + Essence(ReadAll(log)) +
                          "  the whole log is " + log.string());
  };
  make("allnoconfig");
  RequireOptions(build);
  make("linux");
}

}  // namespace finwait::kernel
