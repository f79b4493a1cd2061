#include "kernel/user_mode_config.h"

#include <sstream>

namespace finwait::kernel {
namespace {

// CMake puts the file's text here, as a literal.
constexpr std::string_view kConfig =
#include "user_mode.config.inc"
    ;

bool HasLine(std::string_view text, const std::string& line) {
  return text.starts_with(line + "\n") ||
         text.find("\n" + line + "\n") != text.npos;
}

}  // namespace

std::string_view UserModeConfig() { return kConfig; }

std::vector<std::string> MissingOptions(std::string_view dotconfig) {
  std::istringstream lines{std::string(kConfig)};
  std::vector<std::string> missing;
  bool needed = false;
  for (std::string line; std::getline(lines, line);) {
    if (line == "# [needed]") needed = true;
    if (line == "# [wanted]") needed = false;
    if (needed && line.starts_with("CONFIG_") && !HasLine(dotconfig, line)) {
      missing.push_back(line.substr(0, line.find('=')));
    }
  }
  return missing;
}

}  // namespace finwait::kernel
