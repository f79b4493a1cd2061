#include "sweep.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "arena.h"
#include "base/error.h"
#include "cases.h"
#include "commands.h"
#include "interrupt.h"
#include "progress.h"
#include "report/sweep_chart.h"
#include "report/sweep_table.h"
#include "report/terminal.h"
#include "report/text.h"
#include "scenario/sweep.h"
#include "verdicts.h"

namespace finwait::tools {
namespace {

using judge::Result;
using judge::Verdict;
using report::SweepRow;

// All cases of all points, and the point that each belongs to.
struct SweptCases {
  std::vector<scenario::Scenario> cases;
  std::vector<scenario::Overrides> points;
};

// Empty after a mistake, which has been told.
SweptCases LoadPoints(const SweepArguments& arguments) {
  scenario::Mistakes mistakes;
  const auto points =
      scenario::SweepPoints(arguments.ranges, "--over", mistakes);
  Print(mistakes.Sorted());
  SweptCases swept;
  for (const scenario::Overrides& point : points) {
    const auto cases = LoadCases({.files = {arguments.file},
                                  .topologies = arguments.topologies,
                                  .filter = {},
                                  .overrides = point});
    if (!cases) return {};
    swept.cases.insert(swept.cases.end(), cases->begin(), cases->end());
    swept.points.resize(swept.cases.size(), point);
  }
  if (swept.cases.size() <= scenario::kMostPoints) return swept;
  std::cerr << "finwait: " << swept.cases.size() << " cases, more than "
            << scenario::kMostPoints << ": give steps, as in 1..130..5\n";
  return {};
}

// Where the table goes if nobody says where, or says "-": people are spoken to
// on standard error then.
bool TableOnOutput(const SweepArguments& arguments) {
  return arguments.csv == "-" ||
         (arguments.csv.empty() && arguments.svg.empty());
}

// Plays the cases on one kernel after the other, and keeps what came of them.
class SweepRun {
 public:
  SweepRun(const SweptCases& swept, const SweepArguments& arguments)
      : swept_(swept),
        arguments_(arguments),
        out_(TableOnOutput(arguments) ? stderr : stdout),
        interrupt_(CatchInterrupts()) {}

  void Play(const Arena& arena) {
    Progress progress(arena.numbers.size(), isatty(fileno(out_)) == 1, out_);
    const auto print = [&](const std::string& line) { progress.Print(line); };
    std::vector<scenario::Scenario> cases;
    for (const std::size_t n : arena.numbers) cases.push_back(swept_.cases[n]);
    Findings found{.rows = std::vector<std::vector<SweepRow>>(cases.size()),
                   .verdicts = std::vector(cases.size(), Verdict::kBroken)};
    const auto pace =
        PlayIn(arena, cases, Options(arena, cases, &progress, &found), print);
    print(report::Plural(cases.size(), "case") + " on " +
          (pace ? PaceLine(arena, *pace) : arena.name));
    Keep(found);
  }

  const std::vector<SweepRow>& rows() const { return rows_; }
  const std::vector<Verdict>& verdicts() const { return verdicts_; }
  void Say(const std::string& line) const {
    std::fputs((line + "\n").c_str(), out_);
  }

 private:
  // By case; each is written by the thread of its case.
  struct Findings {
    std::vector<std::vector<SweepRow>> rows;
    std::vector<Verdict> verdicts;
  };

  lab::BatchOptions Options(const Arena& arena,
                            const std::vector<scenario::Scenario>& cases,
                            Progress* progress, Findings* found) const {
    lab::BatchOptions options;
    options.jobs = arguments_.jobs;
    options.interrupt_fd = interrupt_.get();
    options.on_status = [&cases, progress](std::size_t n,
                                           const std::string& what) {
      progress->SetStatus(
          n, what.empty() ? what : cases[n].case_name + ": " + what);
    };
    options.on_result = [this, &arena, progress, found](std::size_t n,
                                                        const Result& result) {
      progress->CountFinished();
      found->verdicts[n] = result.verdict;
      found->rows[n] = report::SweepRows(result, arena.kernel ? arena.name : "",
                                         swept_.points[arena.numbers[n]]);
      if (result.verdict != Verdict::kPass) {
        progress->Print(report::SummaryLine(result, {}));
      }
    };
    return options;
  }

  void Keep(const Findings& found) {
    for (const auto& rows : found.rows) {
      rows_.insert(rows_.end(), rows.begin(), rows.end());
    }
    verdicts_.insert(verdicts_.end(), found.verdicts.begin(),
                     found.verdicts.end());
  }

  const SweptCases& swept_;
  const SweepArguments& arguments_;
  std::FILE* const out_;
  const FileDescriptor interrupt_;
  std::vector<SweepRow> rows_;
  std::vector<Verdict> verdicts_;
};

// --- what is written ---------------------------------------------------------

void WriteFile(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.close();
  if (!file) throw Error("writing " + path, "cannot write it");
}

// Without anything that differs from one run to the next, such as how long it
// took: the picture of the same kernels is the same file.
std::vector<std::string> CaptionOf(const SweepArguments& arguments,
                                   const SweptCases& swept,
                                   const std::vector<SweepRow>& rows) {
  std::string text =
      "finwait sweep: " + report::Plural(swept.cases.size(), "case") + " of " +
      std::filesystem::path(arguments.file).filename().string() +
      (arguments.kernels.size() < 2
           ? "."
           : " on each kernel; lines of equal values lie side by side.");
  std::vector<std::string> releases;
  for (const SweepRow& row : rows) {
    const std::string release = "Linux " + row.release;
    const bool known =
        row.release.empty() ||
        std::find(releases.begin(), releases.end(), release) != releases.end();
    if (!known) releases.push_back(release);
  }
  std::string kernels;
  for (const std::string& release : releases) {
    kernels += (kernels.empty() ? "" : " · ") + release;
  }
  return {text, kernels};
}

report::SweepChartOptions ChartOptions(const SweepArguments& arguments,
                                       const SweptCases& swept,
                                       const std::vector<SweepRow>& rows) {
  report::SweepChartOptions options;
  options.title =
      arguments.title.empty() ? swept.cases.front().title : arguments.title;
  if (!arguments.state.empty()) {
    options.state = tcp::ParseTcpState(arguments.state);
  }
  const auto colon = std::min(arguments.of.find(':'), arguments.of.size());
  options.host = arguments.of.substr(0, colon);
  if (colon < arguments.of.size()) {
    options.connection = arguments.of.substr(colon + 1);
  }
  options.diagonal = arguments.diagonal;
  options.caption = CaptionOf(arguments, swept, rows);
  return options;
}

void Write(const SweepRun& run, const SweptCases& swept,
           const SweepArguments& arguments) {
  if (TableOnOutput(arguments)) {
    std::cout << report::SweepCsv(run.rows()) << std::flush;
  } else if (!arguments.csv.empty()) {
    WriteFile(arguments.csv, report::SweepCsv(run.rows()));
    run.Say("table: " + arguments.csv);
  }
  if (arguments.svg.empty()) return;
  WriteFile(arguments.svg,
            report::DrawChart(report::SweepChart(
                run.rows(), ChartOptions(arguments, swept, run.rows()))));
  run.Say("picture: " + arguments.svg);
}

std::string CheckState(const std::string& name) {
  return tcp::ParseTcpState(name) ? "" : "'" + name + "' is no TCP state";
}

}  // namespace

void AddSweepOptions(CLI::App& sweep, SweepArguments& arguments) {
  sweep.add_option("file", arguments.file, "Scenario file")
      ->required()
      ->check(CLI::ExistingFile);
  sweep
      .add_option("--over", arguments.ranges,
                  "What to vary, NAME=VALUES (several multiply). NAME: a "
                  "parameter of the file, or a sysctl, as tcp_fin_timeout or "
                  "client:net.ipv4.tcp_fin_timeout. VALUES: 1..130, "
                  "10ms..200ms..10ms (step), 1..1024*2 (factor), 5,20,60")
      ->required()
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->type_name("NAME=VALUES");
  AddKernelOption(sweep, arguments.kernels);
  sweep
      .add_option("--csv", arguments.csv,
                  "File for the table: a line for each case, endpoint and "
                  "state. \"-\": standard output, as without --csv and --svg")
      ->type_name("FILE");
  sweep.add_option("--svg", arguments.svg, "File for the picture")
      ->type_name("FILE");
  sweep
      .add_option("--state", arguments.state,
                  "State whose length the picture shows; without it, the one "
                  "that varies most")
      ->check(CheckState);
  sweep.add_option("--of", arguments.of, "Whose: a host, or HOST:CONNECTION");
  sweep.add_option("--title", arguments.title,
                   "Title of the picture; without it, the scenario's");
  sweep.add_option("--diagonal", arguments.diagonal,
                   "Draw, under this name, a line where the state lasts as "
                   "long as the value says (in seconds if it has no unit)");
  sweep.add_option("--topologies", arguments.topologies,
                   "Folder to search for topologies");
  sweep
      .add_option("-j,--jobs", arguments.jobs,
                  "Cases to play side by side (default 16)")
      ->check(CLI::Range(1, 1000));
  sweep.add_flag("--require-all", arguments.require_all,
                 "Unsupported counts as a failure");
}

int Sweep(const SweepArguments& arguments) {
  const SweptCases swept = LoadPoints(arguments);
  if (swept.cases.empty()) return static_cast<int>(ExitStatus::kUsage);
  try {
    SweepRun run(swept, arguments);
    for (const Arena& arena : ArenasFor(arguments.kernels, swept.cases)) {
      run.Play(arena);
    }
    Write(run, swept, arguments);
    return ExitStatusOf(run.verdicts(), arguments.require_all);
  } catch (const Unsupported& unsupported) {
    return Refuse(unsupported, arguments.require_all);
  }
}

}  // namespace finwait::tools
