// Host or address, and port.
#include "scenario/target.h"

#include <charconv>

namespace finwait::scenario {
namespace {

constexpr std::string_view kRight =
    "write \"server:7000\", \"10.0.0.2:7000\" or \"[fd00::2]:7000\"";

std::optional<std::uint16_t> ParsePort(std::string_view text) {
  std::uint16_t port = 0;
  auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), port);
  bool whole = error == std::errc() && end == text.data() + text.size();
  return whole ? std::optional(port) : std::nullopt;
}

std::string_view WithoutBrackets(std::string_view text) {
  bool bracketed = text.starts_with('[') && text.ends_with(']');
  return bracketed ? text.substr(1, text.size() - 2) : text;
}

}  // namespace

bool DecodeTarget(const Node& node, Scene& scene, Target* out) {
  Mistakes& mistakes = scene.mistakes();
  if (node.is(Node::Kind::kInteger)) return Decode(node, mistakes, &out->port);
  if (!node.is(Node::Kind::kString)) {
    return WrongType(node, mistakes, std::string(kRight));
  }
  std::size_t colon = node.text.rfind(':');
  if (colon == std::string::npos) {
    return WrongText(node, mistakes, "which has no port", std::string(kRight));
  }
  auto port = ParsePort(std::string_view(node.text).substr(colon + 1));
  if (!port) {
    return WrongText(node, mistakes, "which has no port from 0 to 65535",
                     std::string(kRight));
  }
  out->port = *port;
  std::string where = node.text.substr(0, colon);
  out->address = tcp::ParseIpAddress(WithoutBrackets(where));
  if (out->address) return true;
  out->host = where;
  return scene.CheckHostName(where, node.place);
}

tcp::Family DecodeFamily(Table& table, const Target& target, Scene& scene) {
  tcp::Family family = target.address ? target.address->family : scene.family();
  table.Read("family", &family);
  if (target.address && target.address->family != family) {
    scene.mistakes().Add(
        table.Find("family")->place,
        "'family' is not that of " + tcp::ToString(*target.address),
        "leave 'family' out");
  }
  if (!target.host.empty()) {
    scene.CheckFamily(target.host, family, table.place());
  }
  return family;
}

std::string Describe(const Target& target) {
  if (!target.host.empty()) {
    return target.host + ":" + std::to_string(target.port);
  }
  if (target.address)
    return tcp::ToString(tcp::SocketAddress{*target.address, target.port});
  return "port " + std::to_string(target.port);
}

}  // namespace finwait::scenario
