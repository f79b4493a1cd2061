// Text of others within a line of ours. Any thread.
#pragma once

#include <string>
#include <string_view>

namespace finwait {

// The same with \n, \r, \t and \xNN in place of control characters: what it is
// printed in stays one line, and no terminal takes it for an order.
std::string OnOneLine(std::string_view text);

}  // namespace finwait
