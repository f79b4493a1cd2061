// Plays the steps of a scenario in a built lab.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "judge/verdict.h"
#include "lab/crafter.h"
#include "lab/lab.h"
#include "lab/programs.h"
#include "lab/sockets.h"
#include "observe/observer.h"
#include "scenario/step.h"
#include "tcp/timeline.h"

namespace finwait::lab {

// Plays one step after the other. One thread at a time; what the constructor
// takes must outlive the player.
class Player {
 public:
  using OnStep = std::function<void(const tcp::StepRecord&)>;

  Player(Lab& lab, observe::Observer& observer, Programs& programs,
         Sockets& sockets, Crafter& crafter, OnStep on_step);

  // Plays a step and appends to the timeline's steps and censuses. A finding
  // says why the step did not come out as expected. Throws Error where the
  // machine refuses and Interrupted.
  std::optional<judge::Finding> Play(const scenario::Step& step,
                                     tcp::Timeline& timeline);

  // Waits until no call is pending any more.
  std::optional<judge::Finding> Settle(Duration limit, tcp::Timeline& timeline);

 private:
  void Begin(const scenario::Step& step, tcp::Timeline& timeline);
  void PlayStep();
  judge::Finding FindingOf(const struct StepFailure& failure) const;

  // One overload per action that belongs to no socket; see scenario/step.h.
  void Do(const scenario::Craft& action);
  void Do(const scenario::Destroy& action);
  void Do(const scenario::StartProgram& action);
  void Do(const scenario::SignalProgram& action);
  void Do(const scenario::RestartProgram& action);
  void Do(const scenario::WriteInput& action);
  void Do(const scenario::WriteSysctl& action);
  void Do(const scenario::Impair& action);
  void Do(const scenario::SetLink& action);
  void Do(const scenario::Drop& action);
  void Do(const scenario::Blackhole& action);
  void Do(const scenario::Restore& action);
  void Do(const scenario::WaitState& action);
  void Do(const scenario::WaitPacket& action);
  void Do(const scenario::WaitSockets& action);
  void Do(const scenario::WaitDuration& action);
  void Do(const scenario::WaitEnd& action);
  void Do(const scenario::WaitOutput& action);
  void Do(const scenario::WaitCall& action);
  void Do(const scenario::CountSockets& action);
  template <typename SocketCall>
  void Do(const SocketCall& action);

  void Conclude(const process::CallReturn& result, const std::string& what);

  TimePoint Deadline() const;
  void WaitUntil(std::function<bool(const observe::Endpoints&)> condition,
                 const std::string& expected,
                 const std::function<std::string()>& actual);
  std::string StateOf(const std::string& host,
                      const std::string& connection) const;
  std::string CensusText() const;  // of the last census
  // A census of all states of a host, now, for the timeline.
  int Count(const std::string& host, tcp::TcpState state,
            std::optional<bool> orphan);

  Lab& lab_;
  observe::Observer& observer_;
  Programs& programs_;
  Sockets& sockets_;
  Crafter& crafter_;
  OnStep on_step_;
  scenario::Step step_;  // the one being played, or the last
  tcp::StepRecord* record_ = nullptr;
  tcp::Timeline* timeline_ = nullptr;
};

}  // namespace finwait::lab
