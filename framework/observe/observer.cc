// Hands everything to the observer's thread.
#include "observe/observer.h"

#include "observe/observer_thread.h"

namespace finwait::observe {

Observer::Observer(std::vector<Vantage> vantages, Options options)
    : thread_(
          std::make_unique<Thread>(std::move(vantages), std::move(options))) {}

Observer::~Observer() = default;

void Observer::ExpectConnection(const std::string& host,
                                const tcp::SocketAddress& remote,
                                const std::string& name) {
  thread_->Call([&] { thread_->book().names().Expect(host, remote, name); });
}

void Observer::ExpectQueue(const std::string& host) {
  thread_->Call([&] { thread_->book().ExpectQueue(host); });
}

void Observer::ExpectCrafted(const std::string& host, const Segment& segment) {
  thread_->Call([&] { thread_->book().ExpectCrafted(host, segment); });
}

void Observer::Look(const std::string& host, const tcp::FourTuple& tuple,
                    const std::string& name, TimePoint called) {
  thread_->Look(host, tuple, name, called);
}

void Observer::Adopt(const std::string& host) { thread_->Adopt(host); }

FileDescriptor Observer::When(std::function<bool(const Endpoints&)> condition) {
  return thread_->When(std::move(condition));
}

void Observer::Settle() { thread_->Settle(); }

void Observer::Inspect(const std::function<void(const Endpoints&)>& f) {
  thread_->Call([&] { f(thread_->book().endpoints()); });
}

Observer::Seen Observer::Finish() { return thread_->Finish(); }

}  // namespace finwait::observe
