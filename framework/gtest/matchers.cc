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

// Lasts, judged by the same rules as a scenario's expectation.
class StaysMatcher : public MatcherInterface<const ObservedEndpoint&> {
 public:
  StaysMatcher(TcpState state, std::string_view lasts)
      : state_(state), lasts_(ParseLasts(lasts)) {}

  bool MatchAndExplain(const ObservedEndpoint& observed,
                       MatchResultListener* listener) const override {
    scenario::Scenario scenario;
    auto& endpoint = scenario.endpoints.emplace_back();
    endpoint.host = observed.host;
    endpoint.connection = observed.connection;
    auto& expected = endpoint.states.emplace_back();
    expected.state = state_;
    expected.lasts = lasts_;
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
  void DescribeTo(std::ostream* out) const override {
    *out << Name(state_) << " lasts " << judge::Describe(lasts_);
  }

 private:
  TcpState state_;
  scenario::Lasts lasts_;
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
  return ::testing::MakeMatcher(new StaysMatcher(state, lasts));
}

Matcher<const ObservedEndpoint&> Follows(std::string_view path) {
  return ::testing::MakeMatcher(new FollowsMatcher(path));
}

void PrintTo(const ObservedEndpoint& endpoint, std::ostream* out) {
  *out << endpoint.host << " " << endpoint.connection << ", "
       << PathTextOf(endpoint);
}

}  // namespace finwait::gtest
