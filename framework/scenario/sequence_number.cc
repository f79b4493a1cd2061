// A name, and a distance from it.
#include "scenario/sequence_number.h"

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>

#include "scenario/scalar.h"

namespace finwait::scenario {
namespace {

using Base = SequenceNumber::Base;

const Words<Base>& Bases() {
  static const Words<Base> bases = {
      {"rcv_nxt", Base::kRcvNxt}, {"window", Base::kWindow},
      {"snd_nxt", Base::kSndNxt}, {"snd_una", Base::kSndUna},
      {"iss", Base::kIss},        {"irs", Base::kIrs}};
  return bases;
}

std::string_view Trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

// A sequence number at most (RFC 9293 section 3.4: 32 bits).
std::optional<std::int64_t> NumberIn(std::string_view text) {
  std::uint32_t number = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || rest != end) return std::nullopt;
  return number;
}

}  // namespace

std::string_view Name(Base base) {
  for (const auto& [word, meaning] : Bases()) {
    if (meaning == base) return word;
  }
  return "";
}

bool Decode(const Node& node, Mistakes& mistakes, SequenceNumber* out) {
  if (node.is(Node::Kind::kInteger)) {
    return DecodeInteger(node, mistakes, 0, UINT32_MAX, &out->offset);
  }
  std::string text;
  if (!Decode(node, mistakes, &text)) return false;
  const std::size_t sign = std::min(text.find_first_of("+-"), text.size());
  Node base = node;
  base.text = Trimmed(std::string_view(text).substr(0, sign));
  if (!DecodeWord(base, mistakes, Bases(), &out->base)) return false;
  if (sign == text.size()) return true;
  const auto offset =
      NumberIn(Trimmed(std::string_view(text).substr(sign + 1)));
  if (!offset) {
    return WrongText(node, mistakes, "which has no number after its sign",
                     "write \"rcv_nxt + 100\"");
  }
  out->offset = text[sign] == '-' ? -*offset : *offset;
  return true;
}

}  // namespace finwait::scenario
