// Takes every sentence of a scenario to the evidence it is about.
#include "judge/judge.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <optional>
#include <tuple>
#include <utility>

#include "base/one_line.h"
#include "judge/doubt.h"
#include "judge/evidence.h"
#include "judge/wording.h"

namespace finwait::judge {
namespace {

using scenario::EndpointExpectation;
using scenario::Scenario;
using tcp::EndpointTimeline;
using tcp::Timeline;

// --- endpoints -------------------------------------------------------------

bool IsEvery(const Scenario& scenario, const std::string& connection) {
  const auto& names = scenario.connections;
  return std::any_of(names.begin(), names.end(), [&](const auto& name) {
    return name.every && name.name == connection;
  });
}

// The observer numbers the members of an `every` connection: web#1, web#2.
std::vector<const EndpointTimeline*> EndpointsOf(
    const EndpointExpectation& expected, bool every, const Timeline& timeline) {
  std::vector<const EndpointTimeline*> found;
  for (const EndpointTimeline& endpoint : timeline.endpoints) {
    const std::string& name = endpoint.connection;
    bool named = name == expected.connection ||
                 (every && name.starts_with(expected.connection + "#"));
    if (named && endpoint.host == expected.host) found.push_back(&endpoint);
    if (!every && !found.empty()) break;
  }
  return found;
}

// Nothing is known about an endpoint whose observation has a hole.
void Distrust(std::vector<Finding>& findings, const std::string& why) {
  for (Finding& finding : findings) {
    Decide(finding, Verdict::kBroken, "not observed completely: " + why);
    finding.margin.reset();
  }
}

std::vector<Finding> JudgeOne(const EndpointExpectation& expected,
                              const EndpointTimeline& endpoint,
                              const Timeline& timeline,
                              const Environment& environment) {
  std::vector<Finding> findings = JudgeEndpoint(
      expected, {endpoint, timeline, environment, StaysOf(endpoint)});
  if (!endpoint.hole.empty()) {
    Distrust(findings, endpoint.hole + Also(LossText(timeline)));
  }
  return findings;
}

// What a source that lost events did not show may yet have been there.
Finding NeverSeen(const EndpointExpectation& expected,
                  const Timeline& timeline) {
  Finding finding;
  finding.place = expected.place;
  finding.host = expected.host;
  finding.connection = expected.connection;
  finding.subject = expected.host + " " + expected.connection;
  finding.expected = "a connection of this name";
  std::string losses = LossText(timeline);
  Decide(finding, losses.empty() ? Verdict::kFail : Verdict::kBroken,
         "never seen" + Also(losses));
  return finding;
}

// Is `a` the one of two findings about alike connections to tell about? The
// first of the worst verdict, among passes the one with the least margin.
bool Outweighs(const Finding& a, const Finding& b) {
  if (a.verdict != b.verdict) return a.verdict > b.verdict;
  if (a.verdict != Verdict::kPass) return false;
  return a.margin && (!b.margin || *a.margin < *b.margin);
}

using Findings = std::vector<std::vector<Finding>>;  // by connection

std::ptrdiff_t CountOf(Verdict verdict, const Findings& all, std::size_t n) {
  return std::count_if(all.begin(), all.end(), [&](const auto& findings) {
    return findings[n].verdict == verdict;
  });
}

// The one to tell about, not worse than `worst`.
const Finding* Told(const Findings& all, std::size_t n, Verdict worst) {
  const Finding* told = nullptr;
  for (const auto& findings : all) {
    const Finding& finding = findings[n];
    if (finding.verdict > worst) continue;
    if (!told || Outweighs(finding, *told)) told = &finding;
  }
  return told;
}

// Those that deviate and those of which nothing is known are not more than may
// deviate.
std::optional<Finding> Excepted(const Findings& all, std::size_t n,
                                int except) {
  std::ptrdiff_t fail = CountOf(Verdict::kFail, all, n);
  std::ptrdiff_t unknown = CountOf(Verdict::kBroken, all, n);
  if (fail + unknown == 0 || fail + unknown > except) return std::nullopt;
  Finding sum = *Told(all, n, Verdict::kFail);
  std::string deviate = std::to_string(fail + unknown) + " of " +
                        std::to_string(all.size()) + " deviate";
  if (unknown > 0) deviate += " or are not known";
  Decide(sum, Verdict::kPass,
         deviate + ", " + std::to_string(except) + " may: " + sum.actual);
  sum.margin.reset();
  return sum;
}

// One finding for the n-th sentence about many connections.
Finding Sum(const Findings& all, std::size_t n,
            const EndpointExpectation& expected) {
  if (auto excepted = Excepted(all, n, expected.except)) return *excepted;
  // Few enough fail, and it is those not known that may be too many.
  const bool few = CountOf(Verdict::kFail, all, n) <= expected.except &&
                   CountOf(Verdict::kBroken, all, n) > 0;
  Finding sum = *Told(all, n, few ? Verdict::kBroken : Verdict::kFail);
  std::ptrdiff_t alike = CountOf(sum.verdict, all, n);
  if (sum.verdict == Verdict::kPass) {
    sum.actual += " (of " + std::to_string(alike) + " connections the one " +
                  (sum.margin ? "with the least margin)" : "told here)");
  } else if (alike > 1) {
    sum.actual += ", and " + std::to_string(alike - 1) + " more of the " +
                  std::to_string(all.size()) + " " + expected.connection;
  }
  return sum;
}

std::vector<Finding> JudgeEvery(const EndpointExpectation& expected,
                                const Scenario& scenario,
                                const Timeline& timeline,
                                const Environment& environment) {
  bool every = IsEvery(scenario, expected.connection);
  auto endpoints = EndpointsOf(expected, every, timeline);
  if (endpoints.empty()) return {NeverSeen(expected, timeline)};
  Findings all;
  for (const EndpointTimeline* endpoint : endpoints) {
    all.push_back(JudgeOne(expected, *endpoint, timeline, environment));
  }
  if (all.size() == 1) return all.front();
  std::vector<Finding> sums;
  for (std::size_t n = 0; n < all.front().size(); ++n) {
    sums.push_back(Sum(all, n, expected));
  }
  return sums;
}

// --- programs --------------------------------------------------------------

// The last start of a program is the one that is judged.
const tcp::ProgramRecord* FindProgram(
    const scenario::ProgramExpectation& expected, const Timeline& timeline) {
  const tcp::ProgramRecord* found = nullptr;
  for (const tcp::ProgramRecord& program : timeline.programs) {
    bool same = program.host == expected.host && program.name == expected.name;
    if (same) found = &program;
  }
  return found;
}

std::string EndText(const tcp::ProgramRecord& program) {
  if (program.term_signal) {
    return "killed by signal " + std::to_string(*program.term_signal);
  }
  if (program.exit_code) return "exit " + std::to_string(*program.exit_code);
  return "still running when the run ended";
}

std::string Quoted(const std::string& text) {
  return "\"" + OnOneLine(text) + "\"";
}

// The end of the output is where programs say why.
std::string OutputText(const std::string& output) {
  constexpr std::size_t kShown = 200;
  if (output.empty()) return "no output";
  if (output.size() <= kShown) return "output " + Quoted(output);
  return "output ends with " + Quoted(output.substr(output.size() - kShown));
}

// Adds the findings about one program.
class ProgramJudge {
 public:
  ProgramJudge(const scenario::ProgramExpectation& expected,
               const tcp::ProgramRecord* program,
               std::vector<Finding>& findings)
      : expected_(expected), program_(program), findings_(findings) {}

  void Judge() {
    if (auto code = expected_.exit_code) {
      Add("exit " + std::to_string(*code),
          program_ && program_->exit_code == code, &EndText);
    }
    if (auto signal = expected_.term_signal) {
      Add("killed by signal " + std::to_string(*signal),
          program_ && program_->term_signal == signal, &EndText);
    }
    for (const std::string& text : expected_.output_contains) {
      Add("output contains " + Quoted(text), Contains(text), &Output);
    }
    for (const std::string& text : expected_.output_lacks) {
      Add("output lacks " + Quoted(text), !Contains(text), &Output);
    }
  }

 private:
  static std::string Output(const tcp::ProgramRecord& program) {
    return OutputText(program.output);
  }

  bool Contains(const std::string& text) const {
    return program_ && program_->output.find(text) != std::string::npos;
  }

  void Add(std::string sentence, bool right,
           std::string (*actual)(const tcp::ProgramRecord&)) {
    Finding finding;
    finding.place = expected_.place;
    finding.host = expected_.host;
    finding.subject = expected_.host + " program " + expected_.name;
    finding.expected = std::move(sentence);
    if (program_ == nullptr) {
      Decide(finding, Verdict::kFail, "never started");
    } else {
      Decide(finding, right ? Verdict::kPass : Verdict::kFail,
             actual(*program_));
      finding.around = program_->ended;
    }
    findings_.push_back(std::move(finding));
  }

  const scenario::ProgramExpectation& expected_;
  const tcp::ProgramRecord* program_;
  std::vector<Finding>& findings_;
};

bool InFileOrder(const Finding& a, const Finding& b) {
  return std::tie(a.place.line, a.place.column) <
         std::tie(b.place.line, b.place.column);
}

}  // namespace

std::vector<Finding> JudgeExpectations(const Scenario& scenario,
                                       const Timeline& timeline,
                                       const Environment& environment) {
  std::vector<Finding> findings;
  auto add = [&](std::vector<Finding> more) {
    std::move(more.begin(), more.end(), std::back_inserter(findings));
  };
  for (const EndpointExpectation& expected : scenario.endpoints) {
    add(JudgeEvery(expected, scenario, timeline, environment));
  }
  for (const auto& expected : scenario.sockets) {
    add(JudgeSockets(expected, timeline, environment));
  }
  for (const auto& expected : scenario.counters) {
    findings.push_back(JudgeCounter(expected, scenario.counters, timeline));
  }
  for (const auto& expected : scenario.programs) {
    ProgramJudge(expected, FindProgram(expected, timeline), findings).Judge();
  }
  std::stable_sort(findings.begin(), findings.end(), InFileOrder);
  return findings;
}

std::vector<Finding> Judge(const Scenario& scenario, const Timeline& timeline,
                           const Environment& environment) {
  std::vector<Finding> findings = JudgeExpectations(
      scenario.Where(environment.differences), timeline, environment);
  for (Finding& finding : JudgeDifferences(scenario, timeline, environment)) {
    findings.push_back(std::move(finding));
  }
  return findings;
}

}  // namespace finwait::judge
