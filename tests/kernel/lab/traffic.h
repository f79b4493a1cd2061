// Numbered datagrams between two hosts of a lab, and when each one came.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <ctime>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/file_descriptor.h"
#include "lab/lab.h"

namespace finwait::lab {

// One datagram that came.
struct Arrival {
  int number = 0;     // as sent, from 0
  Duration sent{};    // CLOCK_REALTIME, just before the call
  Duration at{};      // CLOCK_REALTIME, stamped by the receiver's kernel
  int ecn = 0;        // the two bits of the IP header; 3 is CE
  bool whole = true;  // the content is what was sent

  Duration delay() const { return at - sent; }
};

// How datagrams are sent: `burst` at a time, with `spacing` between them, in
// which they are received.
struct Sending {
  int count = 100;
  int burst = 1;
  Duration spacing = std::chrono::milliseconds(1);
  int frame = 100;  // bytes with Ethernet's header, as a qdisc counts
};

// UDP one way. One thread: it receives while it waits to send.
class Flow {
 public:
  Flow(const Lab& lab, const std::string& from, const std::string& to,
       tcp::Family family)
      : family_(family) {
    const auto address = lab.AddressOf(to, from, family);
    if (!address) throw Error("opening a flow", to + " has no address");
    receiver_ = lab.In(to).In([&] { return OpenReceiver(family); });
    sockaddr_storage name{};
    socklen_t size = sizeof(name);
    getsockname(receiver_.get(), reinterpret_cast<sockaddr*>(&name), &size);
    Aim(&name, *address);
    sender_ = lab.In(from).In([&] { return Open(family); });
    // Packets count until netem takes them over: with a slot alone until they
    // leave (Linux: net/sched/sch_netem.c netem_enqueue() orphans the others).
    const int room = 1 << 20;
    setsockopt(sender_.get(), SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
    Check(connect(sender_.get(), reinterpret_cast<sockaddr*>(&name), size),
          "connect");
  }

  // From now on: 0 is no ECN, 2 is ECT(0).
  void SetEcn(int bits) {
    const bool v4 = family_ == tcp::Family::kIpv4;
    Check(setsockopt(sender_.get(), v4 ? IPPROTO_IP : IPPROTO_IPV6,
                     v4 ? IP_TOS : IPV6_TCLASS, &bits, sizeof(bits)),
          "setting ECN");
  }

  // Sends, the numbers going on from the last time.
  void Send(const Sending& sending) {
    for (int left = sending.count; left > 0; left -= sending.burst) {
      SendBurst(std::min(left, sending.burst), sending.frame);
      Drain();
      if (left > sending.burst) {
        ReceiveUntil(MonotonicClock::now() + sending.spacing);
      }
    }
  }

  // All that came, once nothing more has come for `quiet`. The next number is
  // 0 again.
  std::vector<Arrival> Collect(
      Duration quiet = std::chrono::milliseconds(300)) {
    while (Readable(quiet)) Drain();
    next_ = 0;
    return std::exchange(arrivals_, {});
  }

  std::vector<Arrival> SendAndCollect(const Sending& sending) {
    Send(sending);
    return Collect();
  }

  // What the receiving socket had no room for: the measurement is void then.
  std::uint32_t overflow() const { return overflow_; }

 private:
  // At the front of the payload; bytes of `number` fill the rest.
  struct Content {
    std::int64_t sent = 0;
    std::int32_t number = 0;
  };
  using Payload = std::array<std::uint8_t, 1500>;
  static constexpr int kBatch = 64;

  static void Check(int result, const char* doing) {
    if (result < 0) ThrowErrno(doing);
  }

  static FileDescriptor Open(tcp::Family family) {
    FileDescriptor fd(socket(family == tcp::Family::kIpv4 ? AF_INET : AF_INET6,
                             SOCK_DGRAM | SOCK_NONBLOCK, 0));
    Check(fd.get(), "socket");
    return fd;
  }

  static FileDescriptor OpenReceiver(tcp::Family family) {
    FileDescriptor fd = Open(family);
    const int on = 1;
    const int room = 1 << 20;  // the kernel gives what it allows
    setsockopt(fd.get(), SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
    setsockopt(fd.get(), SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on));
    setsockopt(fd.get(), SOL_SOCKET, SO_RXQ_OVFL, &on, sizeof(on));
    sockaddr_storage any{};
    any.ss_family = AF_INET;
    if (family == tcp::Family::kIpv4) {
      setsockopt(fd.get(), IPPROTO_IP, IP_RECVTOS, &on, sizeof(on));
    } else {
      any.ss_family = AF_INET6;
      setsockopt(fd.get(), IPPROTO_IPV6, IPV6_RECVTCLASS, &on, sizeof(on));
    }
    Check(bind(fd.get(), reinterpret_cast<sockaddr*>(&any), sizeof(any)),
          "bind");
    return fd;
  }

  // The receiver's port at an address.
  static void Aim(sockaddr_storage* name, const tcp::IpAddress& address) {
    if (address.family == tcp::Family::kIpv4) {
      std::memcpy(&reinterpret_cast<sockaddr_in*>(name)->sin_addr,
                  address.bytes.data(), 4);
    } else {
      std::memcpy(&reinterpret_cast<sockaddr_in6*>(name)->sin6_addr,
                  address.bytes.data(), 16);
    }
  }

  static Duration Realtime() {
    timespec now{};
    clock_gettime(CLOCK_REALTIME, &now);
    return std::chrono::seconds(now.tv_sec) + Duration(now.tv_nsec);
  }

  void SendBurst(int count, int frame) {
    const int headers = 14 + (family_ == tcp::Family::kIpv4 ? 20 : 40) + 8;
    std::array<Payload, kBatch> payloads;
    std::array<iovec, kBatch> vectors{};
    std::array<mmsghdr, kBatch> messages{};
    while (count > 0) {
      const int now = std::min(count, kBatch);
      const std::int64_t sent = Realtime().count();
      for (std::size_t i = 0; i < static_cast<std::size_t>(now); ++i) {
        payloads[i].fill(static_cast<std::uint8_t>(next_));
        const Content content{sent, next_++};
        std::memcpy(payloads[i].data(), &content, sizeof(content));
        vectors[i] = {payloads[i].data(),
                      static_cast<std::size_t>(frame - headers)};
        messages[i].msg_hdr.msg_iov = &vectors[i];
        messages[i].msg_hdr.msg_iovlen = 1;
      }
      if (sendmmsg(sender_.get(), messages.data(), static_cast<unsigned>(now),
                   0) != now) {
        ThrowErrno("sendmmsg");
      }
      count -= now;
      Drain();
    }
  }

  bool Readable(Duration within) const {
    pollfd waiting{receiver_.get(), POLLIN, 0};
    const auto whole = std::chrono::duration_cast<std::chrono::seconds>(within);
    const timespec limit{whole.count(), (within - whole).count()};
    const int ready = ppoll(&waiting, 1, &limit, nullptr);
    if (ready < 0 && errno != EINTR) ThrowErrno("ppoll");
    return ready > 0;
  }

  void ReceiveUntil(TimePoint deadline) {
    for (;;) {
      const Duration left = deadline - MonotonicClock::now();
      if (left <= Duration::zero() || !Readable(left)) return;
      Drain();
    }
  }

  void Drain() {
    std::array<Payload, kBatch> payloads;
    std::array<std::array<char, 256>, kBatch> controls;
    std::array<iovec, kBatch> vectors{};
    std::array<mmsghdr, kBatch> messages{};
    for (;;) {
      for (std::size_t i = 0; i < kBatch; ++i) {
        vectors[i] = {payloads[i].data(), payloads[i].size()};
        messages[i].msg_hdr = {};
        messages[i].msg_hdr.msg_iov = &vectors[i];
        messages[i].msg_hdr.msg_iovlen = 1;
        messages[i].msg_hdr.msg_control = controls[i].data();
        messages[i].msg_hdr.msg_controllen = controls[i].size();
      }
      const int got = recvmmsg(receiver_.get(), messages.data(), kBatch,
                               MSG_DONTWAIT, nullptr);
      if (got < 0 && errno != EAGAIN) ThrowErrno("recvmmsg");
      for (std::size_t i = 0; static_cast<int>(i) < got; ++i) {
        Note(payloads[i], messages[i]);
      }
      if (got < kBatch) return;
    }
  }

  void Note(const Payload& payload, mmsghdr& message) {
    Content content;
    std::memcpy(&content, payload.data(), sizeof(content));
    Arrival arrival{.number = content.number, .sent = Duration(content.sent)};
    for (std::size_t i = sizeof(content); i < message.msg_len; ++i) {
      if (payload[i] != static_cast<std::uint8_t>(content.number)) {
        arrival.whole = false;
      }
    }
    for (cmsghdr* c = CMSG_FIRSTHDR(&message.msg_hdr); c != nullptr;
         c = CMSG_NXTHDR(&message.msg_hdr, c)) {
      ReadControl(*c, &arrival);
    }
    arrivals_.push_back(arrival);
  }

  void ReadControl(const cmsghdr& control, Arrival* arrival) {
    const unsigned char* data = CMSG_DATA(&control);
    if (control.cmsg_level == SOL_SOCKET) {
      if (control.cmsg_type == SCM_TIMESTAMPNS) {
        timespec at{};
        std::memcpy(&at, data, sizeof(at));
        arrival->at = std::chrono::seconds(at.tv_sec) + Duration(at.tv_nsec);
      } else if (control.cmsg_type == SO_RXQ_OVFL) {
        std::memcpy(&overflow_, data, sizeof(overflow_));
      }
    } else {  // IP_TOS is one byte, IPV6_TCLASS an int with it in front or not
      int bits = data[0];
      if (control.cmsg_level == IPPROTO_IPV6) {
        std::memcpy(&bits, data, sizeof(bits));
      }
      arrival->ecn = bits & 3;
    }
  }

  tcp::Family family_;
  FileDescriptor sender_;
  FileDescriptor receiver_;
  std::int32_t next_ = 0;
  std::uint32_t overflow_ = 0;
  std::vector<Arrival> arrivals_;
};

}  // namespace finwait::lab
