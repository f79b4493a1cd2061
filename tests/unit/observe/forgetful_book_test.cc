// What a book of endpoints keeps that is to forget.
#include <gtest/gtest.h>

#include <chrono>

#include "observe/endpoint_book.h"

namespace finwait::observe {
namespace {

using namespace std::chrono_literals;
using enum tcp::TcpState;

constexpr char kHost[] = "host";

tcp::FourTuple TupleOf(std::uint16_t port) {
  return {{*tcp::ParseIpAddress("10.0.0.1"), port},
          {*tcp::ParseIpAddress("10.0.0.2"), 7000}};
}

class ForgetfulBook : public testing::Test {
 protected:
  explicit ForgetfulBook(bool forget = true)
      : book_(
            {}, Names({}, {}), [this](const auto&, const auto&) { ++told_; },
            forget) {}

  void Pass(const tcp::FourTuple& tuple, bool sent, std::uint8_t flags,
            std::uint32_t seq = 0, std::uint32_t ack = 0) {
    Segment segment{.source = sent ? tuple.local : tuple.remote,
                    .destination = sent ? tuple.remote : tuple.local};
    segment.packet = {.at = now_, .flags = flags, .seq = seq, .ack = ack};
    book_.OnSegment(kHost, sent, segment);
    book_.PublishTouched();
  }

  void Tell(const tcp::FourTuple& tuple, tcp::TcpState from, tcp::TcpState to) {
    book_.OnEvent({.source = tcp::Source::kTracepoint,
                   .at = now_,
                   .host = kHost,
                   .tuple = tuple,
                   .from = from,
                   .to = to});
    book_.PublishTouched();
  }

  // A connection to a server that closes first.
  void Live(const tcp::FourTuple& tuple) {
    Tell(tuple, kClosed, kSynSent);
    Tell(tuple, kSynSent, kEstablished);
    Tell(tuple, kEstablished, kCloseWait);
    Tell(tuple, kCloseWait, kLastAck);
    Tell(tuple, kLastAck, kClosed);
  }

  void LetPass(Duration time) {
    now_ += time;
    book_.ForgetFinished(now_);
  }

  TimePoint now_{1h};
  int told_ = 0;
  EndpointBook book_;
};

TEST_F(ForgetfulBook, ForgetsWhatIsOver) {
  for (int number = 0; number < 100'000; ++number) {
    const auto port = static_cast<std::uint16_t>(1 + number % 60'000);
    Tell(TupleOf(port), kClosed, kSynSent);
    Tell(TupleOf(port), kSynSent, kClosed);  // refused
    LetPass(1ms);
  }
  EXPECT_EQ(told_, 200'000);
  // Those of the last second and of the quarter after which it looks again.
  EXPECT_LE(book_.endpoints().size(), 1251U);
  LetPass(2s);
  EXPECT_TRUE(book_.Take().empty());
}

TEST_F(ForgetfulBook, ForgetsRequestsThatNobodyAnswered) {
  for (std::uint16_t port = 1; port <= 10'000; ++port) {
    Pass(TupleOf(port), /*sent=*/false, tcp::kSyn);
    LetPass(1ms);
  }
  EXPECT_LE(book_.endpoints().size(), 1251U);
}

// A minisock's birth is told before or after its full socket's end.
TEST_F(ForgetfulBook, KnowsWhatWasOverAMomentAgo) {
  Live(TupleOf(40000));
  LetPass(900ms);
  ASSERT_TRUE(book_.Find(kHost, TupleOf(40000)));
  EXPECT_TRUE(book_.finished(*book_.Find(kHost, TupleOf(40000))));
  LetPass(500ms);
  EXPECT_FALSE(book_.Find(kHost, TupleOf(40000)));
  EXPECT_TRUE(book_.finished(0));
}

TEST_F(ForgetfulBook, KeepsWhatIsNotOver) {
  Tell(TupleOf(40000), kClosed, kSynSent);
  Tell(TupleOf(40000), kSynSent, kEstablished);
  Live(TupleOf(40001));
  LetPass(24h);
  ASSERT_TRUE(book_.Find(kHost, TupleOf(40000)));
  EXPECT_FALSE(book_.finished(0));
  EXPECT_EQ(book_.Take().size(), 1U);
}

// For days, with data and an ever other timer.
TEST_F(ForgetfulBook, KeepsLittleOfWhatLastsLong) {
  Tell(TupleOf(40000), kClosed, kSynSent);
  Tell(TupleOf(40000), kSynSent, kEstablished);
  for (int number = 0; number < 1000; ++number) {
    Pass(TupleOf(40000), /*sent=*/true, tcp::kAck | tcp::kPsh);
    const auto timer =
        number % 2 == 0 ? tcp::TimerKind::kOff : tcp::TimerKind::kRetransmit;
    book_.OnSample(0,
                   {.before = now_,
                    .after = now_,
                    .facts =
                        tcp::SocketFacts{
                            .state = kEstablished, .timer = timer, .inode = 7}},
                   1ms);
    LetPass(1min);
  }
  EXPECT_TRUE(book_.endpoints()[0].packets.empty());
  EXPECT_LE(book_.endpoints()[0].samples.size(), 32U);
}

class WholeBook : public ForgetfulBook {
 protected:
  WholeBook() : ForgetfulBook(/*forget=*/false) {}
};

TEST_F(WholeBook, ForgetsNothing) {
  Live(TupleOf(40000));
  LetPass(24h);
  EXPECT_EQ(book_.Take().size(), 1U);
}

}  // namespace
}  // namespace finwait::observe
