// What is told to the user while something takes long.
#pragma once

#include <functional>
#include <string>

namespace finwait::kernel {

// Called from the thread that asked for the work; either may be empty.
struct Telling {
  std::function<void(const std::string&)> line;    // stays: "fetching ..."
  std::function<void(const std::string&)> status;  // replaced by the next one

  void Line(const std::string& text) const {
    if (line) line(text);
  }
  void Status(const std::string& text) const {
    if (status) status(text);
  }
};

}  // namespace finwait::kernel
