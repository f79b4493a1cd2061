#include "lab/call_result.h"

#include <string.h>

#include <cerrno>
#include <chrono>
#include <variant>

#include "base/clock.h"
#include "lab/step_failure.h"

namespace finwait::lab {
namespace {

using process::CallReturn;

bool StartedWithoutWaiting(const scenario::Step& step,
                           const CallReturn& result) {
  const auto* connect = std::get_if<scenario::Connect>(&step.action);
  return connect != nullptr && !connect->blocking && result.value == -1 &&
         result.error == EINPROGRESS;
}

// A call is over when its process has the processor again, which a busy machine
// gives it late: that is not TCP's doing.
Duration SchedulingLateness() {
  return TimeIsVirtual() ? Duration::zero() : std::chrono::milliseconds(100);
}

}  // namespace

std::string ErrnoName(int error) {
  const char* name = strerrorname_np(error);
  return name != nullptr ? name : std::to_string(error);
}

void Compare(const scenario::Step& step, const CallReturn& result,
             const std::string& what) {
  const scenario::CallResult& expected = step.expected;
  const Duration took = result.end - result.begin;
  const std::string came = result.value == -1
                               ? "failed with " + ErrnoName(result.error)
                               : "returned " + std::to_string(result.value);
  const std::string actual = what + " " + came + " after " + Format(took);
  if (expected.fails) {
    const bool as_expected =
        result.value == -1 && ErrnoName(result.error) == *expected.fails;
    if (!as_expected) {
      throw StepFailure{what + " fails with " + *expected.fails, actual};
    }
  } else if (result.value == -1 && !StartedWithoutWaiting(step, result)) {
    throw StepFailure{what + " succeeds", actual};
  }
  if (expected.returns && *expected.returns != result.value) {
    throw StepFailure{what + " returns " + std::to_string(*expected.returns),
                      actual};
  }
}

void CompareDuration(const scenario::Step& step, Duration took) {
  const auto& bound = step.expected.takes_ns;
  if (!bound) return;
  const bool late = took - SchedulingLateness() > Duration(bound->max);
  if (took.count() >= bound->min && !late) return;
  const std::string least = Format(Duration(bound->min));
  const std::string most = Format(Duration(bound->max));
  throw StepFailure{"it takes between " + least + " and " + most,
                    "it took " + Format(took)};
}

}  // namespace finwait::lab
