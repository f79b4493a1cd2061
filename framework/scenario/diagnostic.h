// What is wrong with a file, where, and what would be right.
#pragma once

#include <string>
#include <vector>

namespace finwait::scenario {

// A place in a file. Line and column count from 1; 0 means "the whole file".
struct Place {
  std::string file;
  int line = 0;
  int column = 0;
};

std::string ToString(const Place& place);  // "file.toml:12:8"

// One mistake in a file. The loader collects all of them before it gives up.
struct Diagnostic {
  Place place;
  std::string wrong;  // "unknown key 'dealy'"
  std::string right;  // "did you mean 'delay'?"
};

// "file:line:column: what is wrong: what would be right".
std::string ToString(const Diagnostic& diagnostic);

}  // namespace finwait::scenario
