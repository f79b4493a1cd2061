// What a person is told on standard error while a kernel is fetched or built.
#pragma once

#include "kernel/telling.h"

namespace finwait::tools {

// Lines that stay and, on a terminal, a status line, which goes with this
// object. One thread.
class Teller {
 public:
  Teller();
  ~Teller();
  Teller(const Teller&) = delete;
  Teller& operator=(const Teller&) = delete;

  const kernel::Telling& telling() const { return telling_; }

 private:
  const char* const erase_line_;  // nothing where there is no status line
  kernel::Telling telling_;
};

}  // namespace finwait::tools
