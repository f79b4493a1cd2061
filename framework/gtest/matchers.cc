#include "gtest/matchers.h"

#include <algorithm>
#include <ostream>
#include <stdexcept>
#include <utility>

#include "judge/wording.h"
#include "scenario/mistakes.h"
#include "scenario/node.h"
#include "scenario/quantity.h"

namespace finwait::gtest {
namespace {

using tcp::EndpointTimeline;
using tcp::TcpState;
using ::testing::Matcher;
using ::testing::MatcherInterface;
using ::testing::MatchResultListener;

std::vector<TcpState> PathOf(const EndpointTimeline& endpoint) {
  std::vector<TcpState> path;
  for (const auto& transition : endpoint.transitions) {
    path.push_back(transition.to);
  }
  return path;
}

std::string PathTextOf(const ObservedEndpoint& observed) {
  const auto* endpoint =
      observed.timeline->Find(observed.host, observed.connection);
  return endpoint == nullptr ? "never seen"
                             : judge::PathText(PathOf(*endpoint));
}

bool WasIn(const ObservedEndpoint& observed, TcpState state) {
  const auto* endpoint =
      observed.timeline->Find(observed.host, observed.connection);
  if (endpoint == nullptr) return false;
  const auto path = PathOf(*endpoint);
  return std::find(path.begin(), path.end(), state) != path.end();
}

// As a scenario would read it.
scenario::Lasts ParseLasts(std::string_view text) {
  scenario::Node node;
  node.kind = scenario::Node::Kind::kString;
  node.text = text;
  scenario::Mistakes mistakes;
  scenario::Lasts lasts;
  if (scenario::Decode(node, mistakes, &lasts)) return lasts;
  const scenario::Diagnostic mistake = mistakes.Sorted().front();
  throw std::invalid_argument(mistake.wrong + ": " + mistake.right);
}

// Visits, or must not visit, one state.
class VisitMatcher : public MatcherInterface<const ObservedEndpoint&> {
 public:
  VisitMatcher(TcpState state, bool wanted) : state_(state), wanted_(wanted) {}

  bool MatchAndExplain(const ObservedEndpoint& observed,
                       MatchResultListener*) const override {
    // An endpoint that was never seen proves nothing.
    const bool seen =
        observed.timeline->Find(observed.host, observed.connection) != nullptr;
    return seen && WasIn(observed, state_) == wanted_;
  }
  void DescribeTo(std::ostream* out) const override {
    *out << (wanted_ ? "reaches " : "is never in ") << Name(state_);
  }

 private:
  TcpState state_;
  bool wanted_;
};

// Judged by the same rules as a scenario's expectation.
class JudgedMatcher : public MatcherInterface<const ObservedEndpoint&> {
 public:
  JudgedMatcher(scenario::EndpointExpectation expected, std::string sentence)
      : expected_(std::move(expected)), sentence_(std::move(sentence)) {}

  bool MatchAndExplain(const ObservedEndpoint& observed,
                       MatchResultListener* listener) const override {
    scenario::Scenario scenario;
    auto& endpoint = scenario.endpoints.emplace_back(expected_);
    endpoint.host = observed.host;
    endpoint.connection = observed.connection;
    bool matched = true;
    for (const judge::Finding& finding :
         judge::Judge(scenario, *observed.timeline, *observed.environment)) {
      if (finding.verdict == judge::Verdict::kPass) continue;
      matched = false;
      *listener << finding.actual;
      if (!finding.formula.empty()) *listener << " (" << finding.formula << ")";
    }
    return matched;
  }
  void DescribeTo(std::ostream* out) const override { *out << sentence_; }

 private:
  scenario::EndpointExpectation expected_;
  std::string sentence_;
};

class FollowsMatcher : public MatcherInterface<const ObservedEndpoint&> {
 public:
  explicit FollowsMatcher(std::string_view path) : path_(path) {}

  bool MatchAndExplain(const ObservedEndpoint& observed,
                       MatchResultListener*) const override {
    return PathTextOf(observed) == path_;
  }
  void DescribeTo(std::ostream* out) const override {
    *out << "follows " << path_;
  }

 private:
  std::string path_;
};

}  // namespace

Matcher<const ObservedEndpoint&> Reaches(TcpState state) {
  return ::testing::MakeMatcher(new VisitMatcher(state, true));
}

Matcher<const ObservedEndpoint&> Never(TcpState state) {
  return ::testing::MakeMatcher(new VisitMatcher(state, false));
}

Matcher<const ObservedEndpoint&> Stays(TcpState state, std::string_view lasts) {
  scenario::EndpointExpectation expected;
  auto& stay = expected.states.emplace_back();
  stay.state = state;
  stay.lasts = ParseLasts(lasts);
  std::string sentence =
      std::string(Name(state)) + " lasts " + judge::Describe(*stay.lasts);
  return ::testing::MakeMatcher(
      new JudgedMatcher(std::move(expected), std::move(sentence)));
}

Matcher<const ObservedEndpoint&> Ends(scenario::Ending how) {
  scenario::EndpointExpectation expected;
  expected.ends = how;
  return ::testing::MakeMatcher(new JudgedMatcher(
      std::move(expected), "ends " + std::string(judge::Name(how))));
}

Matcher<const ObservedEndpoint&> Follows(std::string_view path) {
  return ::testing::MakeMatcher(new FollowsMatcher(path));
}

void PrintTo(const ObservedEndpoint& endpoint, std::ostream* out) {
  *out << endpoint.host << " " << endpoint.connection << ", "
       << PathTextOf(endpoint);
}

}  // namespace finwait::gtest
