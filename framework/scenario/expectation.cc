// Which counters a sentence is about.
#include "scenario/expectation.h"

#include <fnmatch.h>

namespace finwait::scenario {

bool CounterExpectation::IsAbout(const std::string& counter) const {
  if (!IsPattern()) return counter == name;
  return fnmatch(name.c_str(), counter.c_str(), 0) == 0;
}

}  // namespace finwait::scenario
