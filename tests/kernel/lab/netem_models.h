// The random models of netem as their papers and tc-netem(8) define them, for
// comparison with what a kernel does.
#pragma once

#include <cstdint>
#include <memory>

#include "kernel/lab/statistics.h"

namespace finwait::lab {

// From 0 to 1.
inline double Chance(Random& random) {
  return static_cast<double>(random()) / 4294967296.0;
}

// Each number is a mean of a fresh one and the last result, `correlation`
// being the last one's weight (Linux: net/sched/sch_netem.c get_crandom()).
inline Trials Correlated(double p, double correlation) {
  return [=](Random& random) {
    auto last = std::make_shared<double>(Chance(random));
    return [=, &random] {
      *last = Chance(random) * (1 - correlation) + *last * correlation;
      return *last <= p;
    };
  };
}

// States: 1 good, 2 good within a burst, 3 lost within a burst, 4 lost alone
// (S. Salsano, F. Ludovici, A. Ordine: a general and intuitive loss model).
// From 4 it always goes back to 1.
struct StateChances {
  double p13 = 0;
  double p31 = 1;
  double p32 = 0;
  double p23 = 1;
  double p14 = 0;
};

inline Trials FourStates(const StateChances& p) {
  return [p](Random& random) {
    auto state = std::make_shared<int>(1);
    return [=, &random] {
      const double draw = Chance(random);
      switch (*state) {
        case 1:
          *state = draw < p.p14 ? 4 : draw < p.p14 + p.p13 ? 3 : 1;
          break;
        case 2:
          *state = draw < p.p23 ? 3 : 2;
          break;
        case 3:
          *state = draw < p.p32 ? 2 : draw < p.p32 + p.p31 ? 1 : 3;
          break;
        default:
          *state = 1;
      }
      return *state >= 3;
    };
  };
}

// `p` leads from the good state to the bad one, `r` back; in each a packet is
// lost with a chance of its own.
struct GemodelChances {
  double p = 0;
  double r = 1;
  double bad = 1;
  double good = 0;
};

inline Trials Gemodel(const GemodelChances& chances) {
  return [chances](Random& random) {
    auto bad = std::make_shared<bool>(false);
    return [=, &random] {
      const double loss = *bad ? chances.bad : chances.good;
      if (Chance(random) < (*bad ? chances.r : chances.p)) *bad = !*bad;
      return Chance(random) < loss;
    };
  };
}

}  // namespace finwait::lab
