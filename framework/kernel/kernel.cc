#include "kernel/kernel.h"

namespace finwait::kernel {

std::string_view Name(Flavour flavour) {
  return flavour == Flavour::kUserMode ? "user-mode" : "machine";
}

}  // namespace finwait::kernel
