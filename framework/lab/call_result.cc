#include "lab/call_result.h"

#include <string.h>

#include <cerrno>
#include <variant>

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
  if (expected.takes_ns && (took.count() < expected.takes_ns->min ||
                            took.count() > expected.takes_ns->max)) {
    throw StepFailure{what + " takes between " +
                          Format(Duration(expected.takes_ns->min)) + " and " +
                          Format(Duration(expected.takes_ns->max)),
                      actual};
  }
}

}  // namespace finwait::lab
