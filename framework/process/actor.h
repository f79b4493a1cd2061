// The process that makes a host's socket calls.
//
// Each acting host has one: a real process in the host's namespace, so that
// its sockets have an owner with a pid, and kill -9 means what it says. It is
// forked from the spawner and makes raw system calls only; every call is
// stamped right before and after by itself. Its descriptors 0, 1, 2 are
// /dev/null, its sockets count from 3, and the socket we talk to it by is
// number 1000.
#pragma once

#include <sys/socket.h>
#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "netns/namespace.h"
#include "process/sandbox.h"

namespace finwait::process {

// One system call to make. `fd` is the actor's own descriptor number.
struct Call {
  enum class Kind : std::uint8_t {
    kSocket,    // domain in `number`; SOCK_STREAM | extra flags in `flags`
    kBind,      // address
    kListen,    // backlog in `number`
    kConnect,   // address (AF_UNSPEC: disconnect)
    kAccept,    // result: the new descriptor
    kSend,      // data; flags
    kReceive,   // at most `number` bytes; flags
    kShutdown,  // how in `number`
    kClose,
    kSetsockopt,      // level, name, data
    kGetsockopt,      // level, name, `number` bytes of room
    kSetNonblocking,  // `number` 0 or 1
    kGetsockname,
    kGetpeername,
    kSendPacket,  // data: a whole IP packet, as it is, towards address by a
                  // raw socket that is gone afterwards
  };
  Kind kind = Kind::kSocket;
  int fd = -1;
  int level = 0;
  int name = 0;
  int flags = 0;
  std::int64_t number = 0;
  sockaddr_storage address{};
  socklen_t address_length = 0;
  std::string data;  // at most kMaxCallData bytes
};

inline constexpr std::size_t kMaxCallData = 65536;

struct CallReturn {
  std::int64_t value = 0;  // what the call returned, -1 on error
  int error = 0;           // errno
  TimePoint begin;         // read by the actor around the call itself
  TimePoint end;
  sockaddr_storage address{};
  std::string data;  // received bytes, option value
};

// Owns the process; its death kills it. One thread at a time. One call is
// under way at most: Start() while one is pending throws std::logic_error.
class Actor {
 public:
  // `label` becomes the process's name in ps(1), at most 15 bytes.
  Actor(Sandbox& sandbox, const netns::Namespace& ns, const std::string& label);
  ~Actor();
  Actor(Actor&&) noexcept;
  Actor& operator=(Actor&&) noexcept;

  pid_t pid() const;
  int fd() const;  // readable when the pending call has returned, or it died

  void Start(const Call& call);
  bool pending() const;
  // The return of the pending call, or empty if it still blocks. Throws Error
  // if the actor died.
  std::optional<CallReturn> Poll();
  // Waits for it until `deadline`; empty when that passed.
  std::optional<CallReturn> Wait(TimePoint deadline);
  // Start and Wait without limit for calls that cannot block.
  CallReturn Do(const Call& call);

  // SIGKILL, and reap: the kernel has closed all its sockets. Every later call
  // throws Error.
  void Kill();
  // Lets it exit by itself once a pending call has returned, waits for that,
  // and reaps. Every later call throws Error.
  void Exit();

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace finwait::process
