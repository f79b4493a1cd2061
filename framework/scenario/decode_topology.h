// Decodes a topology: hosts, links, LANs, routes and the hosts' sysctls.
#pragma once

#include <string>

#include "scenario/mistakes.h"
#include "scenario/node.h"
#include "scenario/table.h"
#include "scenario/topology.h"

namespace finwait::scenario {

// Reads the topology in `node`, a file's root or an inline table, adds the
// automatic routes and checks that all of it fits together.
Topology DecodeTopology(const Node& node, const std::string& name,
                        Mistakes& mistakes);

// Reads a table of sysctl names and values. Values keep their places.
std::vector<Sysctl> DecodeSysctls(const Node& node, Mistakes& mistakes);

// A name in the form of sysctl(8): parts joined by dots, none of them empty.
// A slash stands for a dot inside a part ("net.ipv4.conf.eth0/1.forwarding").
bool IsSysctlName(std::string_view name);

// Each takes the place of an earlier value, so that who comes last has the
// last word: the topology, the scenario, overrides.
void ReplaceSysctls(const std::vector<Sysctl>& values, Host* host);

// Reads the tables host -> sysctls under `node` into the topology's hosts;
// "*" stands for all that are not bridges. Later values replace earlier ones.
void DecodeHostSysctls(const Node& node, Mistakes& mistakes,
                       Topology* topology);

// The names of all hosts, for suggestions.
std::vector<std::string> HostNames(const Topology& topology);

// Adds a LAN's hosts and links (lan.cc).
void DecodeLan(const Node& node, Mistakes& mistakes, Topology* topology);

// "ethN" with the lowest N that no interface of the host has.
std::string NextInterfaceName(const Topology& topology,
                              const std::string& host);

// Adds routes for the hosts without any of their own (routes.cc).
void AddAutomaticRoutes(Topology* topology);

// Names that are taken twice, addresses that do not fit (check_topology.cc).
void CheckTopology(const Topology& topology, Mistakes& mistakes);

}  // namespace finwait::scenario
