// finwait sweep: one scenario over a range of values.
#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace finwait::tools {

struct SweepArguments {
  std::string file;
  std::vector<std::string> ranges;   // as scenario::SweepPoints reads them
  std::vector<std::string> kernels;  // as ArenasFor takes them
  std::string topologies;
  std::string csv;    // file, or "-"
  std::string svg;    // file; empty: no picture
  std::string title;  // of the picture; empty: the scenario's
  std::string state;  // what the picture shows; empty: what varies most
  std::string of;     // "HOST" or "HOST:CONNECTION"
  std::string diagonal;
  int jobs = 16;
  bool require_all = false;
};

void AddSweepOptions(CLI::App& sweep, SweepArguments& arguments);
int Sweep(const SweepArguments& arguments);

}  // namespace finwait::tools
