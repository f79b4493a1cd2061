// Plays the steps of a scenario in a built lab.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "judge/verdict.h"
#include "lab/lab.h"
#include "lab/programs.h"
#include "lab/sockets.h"
#include "observe/observer.h"
#include "scenario/scenario.h"
#include "tcp/timeline.h"

namespace finwait::lab {

// Steps follow one another; a step that does not come out as expected is a
// finding and ends the playing. One thread at a time; what the constructor
// takes must outlive the player.
class Player {
 public:
  using OnStep = std::function<void(const tcp::StepRecord&)>;

  Player(const scenario::Scenario& scenario, Lab& lab,
         observe::Observer& observer, Programs& programs, Sockets& sockets,
         OnStep on_step);

  // Plays all steps and appends to the timeline's steps and censuses. Returns
  // the finding of the step that failed, if one did. Throws Error where the
  // machine refuses and Interrupted.
  std::optional<judge::Finding> Play(tcp::Timeline& timeline);

 private:
  void PlayStep(const scenario::Step& step);

  // One overload per action that belongs to no socket; see scenario/step.h.
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

  TimePoint Deadline() const;
  void WaitUntil(std::function<bool(const observe::Endpoints&)> condition,
                 const std::string& expected,
                 const std::function<std::string()>& actual);
  std::string StateOf(const std::string& host,
                      const std::string& connection) const;
  // A census of all states of a host, now, for the timeline.
  int Count(const std::string& host, tcp::TcpState state,
            std::optional<bool> orphan);

  const scenario::Scenario& scenario_;
  Lab& lab_;
  observe::Observer& observer_;
  Programs& programs_;
  Sockets& sockets_;
  OnStep on_step_;
  const scenario::Step* step_ = nullptr;
  tcp::StepRecord* record_ = nullptr;
  tcp::Timeline* timeline_ = nullptr;
};

}  // namespace finwait::lab
