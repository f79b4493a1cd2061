#include "kernel/fingerprint.h"

#include <iomanip>
#include <sstream>

namespace finwait::kernel {

std::string Fingerprint::Hex() const {
  std::ostringstream text;
  text << std::hex << std::setw(16) << std::setfill('0') << hash_;
  return text.str();
}

std::string FingerprintOf(std::string_view text) {
  Fingerprint fingerprint;
  fingerprint.Add(text);
  return fingerprint.Hex();
}

}  // namespace finwait::kernel
