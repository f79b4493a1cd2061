// Figures, the bounds that they are held against, and the table of them.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "base/units.h"

namespace finwait::bench {

// One line of the table, printed when it is there.
struct Figure {
  std::string measure;
  std::string value;
  std::string bound;  // empty: for information
  bool passes = true;
};

// One thread at a time.
class Table {
 public:
  // With the machine, who asks, and whether all cores are kept busy.
  static void PrintHead(uid_t user, bool loaded);
  void Print(const Figure& figure,
             const std::vector<std::string>& examples = {});
  // A figure that must be 0.
  void PrintCount(const std::string& measure, std::uint64_t count,
                  const std::vector<std::string>& examples = {});
  int missed() const { return missed_; }

 private:
  int missed_ = 0;
};

// "4.1 us (99 %: 9.5 us, most: 30 us, of 10000)".
struct Spread {
  Duration median{};
  Duration most{};
  std::string text;
};
Spread SpreadOf(std::vector<Duration> values);

}  // namespace finwait::bench
