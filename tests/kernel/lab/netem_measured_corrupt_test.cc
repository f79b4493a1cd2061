// Which bits netem flips: whole frames, as packet sockets send and see them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>

#include <algorithm>
#include <bit>

#include "kernel/lab/measured_netem.h"
#include "kernel/lab/netem_models.h"

namespace finwait::lab {
namespace {

using ::testing::Each;
using ::testing::Field;

using Frame = std::array<std::uint8_t, 100>;

// Of an EtherType for experiments (IEEE 802), so that nobody answers; a bit
// flipped there lets it through all the same to a socket for all types.
Frame NumberedFrame(int number) {
  Frame frame{};
  frame.fill(static_cast<std::uint8_t>(number));
  std::fill_n(frame.begin(), 2 * ETH_ALEN, std::uint8_t{2});
  frame[12] = 0x88;
  frame[13] = 0xb5;
  std::memcpy(&frame[14], &number, sizeof(number));
  return frame;
}

FileDescriptor OpenPacketSocket(const Lab& lab, const std::string& host,
                                int type) {
  return lab.In(host).In([type] {
    FileDescriptor fd(socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK, 0));
    sockaddr_ll name{};
    name.sll_family = AF_PACKET;
    name.sll_protocol = htons(static_cast<std::uint16_t>(type));
    name.sll_ifindex = static_cast<int>(if_nametoindex("eth0"));
    if (bind(fd.get(), reinterpret_cast<sockaddr*>(&name), sizeof(name)) != 0) {
      ThrowErrno("binding a packet socket");
    }
    return fd;
  });
}

// A bit by its place in the frame.
struct Flip {
  std::size_t byte = 0;
  int bit = 0;
};

std::vector<Flip> Difference(const Frame& sent, const Frame& got) {
  std::vector<Flip> flips;
  for (std::size_t i = 0; i < sent.size(); ++i) {
    for (unsigned bits = sent[i] ^ got[i]; bits != 0; bits &= bits - 1) {
      flips.push_back({i, std::countr_zero(bits)});
    }
  }
  return flips;
}

class MeasuredCorrupt : public MeasuredNetem {
 protected:
  // What is different in each of 10,000 frames. Nothing is delayed, lost or
  // doubled, so the n-th that comes is the n-th that was sent.
  std::vector<std::vector<Flip>> Flips(const std::string& words) {
    Build("\"dual-stack\"");
    Impair("client:eth0", words);
    const FileDescriptor in = OpenPacketSocket(*lab_, "server", ETH_P_ALL);
    const FileDescriptor out = OpenPacketSocket(*lab_, "client", 0);
    std::vector<std::vector<Flip>> flips;
    for (int number = 0; number < kMany; ++number) {
      const Frame sent = NumberedFrame(number);
      if (send(out.get(), sent.data(), sent.size(), 0) < 0) {
        ThrowErrno("sending a frame");
      }
      flips.push_back(Difference(sent, Receive(in)));
    }
    return flips;
  }

  static Frame Receive(const FileDescriptor& in) {
    pollfd waiting{in.get(), POLLIN, 0};
    EXPECT_EQ(poll(&waiting, 1, 1000), 1);
    Frame frame{};
    EXPECT_EQ(recv(in.get(), frame.data(), frame.size(), 0), 100);
    return frame;
  }

  static int Damaged(const std::vector<std::vector<Flip>>& frames) {
    return static_cast<int>(
        std::count_if(frames.begin(), frames.end(),
                      [](const auto& flips) { return !flips.empty(); }));
  }
};

TEST_F(MeasuredCorrupt, FlipsOneBitOfAsManyFramesAsItSays) {
  const auto frames = Flips("corrupt = \"20%\"");
  ExpectWithin(Damaged(frames), Binomial(kMany, 0.2), "damaged");
  std::vector<double> places;
  for (const auto& flips : frames) {
    EXPECT_LE(flips.size(), 1U);
    for (const Flip& flip : flips) {
      places.push_back(static_cast<double>(flip.byte * 8) + flip.bit + 0.5);
    }
  }
  // Any bit is as likely, from the first of Ethernet's header to the last.
  const auto quantile = [](double p) { return p * 8 * sizeof(Frame); };
  EXPECT_LE(FarthestFrom(quantile, places), FarthestByChance(places.size()));
}

TEST_F(MeasuredCorrupt, WithCorrelationIsRarerThanItSays) {
  const auto frames =
      Flips("corrupt = { probability = \"30%\", correlation = \"50%\" }");
  ExpectWithin(Damaged(frames), Simulate(Correlated(0.3, 0.5), kMany).times,
               "damaged");
}

// Checksums see every single bit, so that a program sees a loss. (A bit of
// Ethernet's header mostly loses the frame, too; one of its source address, or
// of IPv6's flow label, harms nobody.)
TEST_F(MeasuredCorrupt, IsALossToAProgram) {
  Build("\"two-hosts\"");
  Impair("client:eth0", "corrupt = \"20%\"");
  for (const auto family : {tcp::Family::kIpv4, tcp::Family::kIpv6}) {
    Flow flow = Between("client", "server", family);
    const auto arrivals = flow.SendAndCollect(kManyAtOnce);
    EXPECT_THAT(arrivals, Each(Field(&Arrival::whole, true)));
    // Of 100 bytes at least 80 lose the packet.
    EXPECT_LT(arrivals.size(), kMany * (1 - 0.2 * 0.75));
    EXPECT_GE(static_cast<double>(arrivals.size()),
              kMany - Binomial(kMany, 0.2).to);
  }
}

}  // namespace
}  // namespace finwait::lab
