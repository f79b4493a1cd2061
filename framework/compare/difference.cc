// Holds two behaviours against each other, fact by fact.
#include "compare/difference.h"

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

#include "compare/alignment.h"
#include "compare/compare_endpoint.h"

namespace finwait::compare {
namespace {

using Counts = std::map<std::string, Count>;

const Count* Find(const Counts& counts, const std::string& name) {
  const auto found = counts.find(name);
  return found == counts.end() ? nullptr : &found->second;
}

template <typename Value>
std::set<std::string> KeysOf(const std::map<std::string, Value>& a,
                             const std::map<std::string, Value>& b) {
  std::set<std::string> keys;
  for (const auto& [key, value] : a) keys.insert(key);
  for (const auto& [key, value] : b) keys.insert(key);
  return keys;
}

// --- endpoints ---------------------------------------------------------------

// In a crowd, ends that took different ways are different ends.
auto IdentityOf(const Endpoint& endpoint, bool crowd) {
  return std::tuple(endpoint.host, endpoint.connection,
                    crowd ? PathText(endpoint) : "");
}

std::string NameOf(const Endpoint& endpoint) {
  return endpoint.host + " " + endpoint.connection;
}

Difference OnlyOne(const Endpoint& one, bool in_a) {
  Difference difference{.subject = NameOf(one),
                        .line = in_a ? one.line : 0,
                        .host = one.host,
                        .connection = one.connection};
  const std::int64_t members = one.members.value;
  std::string there = members == 1 ? "" : std::to_string(members) + " of ";
  (in_a ? difference.a : difference.b) = there + PathText(one);
  (in_a ? difference.b : difference.a) = "not there";
  return difference;
}

void CompareEndpoints(const Behaviour& a, const Behaviour& b,
                      const Comparing& comparing,
                      std::vector<Difference>& found) {
  const auto identity = [&](const Endpoint& endpoint) {
    return IdentityOf(endpoint, comparing.crowd > 0);
  };
  for (const Aligned& pair : AlignBy(a.endpoints, b.endpoints, identity)) {
    if (pair.a && pair.b) {
      CompareEndpoint(a.endpoints[*pair.a], b.endpoints[*pair.b], comparing,
                      found);
      continue;
    }
    const Endpoint& one = pair.a ? a.endpoints[*pair.a] : b.endpoints[*pair.b];
    if (comparing.crowd > 0 && comparing.Same(one.members.value, 0)) continue;
    found.push_back(OnlyOne(one, pair.a.has_value()));
  }
}

// --- the rest ----------------------------------------------------------------

void CompareCounters(const Behaviour& a, const Behaviour& b,
                     const Comparing& comparing,
                     std::vector<Difference>& found) {
  static const Counts kNone;
  for (const std::string& host : KeysOf(a.counters, b.counters)) {
    const auto of_a = a.counters.find(host);
    const auto of_b = b.counters.find(host);
    CompareCounts(host + ": ", of_a == a.counters.end() ? kNone : of_a->second,
                  of_b == b.counters.end() ? kNone : of_b->second, comparing,
                  found);
  }
}

auto IdentityOf(const Program& program) {
  return std::tuple(program.host, program.name);
}

void ComparePrograms(const Behaviour& a, const Behaviour& b,
                     std::vector<Difference>& found) {
  const auto identity = [](const Program& one) { return IdentityOf(one); };
  for (const Aligned& pair : AlignBy(a.programs, b.programs, identity)) {
    const Program* of_a = pair.a ? &a.programs[*pair.a] : nullptr;
    const Program* of_b = pair.b ? &b.programs[*pair.b] : nullptr;
    if (of_a && of_b && of_a->ending == of_b->ending) continue;
    const Program& any = of_a ? *of_a : *of_b;
    found.push_back({.subject = any.host + ": program " + any.name,
                     .a = of_a ? of_a->ending : "not started",
                     .b = of_b ? of_b->ending : "not started",
                     .line = of_a ? of_a->line : 0});
  }
}

void CompareJudgements(const Behaviour& a, const Behaviour& b,
                       std::vector<Difference>& found) {
  const auto identity = [](const Judgement& one) {
    return std::tuple(one.subject, one.expected);
  };
  for (const Aligned& pair : AlignBy(a.judgements, b.judgements, identity)) {
    const Judgement* of_a = pair.a ? &a.judgements[*pair.a] : nullptr;
    const Judgement* of_b = pair.b ? &b.judgements[*pair.b] : nullptr;
    const judge::Verdict in_a = of_a ? of_a->verdict : judge::Verdict::kPass;
    const judge::Verdict in_b = of_b ? of_b->verdict : judge::Verdict::kPass;
    if (in_a == in_b) continue;
    const Judgement& any = of_a ? *of_a : *of_b;
    found.push_back(
        {.subject = any.subject + ": expected \"" + any.expected + "\"",
         .a = std::string(Name(in_a)),
         .b = std::string(Name(in_b)),
         .line = of_a ? of_a->line : 0});
  }
}

std::int64_t MembersOf(const Behaviour& behaviour) {
  std::int64_t members = 0;
  for (const Endpoint& endpoint : behaviour.endpoints) {
    members += endpoint.members.value;
  }
  return members;
}

}  // namespace

bool Comparing::Same(std::int64_t a, std::int64_t b) const {
  return SameCount(a, b, crowd);
}

void CompareCounts(const std::string& of, const Counts& a, const Counts& b,
                   const Comparing& comparing, std::vector<Difference>& found) {
  for (const std::string& name : KeysOf(a, b)) {
    const Count* in_a = Find(a, name);
    const Count* in_b = Find(b, name);
    const std::int64_t value_a = in_a ? in_a->value : 0;
    const std::int64_t value_b = in_b ? in_b->value : 0;
    if (comparing.Same(value_a, value_b)) continue;
    found.push_back({.subject = of + name,
                     .a = std::to_string(value_a),
                     .b = std::to_string(value_b),
                     .line = in_a ? in_a->line : 0});
  }
}

std::vector<Difference> Compare(const Behaviour& a, const Behaviour& b) {
  Comparing comparing{ConditionsOf(a), ConditionsOf(b)};
  if (a.IsCrowd() || b.IsCrowd()) {
    comparing.crowd = std::max(MembersOf(a), MembersOf(b)) / 2;
  }
  std::vector<Difference> found;
  CompareEndpoints(a, b, comparing, found);
  CompareCounters(a, b, comparing, found);
  CompareCounts("sockets in the end: ", a.sockets, b.sockets, comparing, found);
  ComparePrograms(a, b, found);
  CompareJudgements(a, b, found);
  for (Difference& difference : found) {
    if (difference.line == 0) difference.line = a.line;
  }
  return found;
}

std::string ToString(const Difference& difference) {
  return difference.subject + ": " + difference.a + " | " + difference.b;
}

}  // namespace finwait::compare
