// Plays socket calls. A step may be several calls (connect is socket,
// setsockopt, bind, connect): the ones before its own must succeed, its own is
// judged.
#include "lab/sockets.h"

#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>

#include "base/error.h"
#include "lab/call_data.h"
#include "lab/call_result.h"
#include "lab/step_failure.h"
#include "scenario/socket_option.h"

namespace finwait::lab {
namespace {

using process::Call;
using process::CallReturn;
using Kind = process::Call::Kind;

const scenario::SocketOption& OptionNamed(const std::string& name) {
  const scenario::SocketOption* option = scenario::FindSocketOption(name);
  if (option == nullptr) throw std::logic_error("unknown option " + name);
  return *option;
}

}  // namespace

Sockets::Sockets(Lab& lab, process::Sandbox& sandbox,
                 observe::Observer& observer, Programs& programs)
    : lab_(lab), sandbox_(sandbox), observer_(observer), programs_(programs) {}

template <typename Other>
void Sockets::Do(const Other&) {
  throw std::logic_error("not a socket call");
}

void Sockets::Play(const scenario::Step& step, tcp::StepRecord& record) {
  Collect(step.host, MonotonicClock::now() + step.within);
  step_ = &step;
  record_ = &record;
  began_.reset();
  std::visit([&](const auto& action) { Do(action); }, step.action);
  record_ = nullptr;
  if (began_) CompareDuration(step, ended_ - *began_);
}

void Sockets::Collect(const std::string& host, TimePoint deadline) {
  const auto found = pending_.find(host);
  if (found == pending_.end()) return;
  process::Actor& actor = actors_.at(host);
  programs_.Wait(
      actor.fd(), [] { return false; }, deadline);
  const auto result = actor.Poll();
  if (!result) {
    throw StepFailure{Describe(found->second.step) + " returns",
                      "it still blocks"};
  }
  Pending pending = std::move(found->second);
  pending_.erase(found);
  pending.step.async = false;  // what is left of it happens now
  step_ = &pending.step;
  began_.reset();
  pending.conclude(*result);
  CompareDuration(pending.step, ended_ - *began_);
}

void Sockets::CollectAll(TimePoint deadline) {
  while (!pending_.empty()) Collect(pending_.begin()->first, deadline);
}

tcp::SocketOptions Sockets::OptionsOf(const std::string& host,
                                      const std::string& connection) const {
  const auto found = options_.find({host, connection});
  return found == options_.end() ? tcp::SocketOptions{} : found->second;
}

void Sockets::Do(const scenario::OpenSocket& action) {
  Open(action.as, action.family, action.options);
}

void Sockets::Do(const scenario::Bind& action) {
  BindTo(Find(action.socket), action.to, /*judged=*/true);
}

void Sockets::Do(const scenario::Listen& action) {
  const std::string name = action.on.value_or(action.as);
  if (!action.on) {
    // A restarted listener must not fail on its own leftovers.
    scenario::SocketOptionValues options{{"SO_REUSEADDR", 1}};
    options.insert(action.options.begin(), action.options.end());
    BindTo(Open(name, action.family, options), action.at, /*judged=*/false);
  }
  Call call{.kind = Kind::kListen, .fd = Find(name).fd};
  call.number = action.backlog;
  Judged(call, "listen", [](const CallReturn&) {});
}

void Sockets::Do(const scenario::Connect& action) {
  const std::string name = action.on.value_or(action.as);
  Socket& socket =
      action.on ? Find(name) : Open(name, action.family, action.options);
  if (action.from) BindTo(socket, *action.from, /*judged=*/false);
  if (!action.blocking) {
    Call nonblocking{.kind = Kind::kSetNonblocking, .fd = socket.fd};
    nonblocking.number = 1;
    MustDo(nonblocking, "fcntl(O_NONBLOCK)");
  }
  const tcp::SocketAddress remote = Resolve(action.to, socket.family);
  observer_.ExpectConnection(step_->host, remote, name);
  Call call{.kind = Kind::kConnect, .fd = socket.fd};
  SetAddress(call, remote);
  Judged(call, "connect", [this, name, remote](const CallReturn& result) {
    Find(name).tuple = tcp::FourTuple{.local = {}, .remote = remote};
    const bool failed = result.value == -1 && result.error != EINPROGRESS;
    if (failed) return;  // the segments have told the rest
    LearnTuple(name);
    LookAt(name, result);
  });
}

void Sockets::Do(const scenario::Accept& action) {
  const Socket& listener = Find(action.listener);
  const Call call{.kind = Kind::kAccept, .fd = listener.fd};
  const Socket inherited{.family = listener.family,
                         .options = listener.options};
  Judged(call, "accept", [=, this](const CallReturn& result) {
    if (result.value < 0) return;
    Socket socket = inherited;
    socket.fd = static_cast<int>(result.value);
    socket.tuple =
        tcp::FourTuple{.local = {}, .remote = AddressOf(result.address)};
    options_[{step_->host, action.as}] = socket.options;
    sockets_[{step_->host, action.as}] = socket;
    LearnTuple(action.as);
    LookAt(action.as, result);
  });
}

void Sockets::Do(const scenario::Send& action) {
  if (action.until_full) return SendUntilFull(Find(action.socket));
  SendSome(action.socket,
           action.data.empty() ? Pattern(action.bytes) : action.data, 0);
}

void Sockets::SendSome(const std::string& name, const std::string& rest,
                       int flags) {
  Call call{.kind = Kind::kSend, .fd = Find(name).fd, .flags = flags};
  call.data = rest.substr(0, process::kMaxCallData);
  Judged(call, "send", [=, this](const CallReturn& result) {
    LookAt(name, result);
    const auto sent =
        static_cast<std::size_t>(std::max<std::int64_t>(result.value, 0));
    if (sent > 0 && sent < rest.size()) {
      SendSome(name, rest.substr(sent), flags);
    }
  });
}

void Sockets::SendUntilFull(Socket& socket) {
  Call call{.kind = Kind::kSend, .fd = socket.fd, .flags = MSG_DONTWAIT};
  call.data = Pattern(process::kMaxCallData);
  process::Actor& actor = ActorOf(step_->host);
  CallReturn result = actor.Do(call);
  record_->begin = result.begin;
  while (result.value > 0) result = actor.Do(call);
  record_->end = result.end;
  if (result.error != EAGAIN) {
    throw StepFailure{"send until the buffers are full (EAGAIN)",
                      "failed with " + ErrnoName(result.error)};
  }
}

void Sockets::Do(const scenario::Receive& action) {
  ReceiveSome(action.socket, {}, action);
}

// Receives until what the step wants is complete; whatever differs fails.
void Sockets::ReceiveSome(const std::string& name, const std::string& got,
                          const scenario::Receive& want) {
  const bool bounded = want.data || want.bytes;
  const std::size_t wanted =
      want.data ? want.data->size() : want.bytes.value_or(0);
  const bool only_end = got.size() >= wanted && want.end_of_file;
  Call call{.kind = Kind::kReceive, .fd = Find(name).fd};
  call.number = static_cast<std::int64_t>(
      bounded && !only_end
          ? std::min(wanted - got.size(), process::kMaxCallData)
          : process::kMaxCallData);
  Judged(call, "receive", [=, this](const CallReturn& result) {
    if (result.value < 0) return;
    const std::string all = got + result.data;
    if (only_end && result.value > 0) {
      throw StepFailure{
          "end of file",
          "received " + std::to_string(result.value) + " more bytes"};
    }
    if (!only_end && bounded && result.value == 0) {
      throw StepFailure{"receive " + std::to_string(wanted) + " bytes",
                        "end of file after " + std::to_string(all.size())};
    }
    if (want.data && all.size() >= wanted && all != *want.data) {
      throw StepFailure{"receive \"" + *want.data + "\"",
                        "received \"" + all + "\""};
    }
    const bool more = (bounded && all.size() < wanted) ||
                      (want.end_of_file && !only_end && bounded);
    if (more) ReceiveSome(name, all, want);
  });
}

void Sockets::Do(const scenario::Shutdown& action) {
  Call call{.kind = Kind::kShutdown, .fd = Find(action.socket).fd};
  call.number = static_cast<int>(action.how);
  Judged(call, "shutdown",
         [this, name = action.socket](const CallReturn& result) {
           LookAt(name, result);
         });
}

void Sockets::Do(const scenario::Close& action) {
  const Call call{.kind = Kind::kClose, .fd = Find(action.socket).fd};
  Judged(call, "close", [this, name = action.socket](const CallReturn& result) {
    LookAt(name, result);
    sockets_.erase({step_->host, name});
  });
}

void Sockets::Do(const scenario::Disconnect& action) {
  Call call{.kind = Kind::kConnect, .fd = Find(action.socket).fd};
  call.address.ss_family = AF_UNSPEC;
  call.address_length = sizeof(sa_family_t);
  Judged(call, "disconnect",
         [this, name = action.socket](const CallReturn& result) {
           LookAt(name, result);
         });
}

void Sockets::Do(const scenario::SetOption& action) {
  Socket& socket = Find(action.socket);
  for (const auto& [name, value] : action.options) {
    const scenario::SocketOption& option = OptionNamed(name);
    const Call call{.kind = Kind::kSetsockopt,
                    .fd = socket.fd,
                    .level = option.level,
                    .name = option.optname,
                    .data = OptionBytes(option, value)};
    Judged(call, "setsockopt " + name, [](const CallReturn&) {});
    socket.options[name] = value;
  }
  options_[{step_->host, action.socket}] = socket.options;
}

void Sockets::Do(const scenario::GetOption& action) {
  for (const auto& [name, value] : action.options) {
    CompareOption(Find(action.socket), OptionNamed(name), value);
  }
}

void Sockets::CompareOption(const Socket& socket,
                            const scenario::SocketOption& option,
                            std::int64_t expected) {
  Call call{.kind = Kind::kGetsockopt,
            .fd = socket.fd,
            .level = option.level,
            .name = option.optname};
  call.number = static_cast<std::int64_t>(OptionBytes(option, 0).size());
  Judged(call, "getsockopt " + option.name, [&](const CallReturn& result) {
    const std::int64_t actual = OptionValue(option, result.data);
    if (actual == expected) return;
    throw StepFailure{option.name + " is " + DescribeValue(option, expected),
                      "it is " + DescribeValue(option, actual)};
  });
}

void Sockets::Do(const scenario::KillActor&) {
  EndActor(&process::Actor::Kill);
}

void Sockets::Do(const scenario::ExitActor&) {
  EndActor(&process::Actor::Exit);
}

void Sockets::EndActor(void (process::Actor::*how)()) {
  const std::string host = step_->host;
  record_->begin = MonotonicClock::now();
  if (const auto actor = actors_.find(host); actor != actors_.end()) {
    (actor->second.*how)();
    actors_.erase(actor);
  }
  record_->end = MonotonicClock::now();
  pending_.erase(host);
  std::erase_if(sockets_, [&](const auto& entry) {
    if (entry.first.first != host) return false;
    if (entry.second.tuple) {
      observer_.Look(host, *entry.second.tuple, entry.first.second,
                     record_->begin);
    }
    return true;
  });
}

process::Actor& Sockets::ActorOf(const std::string& host) {
  const auto found = actors_.find(host);
  if (found != actors_.end()) return found->second;
  return actors_.emplace(host, process::Actor(sandbox_, lab_.In(host), host))
      .first->second;
}

Sockets::Socket& Sockets::Open(const std::string& name, tcp::Family family,
                               const scenario::SocketOptionValues& options) {
  Call call{.kind = Kind::kSocket};
  call.number = family == tcp::Family::kIpv4 ? AF_INET : AF_INET6;
  const CallReturn result = MustDo(call, "socket");
  Socket& socket = sockets_[{step_->host, name}];
  socket = {.fd = static_cast<int>(result.value), .family = family};
  SetOptions(socket, options);
  options_[{step_->host, name}] = socket.options;
  return socket;
}

Sockets::Socket& Sockets::Find(const std::string& name) {
  const auto found = sockets_.find({step_->host, name});
  if (found != sockets_.end()) return found->second;
  throw StepFailure{step_->host + " has a socket " + name,
                    "it is closed, or its process was killed"};
}

void Sockets::SetOptions(Socket& socket,
                         const scenario::SocketOptionValues& options) {
  for (const auto& [name, value] : options) {
    const scenario::SocketOption& option = OptionNamed(name);
    MustDo({.kind = Kind::kSetsockopt,
            .fd = socket.fd,
            .level = option.level,
            .name = option.optname,
            .data = OptionBytes(option, value)},
           "setsockopt " + name);
    socket.options[name] = value;
  }
}

void Sockets::BindTo(Socket& socket, const scenario::Target& target,
                     bool judged) {
  Call call{.kind = Kind::kBind, .fd = socket.fd};
  SetAddress(call, Resolve(target, socket.family));
  if (judged) {
    Judged(call, "bind", [](const CallReturn&) {});
  } else {
    MustDo(call, "bind");
  }
}

tcp::SocketAddress Sockets::Resolve(const scenario::Target& target,
                                    tcp::Family family) const {
  if (target.address) return {*target.address, target.port};
  if (target.host.empty()) return {{.family = family}, target.port};
  const auto address = lab_.AddressOf(target.host, step_->host, family);
  if (address) return {*address, target.port};
  throw StepFailure{target.host + " has an address of this family",
                    "it has none"};
}

void Sockets::LearnTuple(const std::string& name) {
  Socket& socket = Find(name);
  const CallReturn local =
      ActorOf(step_->host).Do({.kind = Kind::kGetsockname, .fd = socket.fd});
  if (local.value == 0) socket.tuple->local = AddressOf(local.address);
}

void Sockets::LookAt(const std::string& name, const CallReturn& called) {
  const Socket& socket = Find(name);
  if (!socket.tuple || socket.tuple->local.port == 0) return;
  observer_.Look(step_->host, *socket.tuple, name, called.begin);
}

process::CallReturn Sockets::MustDo(const Call& call, const std::string& what) {
  CallReturn result = ActorOf(step_->host).Do(call);
  if (result.value >= 0) return result;
  throw StepFailure{what + " succeeds",
                    "it failed with " + ErrnoName(result.error)};
}

void Sockets::Judged(const Call& call, const std::string& what,
                     const std::function<void(const CallReturn&)>& then) {
  process::Actor& actor = ActorOf(step_->host);
  actor.Start(call);
  if (step_->async) {
    pending_[step_->host] = {*step_, [=, this](const CallReturn& result) {
                               Conclude(result, what, then);
                             }};
    return;
  }
  const TimePoint deadline = MonotonicClock::now() + step_->within;
  programs_.Wait(
      actor.fd(), [] { return false; }, deadline);
  const auto result = actor.Poll();
  if (!result) {
    throw StepFailure{what + " returns within " + Format(step_->within),
                      "it still blocks"};
  }
  Conclude(*result, what, then);
}

void Sockets::Conclude(const CallReturn& result, const std::string& what,
                       const std::function<void(const CallReturn&)>& then) {
  if (!began_) began_ = result.begin;
  ended_ = result.end;
  if (record_ != nullptr) {
    record_->begin = *began_;
    record_->end = ended_;
  }
  Compare(*step_, result, what);
  then(result);
}

}  // namespace finwait::lab
