// The actor's own side: what the forked process does, and the messages between
// it and the Actor object. Both sides are the same program, so the messages
// are its own structures; one message is one SOCK_SEQPACKET packet: the fixed
// part, then `data_length` bytes.
#pragma once

#include <sys/socket.h>

#include <cstdint>

#include "process/actor.h"

namespace finwait::process {

struct CallMessage {
  Call::Kind kind;
  int fd;
  int level;
  int name;
  int flags;
  std::int64_t number;
  sockaddr_storage address;
  socklen_t address_length;
  std::uint32_t data_length;
};

struct ReturnMessage {
  std::int64_t value;
  int error;
  std::int64_t begin;  // CLOCK_MONOTONIC, nanoseconds
  std::int64_t end;
  sockaddr_storage address;
  std::uint32_t data_length;
};

// Enters the namespace and answers calls on `control` until it is closed. The
// first message says how entering went, or is `refusal`, the error with which
// something before that failed. For a child after fork: raw system calls only.
[[noreturn]] void RunActor(int control, int namespace_fd, const char* label,
                           int refusal);

}  // namespace finwait::process
