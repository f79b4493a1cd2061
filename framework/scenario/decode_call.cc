// The socket calls of a host.
#include "scenario/decode_step.h"
#include "scenario/errno_name.h"
#include "scenario/quantity.h"
#include "scenario/suggestion.h"
#include "scenario/target.h"

namespace finwait::scenario {
namespace {

SocketOptionValues ReadOptions(Table& table) {
  const Node* options = table.Find("options");
  if (options == nullptr) return {};
  return DecodeOptions(*options, table.mistakes());
}

// Reads the name of an open socket.
std::string ReadSocket(const std::string& host, std::string_view key,
                       Table& table, const Scene& scene) {
  std::string socket;
  if (table.Read(key, &socket)) scene.CheckSocket(host, *table.Find(key));
  return socket;
}

// `as` and `on` of connect and listen: a new name, or an existing socket that
// keeps its own.
std::string ReadName(const std::string& host, Table& table, SocketRole role,
                     std::optional<std::string>* on, Scene& scene) {
  std::string name;
  const Node* as = table.Find("as");
  if (table.Has("on")) {
    name = ReadSocket(host, "on", table, scene);
    *on = name;
    scene.ChangeRole(host, name, role);
    if (as != nullptr) {
      scene.mistakes().Add(as->key_place, "'as' stands beside 'on'",
                           "leave 'as' out: the socket keeps its name");
    }
    return name;
  }
  table.Find("on");
  if (role == SocketRole::kListener) name = "listener";
  if (as == nullptr && name.empty()) {
    table.Require("as", "as = \"NAME\", to speak of this connection");
    return name;
  }
  table.Read("as", &name);
  scene.MakeSocket(host, name, role, as != nullptr ? as->place : table.place());
  return name;
}

Action DecodeSocket(const std::string& host, Table& table, Scene& scene) {
  OpenSocket open;
  table.Read("socket", &open.as);
  open.family = DecodeFamily(table, {}, scene);
  open.options = ReadOptions(table);
  scene.MakeSocket(host, open.as, SocketRole::kPlain,
                   table.Find("socket")->place);
  return open;
}

Action DecodeBind(const std::string& host, Table& table, Scene& scene) {
  Bind bind{ReadSocket(host, "bind", table, scene), {}};
  if (const Node* to = table.Require("to", "to = \"client:5000\"")) {
    DecodeTarget(*to, scene, &bind.to);
  }
  return bind;
}

Action DecodeListen(const std::string& host, Table& table, Scene& scene) {
  Listen listen;
  listen.as = ReadName(host, table, SocketRole::kListener, &listen.on, scene);
  const Node& at = *table.Find("listen");
  if (!listen.on) {
    DecodeTarget(at, scene, &listen.at);
  } else if (!at.is(Node::Kind::kBoolean)) {
    WrongType(at, scene.mistakes(),
              "with 'on' write listen = true: the socket is bound already");
  }
  table.Read("backlog", &listen.backlog);
  listen.family = DecodeFamily(table, listen.at, scene);
  listen.options = ReadOptions(table);
  return listen;
}

Action DecodeConnect(const std::string& host, Table& table, Scene& scene) {
  Connect connect;
  connect.as =
      ReadName(host, table, SocketRole::kConnection, &connect.on, scene);
  DecodeTarget(*table.Find("connect"), scene, &connect.to);
  if (const Node* from = table.Find("from")) {
    DecodeTarget(*from, scene, &connect.from.emplace());
  }
  table.Read("blocking", &connect.blocking);
  connect.family = DecodeFamily(table, connect.to, scene);
  connect.options = ReadOptions(table);
  if (!connect.to.host.empty()) {
    scene.NameConnection(connect.to.host, connect.as);
  }
  return connect;
}

Action DecodeAccept(const std::string& host, Table& table, Scene& scene) {
  Accept accept;
  table.Read("accept", &accept.as);
  accept.listener = scene.DefaultListener(host);
  if (table.Has("from")) {
    accept.listener = ReadSocket(host, "from", table, scene);
  } else {
    table.Find("from");
    Node listener = *table.Find("accept");
    listener.text = accept.listener;
    scene.CheckSocket(host, listener);
  }
  scene.MakeSocket(host, accept.as, SocketRole::kConnection,
                   table.Find("accept")->place);
  return accept;
}

Action DecodeSend(const std::string& host, Table& table, Scene& scene) {
  Send send{.socket = ReadSocket(host, "send", table, scene)};
  ByteCount bytes;
  table.OneOf({"data", "bytes", "until_full"});
  table.Read("data", &send.data);
  if (table.Read("bytes", &bytes)) send.bytes = bytes.bytes;
  table.Read("until_full", &send.until_full);
  return send;
}

Action DecodeReceive(const std::string& host, Table& table, Scene& scene) {
  Receive receive{.socket = ReadSocket(host, "receive", table, scene)};
  std::optional<ByteCount> bytes;
  table.Read("data", &receive.data);
  table.Read("bytes", &bytes);
  if (bytes) receive.bytes = bytes->bytes;
  table.Read("end_of_file", &receive.end_of_file);
  bool both = receive.data && receive.bytes;
  bool none = !receive.data && !receive.bytes && !receive.end_of_file &&
              !table.Has("fails") && !table.Has("returns");
  if (both || none) {
    scene.mistakes().Add(
        table.place(),
        both ? "'data' stands beside 'bytes'" : "this receive expects nothing",
        "write one of data = \"hello\", bytes = \"5B\" and "
        "end_of_file = true");
  }
  return receive;
}

Action DecodeShutdown(const std::string& host, Table& table, Scene& scene) {
  static const Words<ShutdownHow> ways = {{"read", ShutdownHow::kRead},
                                          {"write", ShutdownHow::kWrite},
                                          {"both", ShutdownHow::kBoth}};
  Shutdown shutdown{.socket = ReadSocket(host, "shutdown", table, scene)};
  if (const Node* how = table.Find("how")) {
    DecodeWord(*how, scene.mistakes(), ways, &shutdown.how);
  }
  return shutdown;
}

Action DecodeClose(const std::string& host, Table& table, Scene& scene) {
  Close close{ReadSocket(host, "close", table, scene)};
  scene.CloseSocket(host, close.socket);
  return close;
}

Action DecodeDisconnect(const std::string& host, Table& table, Scene& scene) {
  return Disconnect{ReadSocket(host, "disconnect", table, scene)};
}

Action DecodeSetOption(const std::string& host, Table& table, Scene& scene) {
  SetOption set{ReadSocket(host, "setsockopt", table, scene), {}};
  table.Require("options", "options = { TCP_NODELAY = true }");
  set.options = ReadOptions(table);
  return set;
}

Action DecodeGetOption(const std::string& host, Table& table, Scene& scene) {
  GetOption get{ReadSocket(host, "getsockopt", table, scene), {}};
  table.Require("options", "options = { TCP_NODELAY = true }");
  get.options = ReadOptions(table);
  return get;
}

}  // namespace

const Verbs& SocketVerbs() {
  static const Verbs verbs = {
      {"socket", &DecodeSocket},        {"bind", &DecodeBind},
      {"listen", &DecodeListen},        {"connect", &DecodeConnect},
      {"accept", &DecodeAccept},        {"send", &DecodeSend},
      {"receive", &DecodeReceive},      {"shutdown", &DecodeShutdown},
      {"close", &DecodeClose},          {"disconnect", &DecodeDisconnect},
      {"setsockopt", &DecodeSetOption}, {"getsockopt", &DecodeGetOption},
      {"craft", &DecodeCraft},          {"destroy", &DecodeDestroy}};
  return verbs;
}

CallResult DecodeResult(Table& table) {
  CallResult result;
  Mistakes& mistakes = table.mistakes();
  if (table.Read("fails", &result.fails) && !ErrnoByName(*result.fails)) {
    WrongText(*table.Find("fails"), mistakes, "which is no errno(3) name",
              SuggestNear(*result.fails, ErrnoNames())
                  .value_or("write one such as \"ECONNRESET\""));
  }
  table.Read("returns", &result.returns);
  if (const Node* takes = table.Find("takes")) {
    DecodeTakes(*takes, mistakes, &result.takes_ns.emplace());
  }
  if (result.fails && result.returns) {
    mistakes.Add(table.Find("returns")->key_place,
                 "'returns' stands beside 'fails'", "leave one of them out");
  }
  return result;
}

}  // namespace finwait::scenario
