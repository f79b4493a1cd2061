// What is thrown when the machine did not do what we asked.
//
// finwait tells three kinds of trouble apart (docs/contributing.md): a wrong
// file is a scenario::Diagnostic, a subject that misbehaves is a
// judge::Finding, and everything the machine refuses is an Error. An Error
// that escapes a run makes its verdict *broken*; an Unsupported makes it
// *unsupported*.
#pragma once

#include <cerrno>
#include <stdexcept>
#include <string>
#include <string_view>

namespace finwait {

// One failed request: `doing` is the sentence part that says what we were
// about ("building link client-server: creating veth eth0"), `what_happened`
// the refusal ("Operation not permitted"). what() is "doing: what_happened".
// Immutable, may cross threads by std::exception_ptr.
class Error : public std::runtime_error {
 public:
  Error(std::string_view doing, std::string_view what_happened, int code = 0);

  // The errno value behind it, 0 where there is none.
  int code() const { return code_; }

 private:
  int code_;
};

// The machine lacks a feature: `what` names it ("sch_netem"), `remedy` says
// what would supply it ("a kernel with CONFIG_NET_SCH_NETEM").
class Unsupported : public Error {
 public:
  Unsupported(std::string_view what, std::string_view remedy);

  // what() is "lacking: remedy".
  const std::string& lacking() const { return lacking_; }
  const std::string& remedy() const { return remedy_; }

 private:
  std::string lacking_;
  std::string remedy_;
};

// Throws Error for the failed call named in `doing`, with strerror(code).
[[noreturn]] void ThrowErrno(std::string_view doing, int code = errno);

// Runs f; an Error that escapes it gets `doing` put in front of its text.
// Unsupported stays Unsupported.
template <typename F>
decltype(auto) While(std::string_view doing, F&& f);

[[noreturn]] void RethrowWith(std::string_view doing);

template <typename F>
decltype(auto) While(std::string_view doing, F&& f) {
  try {
    return f();
  } catch (...) {
    RethrowWith(doing);
  }
}

}  // namespace finwait
