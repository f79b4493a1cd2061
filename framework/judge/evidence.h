// What the judge of one endpoint has before it.
#pragma once

#include <string>
#include <utility>
#include <vector>

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

// One for each thing said of the state (state.cc).
std::vector<Finding> JudgeState(const scenario::StateExpectation& expected,
                                const Evidence& evidence);

// Those that packets decide (wire.cc).
Finding JudgeEnding(const scenario::EndpointExpectation& expected,
                    const Evidence& evidence);
Finding JudgePackets(const scenario::PacketExpectation& expected,
                     const Evidence& evidence);

}  // namespace finwait::judge
