// Tries the conditions of a scenario's differences.
#include "lab/differences.h"

#include <sys/utsname.h>

#include "lab/probe.h"
#include "netns/namespace.h"
#include "netns/sysctl.h"

namespace finwait::lab {
namespace {

bool HasSysctl(const std::string& name) {
  return netns::ReadSysctl(netns::Namespace::Create(), name).has_value();
}

bool Holds(const scenario::Condition& condition) {
  if (!condition.kernel.empty()) {
    utsname name{};
    uname(&name);
    return KernelWithin(name.release, condition.kernel);
  }
  const bool has = condition.sysctl.empty() ? HasFeature(condition.feature)
                                            : HasSysctl(condition.sysctl);
  return has != condition.lacks;
}

}  // namespace

scenario::DifferenceSet DifferencesHere(const scenario::Scenario& scenario) {
  scenario::DifferenceSet here;
  for (std::size_t n = 0; n < scenario.differences.size(); ++n) {
    if (Holds(scenario.differences[n].where)) here.push_back(n);
  }
  return here;
}

}  // namespace finwait::lab
