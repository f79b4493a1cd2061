// One scenario case, ready to be played and judged.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

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

// A file has one case per combination of its parameters, or one without.
struct Scenario {
  std::string file;
  std::string title;
  std::string case_name;    // "tcp_fin_timeout=61", or empty
  std::string description;  // the file's first comment
  std::vector<std::string> labels;
  Topology topology;  // with the scenario's sysctls merged in
  std::vector<InitialImpairment> impairments;
  Requirements requirements;
  std::vector<Step> steps;
  std::vector<ConnectionName> connections;
  std::vector<EndpointExpectation> endpoints;
  std::vector<SocketsExpectation> sockets;
  std::vector<CounterExpectation> counters;
  std::vector<ProgramExpectation> programs;
  Duration time_limit = std::chrono::minutes(5);

  // "orphan.toml [tcp_fin_timeout=61]"
  std::string DisplayName() const;
};

}  // namespace finwait::scenario
