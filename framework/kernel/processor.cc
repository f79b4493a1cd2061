#include "kernel/processor.h"

#include <sched.h>

#include <map>
#include <mutex>

namespace finwait::kernel {
namespace {

// How many guests each has.
struct Tally {
  std::mutex mutex;
  std::map<int, int> guests;
};

Tally& OurTally() {
  static Tally tally;
  return tally;
}

// From the one that we are on: other processes with guests may count from
// another one.
int LeastUsed(const cpu_set_t& allowed, std::map<int, int>& guests) {
  const int here = sched_getcpu();
  int best = -1;
  for (int n = 0; n < CPU_SETSIZE; ++n) {
    const int processor = (here + n) % CPU_SETSIZE;
    if (!CPU_ISSET(processor, &allowed)) continue;
    if (best < 0 || guests[processor] < guests[best]) best = processor;
  }
  return best;
}

}  // namespace

Processor::Processor() {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) return;
  const std::lock_guard lock(OurTally().mutex);
  number_ = LeastUsed(allowed, OurTally().guests);
  if (number_ >= 0) ++OurTally().guests[number_];
}

Processor::~Processor() {
  const std::lock_guard lock(OurTally().mutex);
  if (number_ >= 0) --OurTally().guests[number_];
}

}  // namespace finwait::kernel
