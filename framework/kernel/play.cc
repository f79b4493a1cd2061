#include "kernel/play.h"

#include <poll.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <functional>
#include <mutex>
#include <set>
#include <thread>

#include "base/error.h"
#include "kernel/boot.h"
#include "kernel/guest_process.h"
#include "kernel/needs.h"
#include "report/transcript.h"

namespace finwait::kernel {
namespace {

using Kind = Message::Kind;
using What = GuestProcess::What;
using Numbers = std::vector<std::size_t>;  // of cases, in the whole batch

// Why a guest went before it was done.
struct Fate {
  std::string reason;
  bool started = false;  // finwait ran in it
  bool interrupted = false;
};

// The guest loaded the file by its absolute path, our user may have not.
void NameFileAsHere(judge::Result& result) {
  const scenario::Scenario& one = result.scenario;
  for (judge::Finding& finding : result.findings) {
    if (finding.place.file == one.origin.file) finding.place.file = one.file;
  }
}

// Plays some of a batch's cases, in one guest after another if need be. One
// thread.
class Shard {
 public:
  Shard(const Kernel& kernel, const Cache& cache,
        const std::vector<scenario::Scenario>& cases,
        const lab::BatchOptions& batch, const GuestOptions& options,
        std::atomic<bool>& boots)
      : kernel_(kernel),
        cache_(cache),
        cases_(cases),
        batch_(batch),
        options_(options),
        boots_(boots) {}

  void Play(Numbers numbers) {
    while (!numbers.empty()) {
      const auto fate = PlayInOneGuest(numbers);
      if (!fate || fate->interrupted) return;
      if (!fate->started && !boots_) throw Error(Subject(), fate->reason);
      const Numbers suspects = Those(numbers, begun_);
      if (numbers.size() == 1 || suspects.empty()) {
        for (const std::size_t n : Unfinished(numbers)) {
          GiveUp(n, fate->reason);
        }
        return;
      }
      Notice(Subject() + " " + fate->reason +
             "; each case that it was playing gets one of its own");
      for (const std::size_t n : suspects) Play({n});
      numbers = Unfinished(numbers);
    }
  }

  Duration kernel_time() const { return kernel_time_; }

 private:
  std::string Subject() const { return "the guest " + kernel_.name; }

  void Notice(const std::string& text) const {
    if (options_.on_notice) options_.on_notice(text);
  }

  Order OrderFor(const Numbers& numbers) const {
    Order order = OrderFromHere();
    for (const std::size_t n : numbers) {
      order.cases.push_back(cases_[n].origin);
    }
    order.jobs = batch_.jobs;
    order.kernel_events = batch_.kernel_events;
    order.keep_frames = batch_.keep_frames;
    return order;
  }

  // Nothing, if it came to its end.
  std::optional<Fate> PlayInOneGuest(const Numbers& numbers) {
    std::vector<scenario::Scenario> cases;
    for (const std::size_t n : numbers) cases.push_back(cases_[n]);
    const Boot boot = BootOf(kernel_, cache_, NeedsOf(cases), options_.clock);
    if (!boot.explanation.empty()) Notice(boot.explanation);
    Order order = OrderFor(numbers);
    if (boot.virtual_time) order.environment["FINWAIT_VIRTUAL_TIME"] = "1";
    GuestProcess guest(boot, order);
    begun_.clear();
    Fate fate;
    while (fate.reason.empty()) {
      const auto heard = guest.Listen(options_.silence, batch_.interrupt_fd);
      if (heard.what != What::kMessage) {
        fate.interrupted = heard.what == What::kInterrupted;
        fate.reason = ReasonOf(heard.what) + guest.Console();
      } else if (heard.message.kind == Kind::kTrouble) {
        fate.reason = heard.message.text + guest.Console();
      } else if (heard.message.kind == Kind::kDone) {
        kernel_time_ += Since(heard.message);
        return std::nullopt;
      } else {
        Take(heard.message, numbers, fate);
      }
    }
    return fate;
  }

  std::string ReasonOf(What what) const {
    if (what == What::kGone) return "ended too soon; its console:";
    if (what == What::kInterrupted) return "interrupted";
    const auto seconds =
        std::chrono::duration_cast<std::chrono::seconds>(options_.silence);
    return "was not heard of for " + std::to_string(seconds.count()) +
           " s and ended (a program that only computes? No time passes in a "
           "guest while one does); its console:";
  }

  Duration Since(const Message& message) const {
    return Duration(static_cast<Duration::rep>(message.number)) - began_;
  }

  void Take(const Message& message, const Numbers& numbers, Fate& fate) {
    if (message.kind == Kind::kStarted) {
      fate.started = boots_ = true;
      began_ = Duration(static_cast<Duration::rep>(message.number));
      return;
    }
    const std::size_t n = numbers.at(message.number);
    if (message.kind == Kind::kStatus) {
      begun_.insert(n);
      if (batch_.on_status) batch_.on_status(n, message.text);
    } else if (message.kind == Kind::kResult) {
      finished_.insert(n);
      judge::Result result = report::ReadTranscript(message.text, cases_[n]);
      NameFileAsHere(result);
      batch_.on_result(n, std::move(result));
    }
  }

  Numbers Unfinished(const Numbers& numbers) const {
    Numbers left;
    for (const std::size_t n : numbers) {
      if (!finished_.contains(n)) left.push_back(n);
    }
    return left;
  }

  Numbers Those(const Numbers& numbers,
                const std::set<std::size_t>& set) const {
    Numbers those;
    for (const std::size_t n : Unfinished(numbers)) {
      if (set.contains(n)) those.push_back(n);
    }
    return those;
  }

  void GiveUp(std::size_t n, const std::string& reason) {
    judge::Result result;
    result.scenario = cases_[n];
    result.verdict = judge::Verdict::kBroken;
    result.reason = Subject() + " " + reason;
    result.environment.kernel = kernel_.release;
    finished_.insert(n);
    if (batch_.on_status) batch_.on_status(n, "");
    batch_.on_result(n, std::move(result));
  }

  const Kernel& kernel_;
  const Cache& cache_;
  const std::vector<scenario::Scenario>& cases_;
  const lab::BatchOptions& batch_;
  const GuestOptions& options_;
  std::atomic<bool>& boots_;        // some guest of the batch has
  std::set<std::size_t> begun_;     // in the current guest
  std::set<std::size_t> finished_;  // in any
  Duration began_{};                // the guest's clock when finwait started
  Duration kernel_time_{};
};

// What is played in one guest. User-mode Linux boots in a moment, and what a
// case finds in a fresh guest is the same to the last bit whatever else is
// played; a machine boots for seconds, so its guests share the cases round
// robin: neighbours, which often take equally long, are spread.
std::vector<Numbers> Parts(const Kernel& kernel, std::size_t count,
                           std::size_t guests) {
  const bool alone = kernel.flavour == Flavour::kUserMode;
  std::vector<Numbers> parts(alone ? count : std::min(guests, count));
  for (std::size_t n = 0; n < count; ++n) parts[n % parts.size()].push_back(n);
  return parts;
}

// Calls play(n) for n below `count` on a few threads; the first exception ends
// it and is thrown.
void OnThreads(std::size_t threads, std::size_t count,
               const std::function<void(std::size_t)>& play) {
  std::atomic<std::size_t> next = 0;
  std::mutex mutex;  // guards `error`
  std::exception_ptr error;
  auto work = [&] {
    for (std::size_t n = next++; n < count; n = next++) {
      try {
        play(n);
      } catch (...) {
        std::lock_guard lock(mutex);
        if (!error) error = std::current_exception();
        next = count;
      }
    }
  };
  {
    std::vector<std::jthread> workers;
    for (std::size_t n = 0; n < std::min(threads, count); ++n) {
      workers.emplace_back(work);
    }
  }
  if (error) std::rethrow_exception(error);
}

bool IsInterrupted(int interrupt_fd) {
  pollfd interrupt{interrupt_fd, POLLIN, 0};
  return interrupt_fd >= 0 && poll(&interrupt, 1, 0) > 0;
}

}  // namespace

Pace PlayBatch(const Kernel& kernel, const Cache& cache,
               const std::vector<scenario::Scenario>& cases,
               const lab::BatchOptions& batch, const GuestOptions& options) {
  const TimePoint begin = MonotonicClock::now();
  const auto parts = Parts(kernel, cases.size(), options.guests);
  std::atomic<bool> boots = false;
  std::vector<Shard> shards(parts.size(),
                            Shard(kernel, cache, cases, batch, options, boots));
  OnThreads(options.guests, parts.size(), [&](std::size_t n) {
    if (!IsInterrupted(batch.interrupt_fd)) shards[n].Play(parts[n]);
  });
  Pace pace{.kernel_time = {}, .wall_time = MonotonicClock::now() - begin};
  for (const Shard& shard : shards) pace.kernel_time += shard.kernel_time();
  return pace;
}

int RunInGuest(const Kernel& kernel, const Cache& cache,
               const std::vector<std::string>& command, int interrupt_fd,
               const OutputSink& on_output) {
  Order order = OrderFromHere();
  order.command = command;
  Needs needs = NeedsOf({});
  needs.programs.push_back(command.at(0));
  const Boot boot = BootOf(kernel, cache, needs);
  if (boot.virtual_time) order.environment["FINWAIT_VIRTUAL_TIME"] = "1";
  GuestProcess guest(boot, order);
  const std::string subject = "the guest " + kernel.name;
  while (true) {
    const auto heard = guest.Listen(std::chrono::hours(24), interrupt_fd);
    if (heard.what == What::kInterrupted) throw Error(subject, "interrupted");
    if (heard.what != What::kMessage) {
      throw Error(subject, "ended too soon; its console:" + guest.Console());
    }
    const Message& message = heard.message;
    if (message.kind == Kind::kTrouble) throw Error(subject, message.text);
    if (message.kind == Kind::kExited) return static_cast<int>(message.number);
    if (message.kind == Kind::kOutput) {
      on_output(static_cast<int>(message.number), message.text);
    }
  }
}

}  // namespace finwait::kernel
