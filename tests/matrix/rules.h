// What Linux makes of a combination: the model the matrix is judged by. Read in
// the kernel, never taken from a run. Pure.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "matrix/combination.h"

namespace finwait::matrix {

// One state on the subject's path, in the words of the scenario language.
struct Stay {
  std::string state;  // "FIN_WAIT2"
  std::string lasts;  // "tcp_fin_timeout", or empty: as long as it takes
  std::string timer;  // armed at the first look, or empty: not said
};

// What becomes of the subject's endpoint once it is ESTABLISHED.
struct Fate {
  std::vector<Stay> path;               // CLOSED is last, if it comes at all
  std::string ends;                     // "fin"; empty if it does not end
  std::map<std::string, int> counters;  // of its host, beyond zero
  std::string act_fails;                // errno of the act, or empty
  std::string act_takes;                // of a close(): how long it blocks
  int acks_in_time_wait = 0;            // sent there, if it acts there
  std::string send_fails;  // errno that a later send() gets, if it can be made

  bool Ends() const { return !ends.empty(); }
};

// A combination that cannot be has no fate: throws std::invalid_argument.
Fate FateOf(const Combination& c);

// The counters that the rules speak of; all others of theirs must not move.
const std::vector<std::string_view>& CountersOfRules();

}  // namespace finwait::matrix
