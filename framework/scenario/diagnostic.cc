// Diagnostics as one line of text, in the form compilers use.
#include "scenario/diagnostic.h"

namespace finwait::scenario {

std::string ToString(const Place& place) {
  if (place.line == 0) return place.file;
  return place.file + ":" + std::to_string(place.line) + ":" +
         std::to_string(place.column);
}

std::string ToString(const Diagnostic& diagnostic) {
  return ToString(diagnostic.place) + ": " + diagnostic.wrong + ": " +
         diagnostic.right;
}

}  // namespace finwait::scenario
