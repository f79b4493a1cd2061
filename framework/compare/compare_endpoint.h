// Holds two ends against each other. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "compare/agreement.h"
#include "compare/behaviour.h"
#include "compare/difference.h"

namespace finwait::compare {

// What the comparison of all facts of two behaviours depends on.
struct Comparing {
  Conditions at_a;
  Conditions at_b;
  std::int64_t crowd = 0;  // connections, if too many to be told one by one

  bool Same(std::int64_t a, std::int64_t b) const;
};

// "SYN_SENT > ESTABLISHED"
std::string PathText(const Endpoint& endpoint);

// The same end of the same connection.
void CompareEndpoint(const Endpoint& a, const Endpoint& b,
                     const Comparing& comparing,
                     std::vector<Difference>& found);

// By name; what is missing in one is 0. `of` comes before each name.
void CompareCounts(const std::string& of, const std::map<std::string, Count>& a,
                   const std::map<std::string, Count>& b,
                   const Comparing& comparing, std::vector<Difference>& found);

}  // namespace finwait::compare
