// Short names for long contents.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace finwait::kernel {

// FNV-1a over 64 bits (its offset basis and prime): tells contents apart, but
// not where somebody wants them to be taken for one another. A value.
class Fingerprint {
 public:
  void Add(std::string_view text) {
    for (const char c : text) {
      hash_ = (hash_ ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    }
  }
  std::string Hex() const;

 private:
  std::uint64_t hash_ = 0xcbf29ce484222325;
};

std::string FingerprintOf(std::string_view text);

}  // namespace finwait::kernel
