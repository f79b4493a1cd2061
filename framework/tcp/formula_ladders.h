// The formulas that are ladders of linux_timing.h. Internal to formula.cc;
// each is described in its table.
#pragma once

#include "tcp/formula_settings.h"

namespace finwait::tcp {

Answer OrphanLadder(const FormulaInputs& inputs);
Answer OwnedLadder(const FormulaInputs& inputs);
Answer SynLadder(const FormulaInputs& inputs);
Answer SynackLadder(const FormulaInputs& inputs);
Answer UserTimeoutLadder(const FormulaInputs& inputs);
Answer KeepaliveLadder(const FormulaInputs& inputs);

}  // namespace finwait::tcp
