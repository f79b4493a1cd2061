// Single values: type first, then meaning.
#include "scenario/scalar.h"

#include "scenario/suggestion.h"
#include "tcp/timeline.h"

namespace finwait::scenario {
namespace {

const std::vector<std::string>& StateNames() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> list;
    for (int state = 1; state <= 11; ++state) {
      list.emplace_back(tcp::Name(static_cast<tcp::TcpState>(state)));
    }
    return list;
  }();
  return names;
}

const Words<std::uint8_t>& FlagWords() {
  static const Words<std::uint8_t> words = {
      {"FIN", tcp::kFin}, {"SYN", tcp::kSyn}, {"RST", tcp::kRst},
      {"PSH", tcp::kPsh}, {"ACK", tcp::kAck}, {"URG", tcp::kUrg},
      {"ECE", tcp::kEce}, {"CWR", tcp::kCwr}, {"any", 0}};
  return words;
}

}  // namespace

bool WrongType(const Node& node, Mistakes& mistakes, std::string right) {
  mistakes.Add(node.place,
               Quoted(node.key) + " is " + std::string(Name(node.kind)),
               std::move(right));
  return false;
}

bool WrongText(const Node& node, Mistakes& mistakes, std::string_view wrong,
               std::string right) {
  mistakes.Add(
      node.place,
      Quoted(node.key) + " is \"" + node.text + "\", " + std::string(wrong),
      std::move(right));
  return false;
}

bool UnknownWord(const Node& node, Mistakes& mistakes,
                 const std::vector<std::string>& words) {
  return WrongText(node, mistakes, "which has no meaning here",
                   Suggest(node.text, words));
}

bool Decode(const Node& node, Mistakes& mistakes, std::string* out) {
  if (!node.is(Node::Kind::kString)) {
    return WrongType(node, mistakes, "write a string in quotes");
  }
  *out = node.text;
  return true;
}

bool Decode(const Node& node, Mistakes& mistakes, bool* out) {
  if (!node.is(Node::Kind::kBoolean)) {
    return WrongType(node, mistakes, "write true or false");
  }
  *out = node.integer != 0;
  return true;
}

bool DecodeInteger(const Node& node, Mistakes& mistakes, std::int64_t min,
                   std::int64_t max, std::int64_t* out) {
  if (!node.is(Node::Kind::kInteger)) {
    return WrongType(node, mistakes, "write a whole number without quotes");
  }
  if (node.integer < min || node.integer > max) {
    mistakes.Add(node.place, Quoted(node.key) + " is " + node.text,
                 "write a number from " + std::to_string(min) + " to " +
                     std::to_string(max));
    return false;
  }
  *out = node.integer;
  return true;
}

bool Decode(const Node& node, Mistakes& mistakes,
            std::vector<std::string>* out) {
  if (!node.is(Node::Kind::kArray)) {
    return WrongType(node, mistakes, "write an array of strings, [\"…\"]");
  }
  bool good = true;
  for (const Node& item : node.children) {
    std::string text;
    good = Decode(item, mistakes, &text) && good;
    out->push_back(text);
  }
  return good;
}

bool Decode(const Node& node, Mistakes& mistakes,
            std::map<std::string, std::string>* out) {
  if (!node.is(Node::Kind::kTable)) {
    return WrongType(node, mistakes, "write a table, { NAME = \"value\" }");
  }
  bool good = true;
  for (const Node& item : node.children) {
    good = Decode(item, mistakes, &(*out)[item.key]) && good;
  }
  return good;
}

bool Decode(const Node& node, Mistakes& mistakes, tcp::Family* out) {
  static const Words<tcp::Family> words = {{"ipv4", tcp::Family::kIpv4},
                                           {"ipv6", tcp::Family::kIpv6}};
  return DecodeWord(node, mistakes, words, out);
}

bool Decode(const Node& node, Mistakes& mistakes, tcp::TcpState* out) {
  std::string text;
  if (!Decode(node, mistakes, &text)) return false;
  if (auto state = tcp::ParseTcpState(text)) {
    *out = *state;
    return true;
  }
  return WrongText(node, mistakes, "which is no TCP state",
                   Suggest(text, StateNames()));
}

bool Decode(const Node& node, Mistakes& mistakes, tcp::IpPrefix* out) {
  std::string text;
  if (!Decode(node, mistakes, &text)) return false;
  auto prefix = tcp::ParseIpPrefix(text);
  if (!prefix) {
    return WrongText(node, mistakes, "which is no address with its prefix",
                     "write \"10.0.0.1/24\" or \"fd00::1/64\"");
  }
  *out = *prefix;
  return true;
}

bool Decode(const Node& node, Mistakes& mistakes, tcp::IpAddress* out) {
  std::string text;
  if (!Decode(node, mistakes, &text)) return false;
  auto address = tcp::ParseIpAddress(text);
  if (!address) {
    return WrongText(node, mistakes, "which is no address",
                     "write \"10.0.0.1\" or \"fd00::1\"");
  }
  *out = *address;
  return true;
}

bool Decode(const Node& node, Mistakes& mistakes, FlagSet* out) {
  std::string text;
  if (!Decode(node, mistakes, &text)) return false;
  for (std::size_t begin = 0; begin <= text.size();) {
    std::size_t end = std::min(text.find('|', begin), text.size());
    Node flag = node;
    flag.text = text.substr(begin, end - begin);
    std::uint8_t bit = 0;
    if (!DecodeWord(flag, mistakes, FlagWords(), &bit)) return false;
    out->bits |= bit;
    begin = end + 1;
  }
  return true;
}

}  // namespace finwait::scenario
