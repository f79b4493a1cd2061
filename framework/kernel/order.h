// What a guest is to do.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "scenario/scenario.h"

namespace finwait::kernel {

// Either cases to play, or a command to run.
struct Order {
  std::vector<scenario::Origin> cases;
  int jobs = 16;
  bool kernel_events = true;
  bool keep_frames = false;
  std::vector<std::string> command;
  std::string folder;  // the current one, for what is named relative to it
  std::map<std::string, std::string> environment;  // PATH and the like
};

std::string BytesOf(const Order& order);
Order OrderOf(std::string_view bytes);  // throws Error

}  // namespace finwait::kernel
