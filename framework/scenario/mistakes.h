// Where the loader writes down what is wrong with a file.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "scenario/diagnostic.h"

namespace finwait::scenario {

// Collects the diagnostics of one load. One thread.
class Mistakes {
 public:
  void Add(const Place& place, std::string wrong, std::string right);
  bool empty() const { return found_.empty(); }

  // All of them by place, each once: the cases of a file share most mistakes.
  std::vector<Diagnostic> Sorted() const;

  // Notes that a decoder of `construct` ("step", "impairment") understands
  // `key`. The JSON Schema is held against these notes by a test.
  void NoteKey(const std::string& construct, const std::string& key);
  using KeysByConstruct = std::map<std::string, std::set<std::string>>;
  const KeysByConstruct& keys() const { return keys_; }

 private:
  std::vector<Diagnostic> found_;
  KeysByConstruct keys_;
};

}  // namespace finwait::scenario
