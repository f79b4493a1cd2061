// What every child does first, between fork and whatever it is for.
//
// The parent has threads, one of which may have held any lock when it forked:
// all of this is raw system calls, without malloc, stdio or exceptions.
#pragma once

namespace finwait::process {

// Default dispositions, nothing blocked: as a program expects to be started.
void ResetSignals();

// Raises the soft limit of open files to the hard one, or a million: scenarios
// of thousands of connections need it.
void RaiseFileLimit();

// Closes everything from `first` on but the descriptor `kept` and, if it is
// not negative, `also_kept`.
void CloseFrom(int first, int kept, int also_kept = -1);

}  // namespace finwait::process
