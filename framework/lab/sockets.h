// The socket calls of the actors of one run.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "lab/lab.h"
#include "lab/programs.h"
#include "observe/observer.h"
#include "process/actor.h"
#include "process/sandbox.h"
#include "scenario/socket_option.h"
#include "scenario/step.h"
#include "tcp/timeline.h"

namespace finwait::lab {

// Makes calls on behalf of hosts, one actor process per host, and compares
// each result with what the step expects. Names of sockets are per host. One
// thread at a time; everything given to the constructor must outlive it.
class Sockets {
 public:
  Sockets(Lab& lab, process::Sandbox& sandbox, observe::Observer& observer,
          Programs& programs);

  // Plays one step of an actor and fills in when its call began and ended.
  // Throws StepFailure. A call that the step lets run on (`async`) is left
  // pending; its result is judged by the next step of that host, by Collect,
  // or by CollectAll.
  void Play(const scenario::Step& step, tcp::StepRecord& record);

  // Waits for the pending call of `host`, if any, and judges it.
  void Collect(const std::string& host, TimePoint deadline);
  void CollectAll(TimePoint deadline);

  // The options that were set on the sockets of a connection.
  tcp::SocketOptions OptionsOf(const std::string& host,
                               const std::string& connection) const;

 private:
  struct Socket {
    int fd = -1;
    tcp::Family family = tcp::Family::kIpv4;
    tcp::SocketOptions options;
    std::optional<tcp::FourTuple> tuple;  // once connected
  };
  struct Pending {
    scenario::Step step;
    // Judges the return, and makes what calls are left of the step.
    std::function<void(const process::CallReturn&)> conclude;
  };
  using Name = std::pair<std::string, std::string>;  // host, socket

  // One overload per action of an actor; see scenario/step.h.
  void Do(const scenario::OpenSocket& action);
  void Do(const scenario::Bind& action);
  void Do(const scenario::Listen& action);
  void Do(const scenario::Connect& action);
  void Do(const scenario::Accept& action);
  void Do(const scenario::Send& action);
  void Do(const scenario::Receive& action);
  void Do(const scenario::Shutdown& action);
  void Do(const scenario::Close& action);
  void Do(const scenario::Disconnect& action);
  void Do(const scenario::SetOption& action);
  void Do(const scenario::GetOption& action);
  void Do(const scenario::KillActor& action);
  void Do(const scenario::ExitActor& action);
  template <typename Other>
  void Do(const Other& action);  // not an actor's

  // Ends the actor by `how` and forgets its sockets: the kernel closed them.
  void EndActor(void (process::Actor::*how)());

  process::Actor& ActorOf(const std::string& host);
  Socket& Open(const std::string& name, tcp::Family family,
               const scenario::SocketOptionValues& options);
  Socket& Find(const std::string& name);
  void SetOptions(Socket& socket, const scenario::SocketOptionValues& options);
  void CompareOption(const Socket& socket, const scenario::SocketOption& option,
                     std::int64_t expected);
  void BindTo(Socket& socket, const scenario::Target& target, bool judged);
  tcp::SocketAddress Resolve(const scenario::Target& target,
                             tcp::Family family) const;
  void SendSome(const std::string& name, const std::string& rest, int flags);
  void SendUntilFull(Socket& socket);
  void ReceiveSome(const std::string& name, const std::string& got,
                   const scenario::Receive& want);
  void LearnTuple(const std::string& name);
  void LookAt(const std::string& name, const process::CallReturn& called);

  // A call whose failure means that finwait could not set the step up.
  process::CallReturn MustDo(const process::Call& call,
                             const std::string& what);
  // The call the step is about: judged by its `expected`.
  void Judged(const process::Call& call, const std::string& what,
              const std::function<void(const process::CallReturn&)>& then);
  void Conclude(const process::CallReturn& result, const std::string& what,
                const std::function<void(const process::CallReturn&)>& then);

  Lab& lab_;
  process::Sandbox& sandbox_;
  observe::Observer& observer_;
  Programs& programs_;
  std::map<std::string, process::Actor> actors_;  // by host
  std::map<Name, Socket> sockets_;
  std::map<Name, tcp::SocketOptions> options_;  // kept after close
  std::map<std::string, Pending> pending_;
  const scenario::Step* step_ = nullptr;  // the one being played
  tcp::StepRecord* record_ = nullptr;
  // The step's calls so far, as the actor stamped them.
  std::optional<TimePoint> began_;
  TimePoint ended_;
};

}  // namespace finwait::lab
