// Expectations written by hand, and their judgement.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "judge/judge.h"
#include "unit/timeline_builder.h"

namespace finwait::testing {

inline scenario::Span For(Duration duration) { return {duration, ""}; }
inline scenario::Span Formula(std::string name) {
  return {std::nullopt, std::move(name)};
}

inline scenario::Lasts Timer(scenario::Span span) {
  return {scenario::Lasts::Kind::kTimer, std::move(span), {}};
}
inline scenario::Lasts AtLeast(scenario::Span span) {
  return {scenario::Lasts::Kind::kAtLeast, std::move(span), {}};
}
inline scenario::Lasts AtMost(scenario::Span span) {
  return {scenario::Lasts::Kind::kAtMost, std::move(span), {}};
}
inline scenario::Lasts Between(scenario::Span lower, scenario::Span upper) {
  return {scenario::Lasts::Kind::kBetween, std::move(lower), std::move(upper)};
}
inline scenario::Lasts ToTheEnd() {
  return {scenario::Lasts::Kind::kToTheEnd, {}, {}};
}

// Expectations on client's conn, in a file of that name only.
inline scenario::EndpointExpectation OnClient() {
  scenario::EndpointExpectation expected;
  expected.host = "client";
  expected.connection = "conn";
  expected.place = {"orphan.toml", 20, 1};
  expected.path_place = {"orphan.toml", 21, 1};
  expected.never_place = {"orphan.toml", 22, 1};
  expected.ends_place = {"orphan.toml", 30, 1};
  return expected;
}

inline scenario::EndpointExpectation OnState(tcp::TcpState state,
                                             scenario::Lasts lasts) {
  scenario::EndpointExpectation expected = OnClient();
  scenario::StateExpectation in_state;
  in_state.state = state;
  in_state.lasts = std::move(lasts);
  in_state.place = {"orphan.toml", 23, 1};
  expected.states.push_back(std::move(in_state));
  return expected;
}

inline std::vector<judge::Finding> JudgeAll(
    const scenario::EndpointExpectation& expected,
    const tcp::Timeline& timeline,
    const judge::Environment& environment = DefaultEnvironment()) {
  scenario::Scenario scenario;
  scenario.endpoints.push_back(expected);
  return Judge(scenario, timeline, environment);
}

// Of an expectation that makes exactly one finding.
inline judge::Finding JudgeOne(
    const scenario::EndpointExpectation& expected,
    const tcp::Timeline& timeline,
    const judge::Environment& environment = DefaultEnvironment()) {
  return JudgeAll(expected, timeline, environment).at(0);
}

}  // namespace finwait::testing
