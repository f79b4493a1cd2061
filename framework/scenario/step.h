// The steps of a scenario: what is done, in which order.
//
// A Step is a value; lab/ plays it. Every action is one struct of a variant,
// named after the system call or command it stands for.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/units.h"
#include "scenario/diagnostic.h"
#include "scenario/impairment.h"
#include "tcp/address.h"
#include "tcp/tcp_state.h"

namespace finwait::scenario {

// A number a scenario allows: inclusive at both ends.
struct CountBound {
  std::int64_t min = 0;
  std::int64_t max = INT64_MAX;
  friend bool operator==(const CountBound&, const CountBound&) = default;
};
std::string Describe(const CountBound& bound);  // "1", "at least 2", ...

// Options for setsockopt(2) by name, in the option's own unit, which
// socket_option.h knows ("TCP_LINGER2" in seconds). SO_LINGER: -1 is off.
using SocketOptionValues = std::map<std::string, std::int64_t>;

// --- system calls of an actor. `socket` is the name given by `as`. ---------

// Where a socket goes to or sits: a host name of the topology or an address.
struct Target {
  std::string host;                       // empty when `address` is given
  std::optional<tcp::IpAddress> address;  // any address when both are empty
  std::uint16_t port = 0;                 // 0: the kernel chooses
};

struct OpenSocket {  // socket(2)
  std::string as;
  tcp::Family family = tcp::Family::kIpv4;
  SocketOptionValues options;
};
struct Bind {  // bind(2)
  std::string socket;
  Target to;
};
struct Listen {  // socket, SO_REUSEADDR, bind, listen; or listen alone on `on`
  std::string as;                 // "listener" unless given
  std::optional<std::string> on;  // an existing, bound socket
  Target at;
  tcp::Family family = tcp::Family::kIpv4;
  int backlog = 128;
  SocketOptionValues options;  // inherited by accepted sockets
};
struct Connect {  // socket unless `on`, then connect(2)
  std::string as;
  std::optional<std::string> on;  // an existing socket
  Target to;
  std::optional<Target> from;  // bind first
  tcp::Family family = tcp::Family::kIpv4;
  bool blocking = true;
  SocketOptionValues options;
};
struct Accept {  // accept(2), waits for the connection
  std::string as;
  std::string listener;  // "listener" unless given
};
struct Send {  // send(2) with MSG_NOSIGNAL until all is taken
  std::string socket;
  std::string data;         // literal, or
  std::uint64_t bytes = 0;  // this many bytes of a fixed pattern
  bool until_full = false;  // send without blocking until EAGAIN
};
struct Receive {  // recv(2)
  std::string socket;
  std::optional<std::string> data;     // exactly this text
  std::optional<std::uint64_t> bytes;  // exactly this many
  bool end_of_file = false;            // and then, or only, the peer's FIN
};
enum class ShutdownHow : std::uint8_t { kRead = 0, kWrite = 1, kBoth = 2 };
struct Shutdown {  // shutdown(2)
  std::string socket;
  ShutdownHow how = ShutdownHow::kWrite;
};
struct Close {  // close(2)
  std::string socket;
};
struct Disconnect {  // connect(2) to AF_UNSPEC: RFC 9293 ABORT
  std::string socket;
};
struct SetOption {  // setsockopt(2)
  std::string socket;
  SocketOptionValues options;
};
struct GetOption {  // getsockopt(2), compared with `options`
  std::string socket;
  SocketOptionValues options;
};
struct KillActor {  // SIGKILL to the process that makes this host's calls:
};                  // the kernel closes all its sockets. The next call starts
                    // a new process.
struct ExitActor {  // exit(2) of that process, with its sockets open: the
};                  // kernel closes them, and lingers for none.

// --- against a connection: by the name it has where it is observed, whether
// --- an actor has its socket or not -----------------------------------------

// A number as the receiver of a segment reckons.
struct SequenceNumber {
  enum class Base : std::uint8_t {
    kZero,
    kIss,     // of its own SYN
    kIrs,     // of the other end's SYN
    kSndUna,  // the oldest number that it sent and nobody acknowledged
    kSndNxt,  // the next number it will send
    kRcvNxt,  // the next number it expects
    kWindow,  // the first number beyond its receive window
  };
  Base base = Base::kZero;
  std::int64_t offset = 0;
};

enum class CraftedTimestamp : std::uint8_t {
  kValid,  // as the connection does: none, or what was sent last
  kNone,
  kOld,  // before what was sent last
};

// One TCP segment of a connection, or several alike, by a raw socket.
struct Craft {
  std::uint8_t flags = 0;
  std::string connection;
  std::string sender;  // in whose name; it has the connection
  SequenceNumber seq;
  std::optional<SequenceNumber> ack;    // default: snd_nxt with ACK, else 0
  std::string data;                     // literal, or
  std::uint64_t bytes = 0;              // this many bytes of a fixed pattern
  std::optional<std::uint16_t> window;  // default: as the sender's last
  CraftedTimestamp timestamp = CraftedTimestamp::kValid;
  std::uint32_t count = 1;
};
struct Destroy {  // SOCK_DESTROY, as ss -K
  std::string connection;
};

// --- programs --------------------------------------------------------------

// When a program counts as started.
struct Readiness {
  std::optional<std::uint16_t> listens;  // it listens on this TCP port
  std::optional<std::string> prints;     // its output contains this text
  std::optional<int> writes_descriptor;  // it writes to, or closes, this one
  Duration within = std::chrono::seconds(10);
};
struct StartProgram {
  std::string as;
  std::vector<std::string> command;  // found by PATH of the caller
  std::map<std::string, std::string> environment;  // added
  std::string standard_input;  // written, then closed, unless keep_open
  bool keep_input_open = false;
  Readiness ready;
};
struct SignalProgram {  // kill(2) to the program and its children
  std::string name;
  int signal = 15;
};
struct RestartProgram {  // SIGKILL if it runs, wait, start again as before
  std::string name;
};
struct WriteInput {
  std::string name;
  std::string text;
};

// --- the network -----------------------------------------------------------

struct SysctlValue {
  std::string name;
  std::string value;
};
struct WriteSysctl {
  std::vector<SysctlValue> values;
};
struct Impair {     // set or replace; an Impairment{} lifts it
  std::string end;  // "client:eth0": what leaves there
  Impairment impairment;
};
struct SetLink {    // ip link set up/down: a *local* error for the sender, not
  std::string end;  // path loss
  bool up = false;
};
// Path loss without randomness: segments that leave through `end` and match
// are lost on the way; the sender's kernel knows nothing of it.
struct Drop {
  std::string end;
  std::optional<std::uint8_t> flags;  // all of these set (tcp::TcpFlag)
  std::optional<bool> pure_ack;       // ACK without payload, SYN, FIN, RST
  std::optional<std::string> to;      // only towards this host
  std::uint32_t number = 0;           // only the n-th match; 0: all
};
struct Blackhole {  // everything (IP, ARP, ND) that leaves through `end`
  std::string end;
};
struct Restore {  // ends all drops and black holes of `end`
  std::string end;
};

// --- waiting ---------------------------------------------------------------

struct WaitState {
  std::string host;
  std::string connection;
  tcp::TcpState state = tcp::TcpState::kClosed;
};
struct WaitPacket {
  std::string host;
  std::string connection;
  bool sent = false;
  std::uint8_t flags = 0;  // all of these set
  std::int64_t count = 1;  // the n-th since the run began
};
struct WaitSockets {  // until `count` sockets of the host are so
  std::string host;
  tcp::TcpState state = tcp::TcpState::kClosed;
  CountBound count;
  std::optional<bool> orphan;  // without a process
};
struct WaitDuration {
  Duration duration{};
};
struct WaitEnd {  // a program's end
  std::string program;
};
struct WaitOutput {
  std::string program;
  std::string text;
};
struct WaitCall {  // the pending call of a step with `async = true`
  std::string host;
};

// Counts a host's sockets now and compares.
struct CountSockets {
  std::string host;
  tcp::TcpState state = tcp::TcpState::kClosed;
  CountBound count;
  std::optional<bool> orphan;
};

using Action =
    std::variant<OpenSocket, Bind, Listen, Connect, Accept, Send, Receive,
                 Shutdown, Close, Disconnect, SetOption, GetOption, KillActor,
                 Craft, Destroy, ExitActor, StartProgram, SignalProgram,
                 RestartProgram, WriteInput, WriteSysctl, Impair, SetLink, Drop,
                 Blackhole, Restore, WaitState, WaitPacket, WaitSockets,
                 WaitDuration, WaitEnd, WaitOutput, WaitCall, CountSockets>;

// What a call must come to. Without any of it: success.
struct CallResult {
  std::optional<std::string> fails;  // "ECONNRESET"
  std::optional<std::int64_t> returns;
  std::optional<CountBound> takes_ns;  // how long the call may block
};

struct Step {
  std::string host;  // who acts; empty for the network and for waiting
  Action action;
  CallResult expected;
  bool async = false;                          // go on while the call blocks
  Duration within = std::chrono::seconds(10);  // limit for waiting steps and
                                               // blocking calls
  Place place;
};

// "rcv_nxt + 100".
std::string Describe(const SequenceNumber& number);
// "client: close(conn)", "wait until client is CLOSED".
std::string Describe(const Step& step);

}  // namespace finwait::scenario
