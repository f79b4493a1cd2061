// finwait run: loads, plays side by side, reports.
#include "lab/run.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <iostream>
#include <mutex>
#include <set>
#include <thread>

#include "base/error.h"
#include "commands.h"
#include "interrupt.h"
#include "judge/verdict.h"
#include "lab/packet_folder.h"
#include "netns/user_namespace.h"
#include "progress.h"
#include "report/pcapng.h"
#include "report/terminal.h"

namespace finwait::tools {
namespace {

namespace fs = std::filesystem;
using judge::Result;
using judge::Verdict;

// Folders stand for the *.toml in them that may be read.
std::vector<fs::path> Expand(const std::vector<std::string>& files) {
  std::vector<fs::path> expanded;
  for (const std::string& file : files) {
    if (!fs::is_directory(file)) {
      expanded.emplace_back(file);
      continue;
    }
    std::set<fs::path> found;
    std::error_code error;
    const auto options = fs::directory_options::skip_permission_denied;
    for (fs::recursive_directory_iterator at(file, options, error), end;
         !error && at != end; at.increment(error)) {
      if (at->path().extension() == ".toml") found.insert(at->path());
    }
    expanded.insert(expanded.end(), found.begin(), found.end());
  }
  return expanded;
}

// Loads everything before anything is played; mistakes of all files at once.
std::vector<scenario::Scenario> LoadAll(const RunArguments& arguments,
                                        bool& good) {
  std::vector<scenario::Scenario> cases;
  good = true;
  for (const fs::path& file : Expand(arguments.files)) {
    auto loaded =
        scenario::LoadScenario(file, TopologiesFor(file, arguments.topologies));
    Print(loaded.diagnostics);
    good = good && loaded.diagnostics.empty();
    for (scenario::Scenario& one : loaded.cases) {
      const bool wanted =
          one.DisplayName().find(arguments.case_filter) != std::string::npos;
      if (wanted) cases.push_back(std::move(one));
    }
  }
  return cases;
}

report::Style StyleOf(const RunArguments& arguments, bool terminal) {
  const bool color =
      arguments.color == "always" || (arguments.color == "auto" && terminal);
  return {.color = color,
          .verbose = arguments.verbose,
          .explain = arguments.explain};
}

// Where each case's packets go; empty if nobody wants them.
std::vector<fs::path> PacketFiles(
    const std::string& folder, const std::vector<scenario::Scenario>& cases) {
  std::vector<fs::path> files;
  if (folder.empty()) return files;
  lab::PacketFolder packets(folder);
  for (const scenario::Scenario& one : cases) {
    files.push_back(packets.Reserve(report::PcapngName(one)));
  }
  return files;
}

// Plays cases on a few threads and keeps their results in order.
class Batch {
 public:
  Batch(const std::vector<scenario::Scenario>& cases,
        const std::vector<fs::path>& packet_files,
        const RunArguments& arguments, int interrupt_fd, bool terminal)
      : cases_(cases),
        packet_files_(packet_files),
        style_(StyleOf(arguments, terminal)),
        no_bpf_(arguments.no_bpf),
        interrupt_fd_(interrupt_fd),
        progress_(cases.size(), terminal),
        verdicts_(cases.size(), Verdict::kBroken) {}

  void PlayAll(int jobs) {
    const auto workers =
        std::min<std::size_t>(static_cast<std::size_t>(jobs), cases_.size());
    std::vector<std::thread> threads;
    for (std::size_t n = 0; n < workers; ++n) {
      threads.emplace_back([this] { Work(); });
    }
    for (std::thread& thread : threads) thread.join();
  }

  const std::vector<Verdict>& verdicts() const { return verdicts_; }

 private:
  bool Interrupted() const {
    pollfd interrupt{interrupt_fd_, POLLIN, 0};
    return poll(&interrupt, 1, 0) > 0;
  }

  void Work() {
    for (std::size_t n = next_++; n < cases_.size() && !Interrupted();
         n = next_++) {
      PlayOne(n);
    }
  }

  void PlayOne(std::size_t n) {
    const bool alone = cases_.size() == 1;
    lab::RunOptions options{.kernel_events = !no_bpf_,
                            .keep_frames = !packet_files_.empty(),
                            .interrupt_fd = interrupt_fd_};
    tcp::Timeline zero;  // of the times in live lines
    options.on_step = [&](const tcp::StepRecord& step) {
      if (step.number == 1) zero.begin = step.begin;
      progress_.SetStatus(
          n, alone ? step.text : cases_[n].DisplayName() + ": " + step.text);
    };
    if (alone) {
      progress_.Print("playing " + cases_[n].DisplayName() + ": " +
                      cases_[n].title);
      options.on_transition = [&](const tcp::EndpointTimeline& endpoint,
                                  const tcp::Transition& transition) {
        progress_.Print(report::LiveLine(zero, endpoint, transition, style_));
      };
    }
    const Result result = lab::Run(cases_[n], options);
    progress_.SetStatus(n, "");
    progress_.CountFinished();
    verdicts_[n] = result.verdict;
    const bool in_full = alone || style_.verbose ||
                         result.verdict == Verdict::kFail ||
                         result.verdict == Verdict::kBroken;
    progress_.Print(in_full ? "\n" + report::FullReport(result, style_)
                            : report::SummaryLine(result, style_));
    if (!packet_files_.empty()) SavePackets(n, result);
  }

  void SavePackets(std::size_t n, const Result& result) {
    try {
      lab::PacketFolder::Save(packet_files_[n], report::Pcapng(result));
      progress_.Print("packets: " + packet_files_[n].string());
    } catch (const Error& error) {
      progress_.Print(std::string("BROKEN  ") + error.what());
      verdicts_[n] = judge::Merge(verdicts_[n], Verdict::kBroken);
    }
  }

  const std::vector<scenario::Scenario>& cases_;
  const std::vector<fs::path>& packet_files_;  // empty, or one of each case
  const report::Style style_;
  const bool no_bpf_;
  const int interrupt_fd_;
  Progress progress_;
  std::atomic<std::size_t> next_ = 0;
  std::vector<Verdict> verdicts_;  // each written by the thread of its case
};

void PrintCounts(const std::vector<Verdict>& verdicts) {
  for (const Verdict verdict : {Verdict::kPass, Verdict::kFail,
                                Verdict::kBroken, Verdict::kUnsupported}) {
    const auto count = std::count(verdicts.begin(), verdicts.end(), verdict);
    if (count > 0 || verdict == Verdict::kPass) {
      std::cout << (verdict == Verdict::kPass ? "" : ", ") << count << " "
                << Name(verdict);
    }
  }
  std::cout << "\n";
}

int ExitStatusOf(const std::vector<Verdict>& verdicts, bool require_all) {
  Verdict all = Verdict::kPass;
  for (const Verdict verdict : verdicts) {
    const bool lacking = verdict == Verdict::kUnsupported && require_all;
    all = judge::Merge(all, lacking ? Verdict::kFail : verdict);
  }
  return judge::ExitCode(all);
}

}  // namespace

int Run(const RunArguments& arguments) {
  bool good = true;
  const auto cases = LoadAll(arguments, good);
  if (!good) return static_cast<int>(ExitStatus::kUsage);
  if (cases.empty()) {
    std::cerr << "finwait: no scenario";
    if (!arguments.case_filter.empty()) {
      std::cerr << " with a case whose name contains \""
                << arguments.case_filter << "\"";
    }
    std::cerr << " in what was named\n";
    return static_cast<int>(ExitStatus::kUsage);
  }
  std::vector<fs::path> packet_files;
  try {
    packet_files = PacketFiles(arguments.pcapng, cases);
  } catch (const Error& error) {
    std::cerr << "finwait: " << error.what() << "\n";
    return static_cast<int>(ExitStatus::kUsage);
  }
  try {
    netns::EnsurePrivilege();
  } catch (const Unsupported& unsupported) {
    std::cerr << "finwait: unsupported: " << unsupported.what() << "\n";
    return static_cast<int>(arguments.require_all ? ExitStatus::kFail
                                                  : ExitStatus::kUnsupported);
  }
  const FileDescriptor interrupt = CatchInterrupts();
  Batch batch(cases, packet_files, arguments, interrupt.get(),
              isatty(STDOUT_FILENO) == 1);
  batch.PlayAll(arguments.jobs);
  if (cases.size() > 1) PrintCounts(batch.verdicts());
  return ExitStatusOf(batch.verdicts(), arguments.require_all);
}

}  // namespace finwait::tools
