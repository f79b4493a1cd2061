// Keeps diagnostics and brings them into the order of the file.
#include "scenario/mistakes.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace finwait::scenario {
namespace {

auto Order(const Diagnostic& d) {
  return std::tie(d.place.file, d.place.line, d.place.column, d.wrong, d.right);
}

}  // namespace

void Mistakes::Add(const Place& place, std::string wrong, std::string right) {
  found_.push_back({place, std::move(wrong), std::move(right)});
}

std::vector<Diagnostic> Mistakes::Sorted() const {
  std::vector<Diagnostic> sorted = found_;
  std::sort(sorted.begin(), sorted.end(),
            [](const auto& a, const auto& b) { return Order(a) < Order(b); });
  auto same = [](const auto& a, const auto& b) { return Order(a) == Order(b); };
  sorted.erase(std::unique(sorted.begin(), sorted.end(), same), sorted.end());
  return sorted;
}

void Mistakes::NoteKey(const std::string& construct, const std::string& key) {
  keys_[construct].insert(key);
}

}  // namespace finwait::scenario
