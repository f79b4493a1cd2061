#include "progress.h"

#include <sys/ioctl.h>
#include <unistd.h>

namespace finwait::tools {
namespace {

constexpr auto kRefresh = std::chrono::milliseconds(200);

std::size_t WidthOf(std::FILE* terminal) {
  winsize size{};
  const bool known = ioctl(fileno(terminal), TIOCGWINSZ, &size) == 0;
  return known && size.ws_col > 0 ? size.ws_col : 80;
}

}  // namespace

Progress::Progress(std::size_t total, bool terminal, std::FILE* out)
    : total_(total), terminal_(terminal), out_(out) {
  if (terminal_) thread_ = std::thread([this] { Refresh(); });
}

Progress::~Progress() {
  {
    std::lock_guard lock(mutex_);
    ended_ = true;
  }
  ended_condition_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Progress::Refresh() {
  std::unique_lock lock(mutex_);
  const auto ended = [this] { return ended_; };
  while (!ended_condition_.wait_for(lock, kRefresh, ended)) {
    Erase();
    std::fputs(StatusLine().c_str(), out_);
    std::fflush(out_);
  }
  Erase();
  std::fflush(out_);
}

void Progress::Erase() {
  if (terminal_) std::fputs("\r\x1b[K", out_);
}

std::string Progress::StatusLine() const {
  const Duration elapsed = MonotonicClock::now() - begin_;
  const auto tenths = elapsed / std::chrono::milliseconds(100);
  std::string line =
      std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + "s  ";
  if (total_ > 1) {
    line += std::to_string(finished_) + " of " + std::to_string(total_) +
            " done, " + std::to_string(status_.size()) + " playing";
  }
  if (!status_.empty()) {
    line += (total_ > 1 ? ": " : "") + status_.begin()->second;
  }
  const std::size_t width = WidthOf(out_) - 1;
  return line.size() > width ? line.substr(0, width) : line;
}

void Progress::Print(const std::string& text) {
  std::lock_guard lock(mutex_);
  Erase();
  std::fputs(text.c_str(), out_);
  if (text.empty() || text.back() != '\n') std::fputc('\n', out_);
  std::fflush(out_);
}

void Progress::SetStatus(std::size_t n, const std::string& what) {
  std::lock_guard lock(mutex_);
  if (what.empty()) {
    status_.erase(n);
  } else {
    status_[n] = what;
  }
}

void Progress::CountFinished() {
  std::lock_guard lock(mutex_);
  ++finished_;
}

}  // namespace finwait::tools
