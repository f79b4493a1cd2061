// finwait run: loads, plays side by side, reports.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>
#include <memory>

#include "arena.h"
#include "base/error.h"
#include "commands.h"
#include "compare.h"
#include "interrupt.h"
#include "judge/verdict.h"
#include "lab/packet_folder.h"
#include "progress.h"
#include "report/pcapng.h"
#include "report/terminal.h"
#include "verdicts.h"

namespace finwait::tools {
namespace {

namespace fs = std::filesystem;
using judge::Result;
using judge::Verdict;
using Cases = std::vector<scenario::Scenario>;

report::Style StyleOf(const RunArguments& arguments, bool terminal) {
  const bool color =
      arguments.color == "always" || (arguments.color == "auto" && terminal);
  return {.color = color,
          .verbose = arguments.verbose,
          .explain = arguments.explain};
}

// Where each case's packets go; empty if nobody wants them.
std::vector<fs::path> PacketFiles(const std::string& folder,
                                  const Cases& cases) {
  std::vector<fs::path> files;
  if (folder.empty()) return files;
  lab::PacketFolder packets(folder);
  for (const scenario::Scenario& one : cases) {
    files.push_back(packets.Reserve(report::PcapngName(one)));
  }
  return files;
}

// Plays the cases of one arena and tells of their results.
class Batch {
 public:
  // Throws Error if the packets' folder cannot be had.
  Batch(Cases cases, const fs::path& packets, const Baselines& baselines,
        const RunArguments& arguments, bool terminal)
      : cases_(std::move(cases)),
        packet_files_(PacketFiles(packets, cases_)),
        arguments_(arguments),
        style_(StyleOf(arguments, terminal)),
        progress_(cases_.size(), terminal),
        baselines_(baselines),
        verdicts_(cases_.size(), Verdict::kBroken) {}

  void Play(const Arena& arena, int interrupt_fd) {
    const auto print = [this](const std::string& line) {
      progress_.Print(line);
    };
    if (Alone()) {
      print("playing " + cases_[0].DisplayName() + ": " + cases_[0].title);
    }
    const auto pace = PlayIn(arena, cases_, Options(interrupt_fd), print);
    if (pace) print(PaceLine(arena, *pace));
  }

  const std::vector<Verdict>& verdicts() const { return verdicts_; }

 private:
  bool Alone() const { return cases_.size() == 1; }

  lab::BatchOptions Options(int interrupt_fd) {
    lab::BatchOptions options;
    options.jobs = arguments_.jobs;
    options.kernel_events = !arguments_.no_bpf;
    options.keep_frames = !packet_files_.empty();
    options.interrupt_fd = interrupt_fd;
    options.on_status = [this](std::size_t n, const std::string& what) {
      const bool named = !Alone() && !what.empty();
      progress_.SetStatus(n,
                          named ? cases_[n].DisplayName() + ": " + what : what);
    };
    options.on_result = [this](std::size_t n, Result result) {
      baselines_.Judge(result);
      Tell(n, result);
    };
    if (Alone()) {
      options.on_transition = [this](std::size_t, TimePoint zero,
                                     const tcp::EndpointTimeline& endpoint,
                                     const tcp::Transition& transition) {
        tcp::Timeline timeline;
        timeline.begin = zero;
        progress_.Print(
            report::LiveLine(timeline, endpoint, transition, style_));
      };
    }
    return options;
  }

  void Tell(std::size_t n, const Result& result) {
    progress_.CountFinished();
    verdicts_[n] = result.verdict;
    const bool in_full = Alone() || style_.verbose ||
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

  const Cases cases_;
  const std::vector<fs::path> packet_files_;  // empty, or one of each case
  const RunArguments& arguments_;
  const report::Style style_;
  Progress progress_;
  const Baselines& baselines_;
  std::vector<Verdict> verdicts_;  // each written by the thread of its case
};

Cases Chosen(const Cases& cases, const std::vector<std::size_t>& numbers) {
  Cases chosen;
  for (const std::size_t n : numbers) chosen.push_back(cases[n]);
  return chosen;
}

// Several arenas would give their packets the same names.
fs::path PacketsOf(const Arena& arena, const RunArguments& arguments) {
  fs::path folder = arguments.pcapng;
  if (folder.empty() || arguments.kernels.size() < 2) return folder;
  return folder / arena.name;
}

Baselines BaselinesFor(const RunArguments& arguments, const Cases& cases) {
  if (arguments.baseline.empty()) return {};
  return Baselines(arguments.baseline, cases);
}

// Everything that can be refused before anything is played.
class Plan {
 public:
  // Throws Error if there is no such kernel or baseline, or if the packets
  // cannot be saved; Unsupported like ArenasFor.
  Plan(const Cases& cases, const RunArguments& arguments)
      : arguments_(arguments),
        arenas_(ArenasFor(arguments.kernels, cases)),
        baselines_(BaselinesFor(arguments, cases)) {
    for (Arena& arena : arenas_) {
      if (arguments.real_time) arena.clock = kernel::Clock::kReal;
      batches_.push_back(std::make_unique<Batch>(
          Chosen(cases, arena.numbers), PacketsOf(arena, arguments), baselines_,
          arguments, isatty(STDOUT_FILENO) == 1));
    }
  }

  std::vector<Verdict> Play() {
    const FileDescriptor interrupt = CatchInterrupts();
    std::vector<Verdict> verdicts;
    for (std::size_t n = 0; n < arenas_.size(); ++n) {
      if (arguments_.kernels.size() > 1) {
        std::cout << "== " << arenas_[n].name << std::endl;
      }
      batches_[n]->Play(arenas_[n], interrupt.get());
      const auto& some = batches_[n]->verdicts();
      verdicts.insert(verdicts.end(), some.begin(), some.end());
    }
    return verdicts;
  }

 private:
  const RunArguments& arguments_;
  std::vector<Arena> arenas_;
  const Baselines baselines_;
  std::vector<std::unique_ptr<Batch>> batches_;  // one of each arena
};

// Nothing if the arguments ask for what cannot be, which is said.
std::unique_ptr<Plan> PlanFor(const Cases& cases,
                              const RunArguments& arguments) {
  try {
    return std::make_unique<Plan>(cases, arguments);
  } catch (const Unsupported&) {
    throw;
  } catch (const Error& error) {
    std::cerr << "finwait: " << error.what() << std::endl;
    return nullptr;
  }
}

}  // namespace

void AddRunOptions(CLI::App& run, RunArguments& arguments) {
  AddCaseOptions(run, arguments.cases);
  AddKernelOption(run, arguments.kernels);
  run.add_flag("--real-time", arguments.real_time,
               "Let QEMU's guests go by the host's clock (KVM) rather than "
               "virtual time, where KVM works");
  run.add_option("-j,--jobs", arguments.jobs,
                 "Cases to play side by side (default 16: they mostly wait)")
      ->check(CLI::Range(1, 1000));
  run.add_flag("-v,--verbose", arguments.verbose,
               "Show every segment and every expectation that passed");
  run.add_flag("--explain", arguments.explain,
               "Say who keeps connections from ending, even when all passed");
  run.add_flag("--require-all", arguments.require_all,
               "Unsupported counts as a failure");
  run.add_flag("--no-bpf", arguments.no_bpf,
               "Watch by packets and sock_diag alone, as without privilege "
               "(also: FINWAIT_NO_BPF=1)");
  run.add_option("--baseline", arguments.baseline,
                 "Fail what is not as finwait record wrote it to this file, or "
                 "to this folder");
  run.add_option("--pcapng", arguments.pcapng,
                 "Save the packets of every case in this folder, for Wireshark")
      ->envname("FINWAIT_PCAPNG")
      ->type_name("DIR");
  run.add_option("--color", arguments.color, "auto, always or never")
      ->check(CLI::IsMember({"auto", "always", "never"}));
}

int Run(const RunArguments& arguments) {
  const auto cases = LoadCases(arguments.cases);
  if (!cases) return static_cast<int>(ExitStatus::kUsage);
  try {
    const auto plan = PlanFor(*cases, arguments);
    if (!plan) return static_cast<int>(ExitStatus::kUsage);
    const auto verdicts = plan->Play();
    if (verdicts.size() > 1) PrintCounts(verdicts);
    return ExitStatusOf(verdicts, arguments.require_all);
  } catch (const Unsupported& unsupported) {
    return Refuse(unsupported, arguments.require_all);
  }
}

}  // namespace finwait::tools
