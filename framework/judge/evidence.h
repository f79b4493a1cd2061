// What the judges have before them, and what they do with it.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "judge/duration.h"
#include "judge/judge.h"
#include "judge/stay.h"
#include "scenario/expectation.h"
#include "tcp/timeline.h"

namespace finwait::judge {

// References to one run's values, which must outlive it, and the endpoint's
// stays, cut once.
struct Evidence {
  const tcp::EndpointTimeline& endpoint;
  const tcp::Timeline& timeline;
  const Environment& environment;
  std::vector<Stay> stays;
};

// A Finding about the endpoint that still has to be judged.
inline Finding Begin(const Evidence& evidence, const scenario::Place& place,
                     const std::string& subject, std::string expected) {
  Finding finding;
  finding.place = place;
  finding.host = evidence.endpoint.host;
  finding.connection = evidence.endpoint.connection;
  finding.subject = finding.host + " " + finding.connection;
  if (!subject.empty()) finding.subject += ": " + subject;
  finding.expected = std::move(expected);
  return finding;
}

inline void Decide(Finding& finding, Verdict verdict, std::string actual) {
  finding.verdict = verdict;
  finding.actual = std::move(actual);
}

// All sentences about one endpoint; equally many in equal order for every
// endpoint, so that those of many connections can be told as one.
std::vector<Finding> JudgeEndpoint(
    const scenario::EndpointExpectation& expected, const Evidence& evidence);

// The same by what a measured length came to; `actual` says the length.
inline void Conclude(Finding& finding, const Comparison& comparison,
                     const std::string& actual) {
  finding.margin = comparison.margin;
  const std::string& remark = comparison.remark;
  Decide(finding, comparison.verdict,
         remark.empty() ? actual : actual + ": " + remark);
}

// One for each thing said of the state (state.cc).
std::vector<Finding> JudgeState(const scenario::StateExpectation& expected,
                                const Evidence& evidence);

// What looks at the socket in this stay tell of it (looks.cc).
void JudgeOrphan(Finding& finding, bool orphan, const Stay& stay,
                 const Evidence& evidence);
void JudgeShutdown(Finding& finding, std::uint8_t shutdown, const Stay& stay,
                   const Evidence& evidence);
void JudgeTimer(Finding& finding, tcp::TimerKind timer, const Stay& stay,
                const Evidence& evidence);
void JudgeTimerLeft(Finding& finding, const scenario::Lasts& lasts,
                    const Stay& stay, const Evidence& evidence);

// TCP_INFO at the last look at the full socket, in `stay` or at all (info.cc).
std::string Describe(const scenario::InfoExpectation& expected);
void JudgeInfo(Finding& finding, const scenario::InfoExpectation& expected,
               const Stay* stay, const Evidence& evidence);

// How many segments, and when (packets.cc).
std::vector<Finding> JudgePackets(const scenario::PacketExpectation& expected,
                                  const Evidence& evidence);
// How the connection ended (ending.cc).
Finding JudgeEnding(const scenario::EndpointExpectation& expected,
                    const Evidence& evidence);

// All sentences about the sockets of a host in a state (sockets.cc).
std::vector<Finding> JudgeSockets(const scenario::SocketsExpectation& expected,
                                  const tcp::Timeline& timeline,
                                  const Environment& environment);

// How far a counter moved; of a pattern, each that has no sentence of its own
// among `all` of the scenario (counters.cc).
Finding JudgeCounter(const scenario::CounterExpectation& expected,
                     const std::vector<scenario::CounterExpectation>& all,
                     const tcp::Timeline& timeline);

// All sentences of the scenario itself, whatever differences hold (judge.cc).
std::vector<Finding> JudgeExpectations(const scenario::Scenario& scenario,
                                       const tcp::Timeline& timeline,
                                       const Environment& environment);
// One for each declared difference that holds (differences.cc).
std::vector<Finding> JudgeDifferences(const scenario::Scenario& scenario,
                                      const tcp::Timeline& timeline,
                                      const Environment& environment);

}  // namespace finwait::judge
