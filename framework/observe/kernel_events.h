// The kernel's own account of TCP: BPF programs on the run's cgroup and on
// tracepoints.
//
// Everything is in this process's hands: programs, maps and attachments go
// with their descriptors, also on kill -9, and nothing is pinned.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "netns/namespace.h"
#include "observe/event_source.h"

namespace finwait::observe {

// Loads what this kernel and this user permit:
// - sockops on `cgroup`: every change of state of the full sockets of the
//   processes in it (Linux 5.15, CAP_BPF and CAP_NET_ADMIN; no BTF);
// - tracepoints: timers of minisocks and request sockets; and, without a
//   cgroup, the changes of state of all full sockets of the namespaces
//   (BTF, CAP_BPF and CAP_PERFMON; before Linux 6.2 no lockdown either).
//
// What cannot be had is no error: Records() says why and what that costs. One
// thread at a time.
class KernelEvents : public EventSource {
 public:
  struct Options {
    // The descriptor of a cgroup v2 directory; or why there is none.
    std::optional<int> cgroup;
    std::string why_no_cgroup;
    // Hosts to tell of; the namespaces must outlive this object.
    std::vector<std::pair<std::string, const netns::Namespace*>> hosts;
    // A power of two, in pages. 65,000 events fit into the default: what 3000
    // connections tell from beginning to end.
    int ring_bytes = 8 << 20;
  };
  explicit KernelEvents(const Options& options);
  ~KernelEvents() override;

  int fd() const override;
  void Drain(const std::function<void(const Event&)>& sink) override;
  std::vector<tcp::SourceRecord> Records() const override;
  bool sees_timers() const override;

 private:
  class Programs;
  std::unique_ptr<Programs> programs_;
};

}  // namespace finwait::observe
