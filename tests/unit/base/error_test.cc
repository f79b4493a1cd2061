// Errors: their text, and what is put in front of it on the way up.
#include "base/error.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>

namespace finwait {
namespace {

// What escapes f, as "type|text|code".
std::string Escaping(const std::function<void()>& f) {
  try {
    f();
  } catch (const Unsupported& e) {
    return std::string("Unsupported|") + e.what();
  } catch (const Error& e) {
    return std::string("Error|") + e.what() + "|" + std::to_string(e.code());
  } catch (const std::exception& e) {
    return std::string("exception|") + e.what();
  }
  return "nothing";
}

TEST(Error, SaysWhatWasDoneAndWhatHappened) {
  EXPECT_EQ(Escaping([] { ThrowErrno("creating veth eth0", EPERM); }),
            "Error|creating veth eth0: Operation not permitted|1");
}

TEST(Error, TakesErrnoByItself) {
  EXPECT_EQ(Escaping([] {
              errno = ENOENT;
              ThrowErrno("open");
            }),
            "Error|open: No such file or directory|2");
}

TEST(While, PutsItsTextInFrontAndKeepsTheCode) {
  EXPECT_EQ(Escaping([] {
              While("building link a-b",
                    [] { ThrowErrno("creating veth eth0", EPERM); });
            }),
            "Error|building link a-b: creating veth eth0: Operation not "
            "permitted|1");
}

TEST(While, LeavesUnsupportedUnsupported) {
  EXPECT_EQ(Escaping([] {
              While("setting netem",
                    [] { throw Unsupported("sch_netem", "load the module"); });
            }),
            "Unsupported|setting netem: sch_netem: load the module");
}

TEST(While, LetsOtherExceptionsPass) {
  EXPECT_EQ(
      Escaping([] { While("thinking", [] { throw std::logic_error("no"); }); }),
      "exception|no");
}

TEST(While, GivesBackWhatTheFunctionReturns) {
  int value = 7;
  int& same = While("asking", [&]() -> int& { return value; });
  EXPECT_EQ(&same, &value);
}

}  // namespace
}  // namespace finwait
