// One scenario case, ready to be played and judged.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "scenario/condition.h"
#include "scenario/diagnostic.h"
#include "scenario/expectation.h"
#include "scenario/step.h"
#include "scenario/topology.h"

namespace finwait::scenario {

// What the machine must have; found out by trying, never by version alone.
struct Requirements {
  std::vector<std::string> features;  // "sch_netem", "ipv6"
  std::vector<std::string> programs;  // names of executables
  std::string kernel;                 // ">= 6.12", or empty
};

// An impairment that holds from the start.
struct InitialImpairment {
  std::string end;
  Impairment impairment;
  Place place;
};

// Folders in which topologies named without a path are looked for, in this
// order; the scenario's own folder comes first.
using SearchPath = std::vector<std::filesystem::path>;

// What stands in place of what a file says: name of a parameter, or of a
// sysctl, to value. In the order given.
using Overrides = std::vector<std::pair<std::string, std::string>>;

// What it takes to load a case once more, elsewhere: where the same files are.
struct Origin {
  std::filesystem::path file;  // absolute
  SearchPath topologies;       // absolute
  Overrides overrides;
  std::size_t number = 0;  // of the case in what the file gives, from 0
};

// What a scenario of the catalogue is about; docs/catalogue.md is made of it.
// Words for people: nothing is judged by them.
struct Behaviour {
  std::vector<std::string> entries;  // of the catalogue: "FW2-04"
  std::string formula;               // "2 (tcp_fin_timeout - 60 s)"
  std::vector<std::string> sources;  // "tcp_timer.c tcp_keepalive_timer()"
  std::vector<std::string> rfcs;     // "RFC 9293 3.10.7.4"
  std::string catches;  // the smallest change of a kernel that turns it red
};

struct Expectations {
  std::vector<EndpointExpectation> endpoints;
  std::vector<SocketsExpectation> sockets;
  std::vector<CounterExpectation> counters;
  std::vector<ProgramExpectation> programs;
};

// What some kernels do otherwise, declared: where it holds, other expectations
// are laid over the file's own, and some steps come out otherwise.
struct Difference {
  Condition where;
  std::string reason;
  std::string source;  // in the kernel
  Place place;
  std::map<std::size_t, CallResult> results;  // of steps, by number from 0
};

// Numbers of a scenario's differences: those that hold somewhere.
using DifferenceSet = std::vector<std::size_t>;

// A file has one case per combination of its parameters, or one without.
struct Scenario : Expectations {  // those of the file itself
  std::string file;
  Origin origin;  // empty if it came from text
  std::string title;
  std::string case_name;    // "tcp_fin_timeout=61", or empty
  std::string description;  // the file's first comment
  std::optional<Behaviour> behaviour;
  std::vector<std::string> labels;
  Topology topology;  // with the scenario's sysctls merged in
  std::vector<InitialImpairment> impairments;
  Requirements requirements;
  std::vector<Step> steps;
  std::vector<ConnectionName> connections;
  std::vector<Difference> differences;
  // What is expected where a set of them holds: by the sum of 1 << number of
  // each. Empty without differences.
  std::vector<Expectations> expected_where;
  Duration time_limit = std::chrono::minutes(5);

  // "orphan.toml [tcp_fin_timeout=61]"
  std::string DisplayName() const;

  // The same with what is expected, of its steps too, where these differences
  // hold.
  Scenario Where(const DifferenceSet& holding) const;
};

}  // namespace finwait::scenario
