#include "report/transcript.h"

#include "base/error.h"
#include "report/fields.h"

namespace finwait::report {

template <>
struct Fields<scenario::Place> : LeavingOut<> {
  using T = scenario::Place;
  static constexpr std::tuple list{&T::file, &T::line, &T::column};
};
template <>
struct Fields<judge::Finding> : LeavingOut<> {
  using T = judge::Finding;
  static constexpr std::tuple list{
      &T::verdict, &T::place,  &T::subject, &T::expected,   &T::formula,
      &T::actual,  &T::margin, &T::host,    &T::connection, &T::around};
};
template <>
struct Fields<judge::Environment> : LeavingOut<> {
  using T = judge::Environment;
  static constexpr std::tuple list{&T::hz, &T::kernel, &T::virtual_time,
                                   &T::sysctls, &T::differences};
};
template <>
struct Fields<tcp::IpAddress> : LeavingOut<> {
  using T = tcp::IpAddress;
  static constexpr std::tuple list{&T::family, &T::bytes};
};
template <>
struct Fields<tcp::SocketAddress> : LeavingOut<> {
  using T = tcp::SocketAddress;
  static constexpr std::tuple list{&T::ip, &T::port};
};
template <>
struct Fields<tcp::FourTuple> : LeavingOut<> {
  using T = tcp::FourTuple;
  static constexpr std::tuple list{&T::local, &T::remote};
};
template <>
struct Fields<tcp::TcpInfo> : LeavingOut<> {
  using T = tcp::TcpInfo;
  static constexpr std::tuple list{
      &T::rto,      &T::rtt,           &T::rttvar,      &T::retransmits,
      &T::probes,   &T::backoff,       &T::unacked,     &T::snd_cwnd,
      &T::snd_mss,  &T::total_retrans, &T::bytes_acked, &T::bytes_received,
      &T::segs_out, &T::segs_in};
};
template <>
struct Fields<tcp::SocketFacts> : LeavingOut<> {
  using T = tcp::SocketFacts;
  static constexpr std::tuple list{
      &T::state,      &T::timer, &T::expires, &T::retransmits,
      &T::uid,        &T::inode, &T::cookie,  &T::receive_queue,
      &T::send_queue, &T::info,  &T::shutdown};
};
template <>
struct Fields<tcp::Sample> : LeavingOut<> {
  using T = tcp::Sample;
  static constexpr std::tuple list{&T::before, &T::after, &T::facts, &T::late};
};
template <>
struct Fields<tcp::TimerRecord> : LeavingOut<> {
  using T = tcp::TimerRecord;
  static constexpr std::tuple list{&T::what, &T::at, &T::state, &T::requested,
                                   &T::slot};
};
template <>
struct Fields<tcp::Transition> : LeavingOut<> {
  using T = tcp::Transition;
  static constexpr std::tuple list{&T::from,     &T::to,     &T::at,
                                   &T::earliest, &T::latest, &T::source,
                                   &T::cause};
};
template <>
struct Fields<tcp::Packet> : LeavingOut</*options*/ 2> {
  using T = tcp::Packet;
  static constexpr std::tuple list{&T::at,  &T::sent,   &T::flags, &T::seq,
                                   &T::ack, &T::window, &T::length};
};
template <>
struct Fields<tcp::Owner> : LeavingOut<> {
  using T = tcp::Owner;
  static constexpr std::tuple list{&T::pid, &T::command, &T::descriptor};
};
template <>
struct Fields<tcp::EndpointTimeline> : LeavingOut<> {
  using T = tcp::EndpointTimeline;
  static constexpr std::tuple list{
      &T::host,        &T::connection,       &T::tuple,
      &T::cookie,      &T::options,          &T::initial,
      &T::transitions, &T::samples,          &T::timers,
      &T::packets,     &T::packets_not_kept, &T::owners,
      &T::hole};
};
template <>
struct Fields<tcp::StepRecord> : LeavingOut<> {
  using T = tcp::StepRecord;
  static constexpr std::tuple list{&T::number, &T::host, &T::text,
                                   &T::begin,  &T::end,  &T::connection};
};
template <>
struct Fields<tcp::SocketCount> : LeavingOut<> {
  using T = tcp::SocketCount;
  static constexpr std::tuple list{&T::state, &T::total, &T::without_process};
};
template <>
struct Fields<tcp::Census> : LeavingOut<> {
  using T = tcp::Census;
  static constexpr std::tuple list{&T::at, &T::host, &T::counts};
};
template <>
struct Fields<tcp::ProgramRecord> : LeavingOut<> {
  using T = tcp::ProgramRecord;
  static constexpr std::tuple list{&T::host,        &T::name,  &T::pid,
                                   &T::started,     &T::ended, &T::exit_code,
                                   &T::term_signal, &T::output};
};
template <>
struct Fields<tcp::Frame> : LeavingOut<> {
  using T = tcp::Frame;
  static constexpr std::tuple list{&T::at, &T::interface, &T::sent, &T::length,
                                   &T::bytes};
};
template <>
struct Fields<tcp::SourceRecord> : LeavingOut<> {
  using T = tcp::SourceRecord;
  static constexpr std::tuple list{&T::name,     &T::used, &T::detail,
                                   &T::events,   &T::lost, &T::late_timer,
                                   &T::late_tick};
};
template <>
struct Fields<tcp::Timeline> : LeavingOut<> {
  using T = tcp::Timeline;
  static constexpr std::tuple list{
      &T::begin,    &T::end,        &T::endpoints, &T::steps,
      &T::censuses, &T::programs,   &T::counters,  &T::packets_dropped,
      &T::sources,  &T::interfaces, &T::frames,    &T::realtime_offset};
};
template <>
struct Fields<judge::Result> : LeavingOut</*the scenario*/ 1> {
  using T = judge::Result;
  static constexpr std::tuple list{&T::verdict,     &T::findings, &T::timeline,
                                   &T::environment, &T::blame,    &T::reason,
                                   &T::retakes};
};

std::string WriteTranscript(const judge::Result& result) {
  std::string bytes;
  nlohmann::json::to_cbor(ToFields(result), bytes);
  return bytes;
}

judge::Result ReadTranscript(std::string_view bytes,
                             scenario::Scenario scenario) {
  try {
    auto result = FromFields<judge::Result>(nlohmann::json::from_cbor(bytes));
    result.scenario = std::move(scenario);
    return result;
  } catch (const nlohmann::json::exception& error) {
    throw Error("reading the result of a guest", error.what());
  }
}

}  // namespace finwait::report
