// Errors: the wording and the rewording of what is thrown.
#include "base/error.h"

#include <system_error>

namespace finwait {
namespace {

std::string Joined(std::string_view doing, std::string_view what_happened) {
  std::string text(doing);
  text += ": ";
  text += what_happened;
  return text;
}

}  // namespace

Error::Error(std::string_view doing, std::string_view what_happened, int code)
    : std::runtime_error(Joined(doing, what_happened)), code_(code) {}

Unsupported::Unsupported(std::string_view what, std::string_view remedy)
    : Error(what, remedy), lacking_(what), remedy_(remedy) {}

void ThrowErrno(std::string_view doing, int code) {
  // generic_category() is strerror() without its shared buffer.
  throw Error(doing, std::generic_category().message(code), code);
}

void RethrowWith(std::string_view doing) {
  try {
    throw;
  } catch (const Unsupported& unsupported) {
    throw Unsupported(Joined(doing, unsupported.lacking()),
                      unsupported.remedy());
  } catch (const Error& error) {
    throw Error(doing, error.what(), error.code());
  }
}

}  // namespace finwait
