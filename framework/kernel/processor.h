// Which processor of this machine a guest runs on.
#pragma once

namespace finwait::kernel {

// The processes of a user-mode guest take turns many thousand times a second,
// which costs ten times as much where one has to wake another processor for it
// than where they share one. Holds the processor that the fewest guests of this
// process have, of those we may use; any thread.
class Processor {
 public:
  Processor();
  ~Processor();
  Processor(const Processor&) = delete;
  Processor& operator=(const Processor&) = delete;

  int number() const { return number_; }  // -1: they cannot be told apart

 private:
  int number_ = -1;
};

}  // namespace finwait::kernel
