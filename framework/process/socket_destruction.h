// Ends TCP sockets that no process owns any more.
#pragma once

namespace finwait::process {

// Moves the calling process into the namespace and destroys its TCP sockets
// there (SOCK_DESTROY, CONFIG_INET_DIAG_DESTROY), whoever owns them. An orphan
// with unacknowledged data or FIN would otherwise hold the namespace until
// tcp_orphan_retries are over, some 106 s. A kernel that cannot is left to
// that. For the init after fork: raw system calls only.
void DestroyTcpSockets(int namespace_fd);

}  // namespace finwait::process
