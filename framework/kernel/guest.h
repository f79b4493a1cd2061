// finwait as the first process of a virtual kernel.
#pragma once

#include <string>

namespace finwait::kernel {

// Sets up what a system needs, takes an Order from the file `order` or, if that
// is empty, from the other side of the device `channel`, carries it out, tells
// of it there, and powers off. For process 1 of a guest; never returns. Trouble
// goes to the channel or, without one, to the console, standard error.
[[noreturn]] void ServeAsGuest(const std::string& channel,
                               const std::string& order);

}  // namespace finwait::kernel
