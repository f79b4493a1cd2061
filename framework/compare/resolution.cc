#include "compare/resolution.h"

#include <chrono>

namespace finwait::compare {

Duration Rounded(Duration duration) {
  using std::chrono::microseconds;
  using std::chrono::milliseconds;
  using TenMicroseconds =
      std::chrono::duration<microseconds::rep, std::ratio<1, 100'000>>;
  const Duration size = std::chrono::abs(duration);
  if (size < milliseconds(1)) return std::chrono::round<microseconds>(duration);
  if (size < milliseconds(100)) {
    return std::chrono::round<TenMicroseconds>(duration);
  }
  return std::chrono::round<milliseconds>(duration);
}

}  // namespace finwait::compare
