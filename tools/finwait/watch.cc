// finwait watch: what happens to a running host's connections.
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <iostream>
#include <optional>

#include "base/error.h"
#include "base/units.h"
#include "commands.h"
#include "interrupt.h"
#include "verdicts.h"
#include "watcher.h"

namespace finwait::tools {
namespace {

// "1234" is a process, "/run/netns/blue" a file, "blue" a name of ip-netns(8).
netns::Namespace NamespaceOf(const std::string& given) {
  if (given.empty()) return netns::Namespace::Current();
  if (given.find('/') != std::string::npos) {
    return netns::Namespace::Open(given);
  }
  const bool pid = std::all_of(given.begin(), given.end(), [](char c) {
    return std::isdigit(static_cast<unsigned char>(c)) != 0;
  });
  return netns::Namespace::Open(pid ? "/proc/" + given + "/ns/net"
                                    : "/run/netns/" + given);
}

// A user namespace of one's own has no right in the host's network namespace.
void CheckRight(const netns::Namespace& ns) {
  const bool allowed = ns.In([] {
    const FileDescriptor any(socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0));
    if (!any.valid() && errno != EPERM) ThrowErrno("making a packet socket");
    return any.valid();
  });
  if (!allowed) {
    throw Unsupported("the right to see the packets of this network namespace",
                      "root (sudo finwait watch), or CAP_NET_RAW; names of "
                      "other users' processes need CAP_SYS_PTRACE, too");
  }
}

// Empty, and said, if there is none of that name.
std::optional<netns::Namespace> OpenNamespace(const std::string& given) {
  try {
    return NamespaceOf(given);
  } catch (const Error& error) {
    std::cerr << "finwait: " << error.what() << "\n";
    return std::nullopt;
  }
}

// Empty, and said, if something cannot be read.
std::optional<WatchOptions> OptionsOf(const WatchArguments& arguments) {
  WatchOptions options;
  options.selection.ports = {arguments.ports.begin(), arguments.ports.end()};
  options.selection.processes = {arguments.processes.begin(),
                                 arguments.processes.end()};
  for (const std::string& name : arguments.states) {
    const auto state = tcp::ParseTcpState(name);
    if (!state) {
      std::cerr << "finwait: --state " << name
                << " is no TCP state: write it as in FIN_WAIT2\n";
      return std::nullopt;
    }
    options.selection.states.insert(*state);
  }
  if (!arguments.length.empty()) {
    options.length = ParseDuration(arguments.length);
    if (!options.length || *options.length < Duration::zero()) {
      std::cerr << "finwait: --for " << arguments.length
                << " is no duration: write it as in 90s or 5min\n";
      return std::nullopt;
    }
  }
  options.only_existing = arguments.only_existing;
  options.only_new = arguments.only_new;
  options.style.color =
      arguments.color == "always" ||
      (arguments.color == "auto" && isatty(STDOUT_FILENO) == 1);
  return options;
}

}  // namespace

int Watch(const WatchArguments& arguments) {
  const auto options = OptionsOf(arguments);
  const auto ns = OpenNamespace(arguments.network_namespace);
  if (!options || !ns) return static_cast<int>(ExitStatus::kUsage);
  const FileDescriptor interrupt = CatchInterrupts();
  signal(SIGPIPE, SIG_IGN);  // whose output is closed ends in good order
  try {
    CheckRight(*ns);
    Watcher(*ns, *options, interrupt.get()).Run();
  } catch (const Unsupported& unsupported) {
    return Refuse(unsupported);
  }
  return static_cast<int>(ExitStatus::kPass);
}

}  // namespace finwait::tools
