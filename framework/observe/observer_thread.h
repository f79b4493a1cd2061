// The observer's thread: waits for what the sources bring, for requests and
// for appointments, and looks.
#pragma once

#include <deque>
#include <exception>
#include <functional>
#include <future>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/alarm.h"
#include "base/file_descriptor.h"
#include "observe/endpoint_book.h"
#include "observe/intake.h"
#include "observe/observer.h"
#include "observe/watch_list.h"

namespace finwait::observe {

// See observer.h for who may call what. Owns all sources and all endpoints.
class Observer::Thread {
 public:
  Thread(std::vector<Vantage> vantages, Options options);
  ~Thread();

  // Runs f on the thread and waits for it.
  void Call(std::function<void()> f);

  FileDescriptor When(std::function<bool(const Endpoints&)> condition);
  void Look(const std::string& host, const tcp::FourTuple& tuple,
            const std::string& name, TimePoint called);
  void Settle();
  Seen Finish();
  void Adopt(const std::string& host);
  EndpointBook& book() { return book_; }

 private:
  struct Condition {
    std::function<bool(const Endpoints&)> holds;
    FileDescriptor event;
  };

  void Register(int fd);
  void Main(bool ahead);
  void Loop();
  void Await();
  void SetTimer();
  void ServeRequests();
  void DrainAll();
  void Adopt(HostWatch& watch, const std::string& hole);
  void Reconcile();
  void LookAtAllDue();
  void LookAtDue();
  void LookAt(const std::vector<WatchList::Appointment>& due);
  void Schedule(std::size_t endpoint, TimePoint when);
  void CheckConditions();
  void Foresee();
  Duration PollInterval() const;

  EndpointBook book_;
  Intake intake_;
  WatchList watch_list_;
  std::vector<Condition> conditions_;
  std::uint64_t looks_ = 0;
  bool changed_ = false;
  int attempts_ = 0;                // to read the kernel's jiffies
  std::optional<TimePoint> armed_;  // what timer_ waits for
  std::size_t late_ = 0;  // sockets whose timer was late when last looked at

  FileDescriptor epoll_;
  Alarm timer_;
  FileDescriptor wake_;

  std::mutex mutex_;  // guards what follows
  std::deque<std::packaged_task<void()>> requests_;
  bool stop_ = false;
  bool ended_ = false;
  std::exception_ptr failure_;

  std::thread thread_;  // last: starts when everything above exists
};

}  // namespace finwait::observe
