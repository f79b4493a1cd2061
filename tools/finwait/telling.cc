#include "telling.h"

#include <unistd.h>

#include <iostream>

namespace finwait::tools {

Teller::Teller() : erase_line_(isatty(STDERR_FILENO) == 1 ? "\r\x1b[K" : "") {
  telling_.line = [this](const std::string& text) {
    std::cerr << erase_line_ << text << "\n";
  };
  if (*erase_line_ == '\0') return;
  telling_.status = [this](const std::string& text) {
    std::cerr << erase_line_ << text << std::flush;
  };
}

Teller::~Teller() { std::cerr << erase_line_ << std::flush; }

}  // namespace finwait::tools
