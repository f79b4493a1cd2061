// The configuration of a user-mode Linux that serves as a guest.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace finwait::kernel {

// user_mode.config, as it was when finwait was built.
std::string_view UserModeConfig();

// Of the options without which there is no guest, those that `dotconfig`, the
// text of a .config, does not have.
std::vector<std::string> MissingOptions(std::string_view dotconfig);

}  // namespace finwait::kernel
