// A case's name as people see it.
#include "scenario/scenario.h"

#include <filesystem>

namespace finwait::scenario {

std::string Scenario::DisplayName() const {
  std::string name = std::filesystem::path(file).filename();
  return case_name.empty() ? name : name + " [" + case_name + "]";
}

}  // namespace finwait::scenario
