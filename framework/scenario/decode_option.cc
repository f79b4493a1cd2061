// Socket options by name, each in its own unit.
#include "scenario/decode_step.h"
#include "scenario/quantity.h"
#include "scenario/socket_option.h"
#include "scenario/suggestion.h"

namespace finwait::scenario {
namespace {

bool DecodeWhole(const Node& node, Mistakes& mistakes, Duration unit,
                 std::int64_t* out) {
  Duration duration{};
  if (!DecodeSignedDuration(node, mistakes, &duration)) return false;
  if (duration % unit != Duration::zero()) {
    return WrongText(node, mistakes, "which the option cannot hold",
                     "write a multiple of " + Format(unit));
  }
  *out = duration / unit;
  return true;
}

bool DecodeValue(const Node& node, Mistakes& mistakes, OptionUnit unit,
                 std::int64_t* out) {
  bool flag = false;
  ByteCount bytes;
  switch (unit) {
    case OptionUnit::kFlag:
      if (!Decode(node, mistakes, &flag)) return false;
      *out = flag ? 1 : 0;
      return true;
    case OptionUnit::kCount:
      return Decode(node, mistakes, out);
    case OptionUnit::kBytes:
      if (!Decode(node, mistakes, &bytes)) return false;
      *out = static_cast<std::int64_t>(bytes.bytes);
      return true;
    case OptionUnit::kMilliseconds:
      return DecodeWhole(node, mistakes, std::chrono::milliseconds(1), out);
    case OptionUnit::kLinger:
      if (node.is(Node::Kind::kString) && node.text == "off") {
        *out = -1;
        return true;
      }
      break;
    case OptionUnit::kSeconds:
      break;
  }
  return DecodeWhole(node, mistakes, std::chrono::seconds(1), out);
}

std::vector<std::string> OptionNames() {
  std::vector<std::string> names;
  for (const auto& option : SocketOptions()) names.push_back(option.name);
  return names;
}

}  // namespace

SocketOptionValues DecodeOptions(const Node& node, Mistakes& mistakes) {
  SocketOptionValues values;
  if (!node.is(Node::Kind::kTable)) {
    WrongType(node, mistakes, "write { TCP_NODELAY = true }");
    return values;
  }
  for (const Node& child : node.children) {
    const SocketOption* option = FindSocketOption(child.key);
    if (option == nullptr) {
      mistakes.Add(child.key_place,
                   "unknown socket option " + Quoted(child.key),
                   Suggest(child.key, OptionNames()));
      continue;
    }
    std::int64_t value = 0;
    if (DecodeValue(child, mistakes, option->unit, &value)) {
      values[child.key] = value;
    }
  }
  return values;
}

}  // namespace finwait::scenario
