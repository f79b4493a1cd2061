// Expectations on the number of sockets in a state, over time.
#include "scenario/decode_sockets.h"

#include "scenario/quantity.h"
#include "scenario/suggestion.h"
#include "scenario/table.h"

namespace finwait::scenario {
namespace {

SocketsExpectation::Moment DecodeMoment(const Node& node, Mistakes& mistakes) {
  SocketsExpectation::Moment moment{.place = node.place};
  Table table(node, "number of sockets", mistakes);
  table.ReadRequired("after", "after = \"1s\"", &moment.after);
  table.ReadRequired("sockets", "sockets = 1000", &moment.sockets);
  table.Close();
  return moment;
}

void ReadState(Table& table, SocketsExpectation* sockets) {
  const char* example = "state = \"FIN_WAIT2\"";
  if (!table.ReadRequired("state", example, &sockets->state)) return;
  if (sockets->state != tcp::TcpState::kClosed) return;
  table.mistakes().Add(table.Find("state")->place,
                       "no socket is in CLOSED: it is gone",
                       "count those of another state, " + std::string(example));
}

void ReadConnection(Table& table, const Scene& scene,
                    SocketsExpectation* sockets) {
  if (!table.Read("connection", &sockets->connection)) return;
  const std::string& name = sockets->connection;
  if (scene.HasConnection(sockets->host, name)) return;
  table.mistakes().Add(
      table.Find("connection")->place,
      "no step makes a connection " + Quoted(name) + " on " + sockets->host,
      Suggest(name, scene.ConnectionsOf(sockets->host)));
}

void CheckSaysSomething(const SocketsExpectation& sockets, Table& table) {
  if (sockets.peak || sockets.at_end || sockets.lasts ||
      !sockets.moments.empty()) {
    return;
  }
  table.mistakes().Add(table.place(), "nothing is said of these sockets",
                       "write 'peak', 'at_end', 'lasts' or 'counts'");
}

}  // namespace

SocketsExpectation DecodeSockets(const Node& node, const std::string& host,
                                 const Scene& scene) {
  Mistakes& mistakes = scene.mistakes();
  SocketsExpectation sockets{.host = host, .place = node.place};
  Table table(node, "sockets expectation", mistakes);
  ReadState(table, &sockets);
  ReadConnection(table, scene, &sockets);
  table.Read("orphan", &sockets.orphan);
  table.Read("peak", &sockets.peak);
  table.Read("at_end", &sockets.at_end);
  if (const Node* lasts = table.Find("lasts")) {
    DecodeLength(*lasts, mistakes, &sockets.lasts.emplace());
  }
  if (const Node* counts = table.Find("counts")) {
    for (const Node* moment : TablesOf(*counts, mistakes)) {
      sockets.moments.push_back(DecodeMoment(*moment, mistakes));
    }
  }
  table.Close();
  CheckSaysSomething(sockets, table);
  return sockets;
}

}  // namespace finwait::scenario
