// A result as bytes, complete: how a guest tells its host what it saw. Pure.
#pragma once

#include <string>
#include <string_view>

#include "judge/result.h"

namespace finwait::report {

// Everything in `result` but its scenario, as CBOR (RFC 8949). For another
// process of the same finwait: there are no names in it and no version.
std::string WriteTranscript(const judge::Result& result);

// The same with `scenario` put back. Throws Error if `bytes` are not what
// WriteTranscript made.
judge::Result ReadTranscript(std::string_view bytes,
                             scenario::Scenario scenario);

}  // namespace finwait::report
