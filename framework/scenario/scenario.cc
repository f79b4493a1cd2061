// A case's name as people see it, and what is expected of it elsewhere.
#include "scenario/scenario.h"

#include <filesystem>

namespace finwait::scenario {

std::string Scenario::DisplayName() const {
  std::string name = std::filesystem::path(file).filename();
  return case_name.empty() ? name : name + " [" + case_name + "]";
}

Scenario Scenario::Where(const DifferenceSet& holding) const {
  Scenario there = *this;
  std::size_t set = 0;
  for (std::size_t number : holding) {
    set |= std::size_t{1} << number;
    for (const auto& [step, result] : differences.at(number).results) {
      there.steps.at(step).expected = result;
    }
  }
  if (set == 0) return there;
  static_cast<Expectations&>(there) = expected_where.at(set);
  return there;
}

}  // namespace finwait::scenario
