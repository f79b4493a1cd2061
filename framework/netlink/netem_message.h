// A netem qdisc's options (TCA_OPTIONS) to and from an Impairment. Pure.
//
// The message is made here, attribute by attribute, and not by libnl-route:
// that knows nothing of the loss models, rate, slot, ecn, seed or nanoseconds
// (libnl 3.7), and options half made by each would be read by nobody.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "scenario/impairment.h"

namespace finwait::netlink {

// Every attribute is there, also those that say "none": the kernel keeps what
// a change does not mention (Linux: net/sched/sch_netem.c netem_change()).
std::vector<std::uint8_t> EncodeNetem(const scenario::Impairment& impairment);

// What the kernel reports, or EncodeNetem made. The kernel does not tell the
// distribution, so that stays kUniform; it does tell a seed of its own.
// Throws Error if the options are cut short.
scenario::Impairment DecodeNetem(std::span<const std::uint8_t> options);

// The names of the fields in which `got`, of DecodeNetem, is not what `asked`
// comes to at netem's resolution. Distribution and an unasked seed are not
// compared.
std::vector<std::string> NetemDifferences(const scenario::Impairment& asked,
                                          const scenario::Impairment& got);

// The inverse distribution function as netem samples it: NETEM_DIST_SCALE is
// one `jitter`. Uniform goes from -1 to 1 jitter, as netem without a table;
// for the others the jitter is the standard deviation and the mean is 0, but
// for what is cut off beyond four of them: all that 16 bits hold.
std::vector<std::int16_t> DelayTable(scenario::Distribution distribution);

}  // namespace finwait::netlink
