#include "lab/sources.h"

#include <cstdlib>

#include "base/error.h"
#include "observe/kernel_events.h"

namespace finwait::lab {

Ground PrepareGround(bool wanted) {
  Ground ground;
  ground.wanted = wanted && std::getenv("FINWAIT_NO_BPF") == nullptr;
  if (!ground.wanted) return ground;
  try {
    ground.cgroup.emplace(process::Cgroup::Create());
  } catch (const Error& error) {
    ground.why_no_cgroup = error.what();
  }
  return ground;
}

std::vector<std::unique_ptr<observe::EventSource>> SourcesOf(
    const Ground& ground, const process::Cgroup* cgroup, const Lab& lab) {
  std::vector<std::unique_ptr<observe::EventSource>> sources;
  if (!ground.wanted) return sources;
  observe::KernelEvents::Options options;
  if (cgroup != nullptr) options.cgroup = cgroup->fd();
  options.why_no_cgroup = ground.why_no_cgroup;
  for (const observe::Vantage& vantage : lab.Vantages()) {
    options.hosts.emplace_back(vantage.host, vantage.ns);
  }
  sources.push_back(std::make_unique<observe::KernelEvents>(options));
  return sources;
}

}  // namespace finwait::lab
