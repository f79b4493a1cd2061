// What two behaviours do not have in common. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "compare/behaviour.h"

namespace finwait::compare {

// One fact that is not the same.
struct Difference {
  std::string subject;  // "client conn: FIN_WAIT2"
  std::string a;        // "lasted 2s"
  std::string b;
  std::string why;  // how far apart and what would be allowed; may be empty
  int line = 0;     // of A's fact, or of what it is missing in
  // Where to look in the two timelines, if there.
  std::string host;
  std::string connection;
  std::optional<std::size_t> stay_a;  // index of Endpoint::stays
  std::optional<std::size_t> stay_b;
};

// In the order in which a Behaviour holds its facts. Times are the same if one
// request to the kernel's timers explains both (agreement.h).
std::vector<Difference> Compare(const Behaviour& a, const Behaviour& b);

// "client conn: FIN_WAIT2: lasted 2s | lasted 61.2s"
std::string ToString(const Difference& difference);

}  // namespace finwait::compare
