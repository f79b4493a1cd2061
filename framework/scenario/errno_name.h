// Error numbers by their names ("ECONNRESET").
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace finwait::scenario {

// The number of a name, empty for what is none on this machine.
std::optional<int> ErrnoByName(std::string_view name);

// "ECONNRESET"; the number as text where it has no name.
std::string ErrnoName(int number);

std::vector<std::string> ErrnoNames();

}  // namespace finwait::scenario
