// Units: what is read, what is refused, what is written.
#include "base/units.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>

namespace finwait {
namespace {

using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::nanoseconds;
using std::chrono::seconds;

TEST(Duration, IsReadWithItsUnit) {
  EXPECT_EQ(ParseDuration("10ns"), nanoseconds(10));
  EXPECT_EQ(ParseDuration("200us"), microseconds(200));
  EXPECT_EQ(ParseDuration("50ms"), milliseconds(50));
  EXPECT_EQ(ParseDuration("1.5s"), milliseconds(1500));
  EXPECT_EQ(ParseDuration("2min"), minutes(2));
  EXPECT_EQ(ParseDuration("1h"), hours(1));
  EXPECT_EQ(ParseDuration("-1.5s"), milliseconds(-1500));
  EXPECT_EQ(ParseDuration("0s"), seconds(0));
  EXPECT_EQ(ParseDuration("0.1s"), milliseconds(100));
  EXPECT_EQ(ParseDuration("2.55min"), seconds(153));
}

TEST(Duration, IsRefusedWithoutAUnitOrWithAnother) {
  for (const char* text : {"", "5", "s", "5 s", "5m", "5S", ".5s", "5.s", "+5s",
                           "--5s", "5s ", "1e3s", "1,5s", "0x5s"}) {
    EXPECT_FALSE(ParseDuration(text).has_value()) << text;
  }
}

TEST(Duration, IsRefusedWhenItDoesNotFit) {
  EXPECT_EQ(ParseDuration("9223372036854775807ns"),
            nanoseconds(std::numeric_limits<std::int64_t>::max()));
  EXPECT_FALSE(ParseDuration("9223372036854775808ns").has_value());
  EXPECT_FALSE(ParseDuration("9999999999s").has_value());
  EXPECT_FALSE(ParseDuration("99999999999999999999ns").has_value());
}

TEST(Duration, IsWrittenAsAPersonWould) {
  EXPECT_EQ(Format(seconds(0)), "0s");
  EXPECT_EQ(Format(seconds(5)), "5s");
  EXPECT_EQ(Format(seconds(120)), "120s");
  EXPECT_EQ(Format(milliseconds(5132)), "5.132s");
  EXPECT_EQ(Format(microseconds(41'400)), "41.4ms");
  EXPECT_EQ(Format(microseconds(80)), "80us");
  EXPECT_EQ(Format(nanoseconds(999)), "999ns");
  EXPECT_EQ(Format(-milliseconds(1500)), "-1.5s");
}

TEST(Duration, IsRoundedToMicroseconds) {
  EXPECT_EQ(Format(nanoseconds(1'499)), "1us");
  EXPECT_EQ(Format(nanoseconds(1'500)), "2us");
  EXPECT_EQ(Format(nanoseconds(999'999)), "1ms");
  EXPECT_EQ(Format(nanoseconds(999'999'999)), "1s");
  EXPECT_EQ(Format(Duration::min()), "-9223372036.854776s");
}

TEST(Duration, IsReadBackAsWritten) {
  for (std::int64_t us : {1, 999, 1'000, 204'000, 1'632'001, 133'450'000}) {
    EXPECT_EQ(ParseDuration(Format(microseconds(us))), microseconds(us));
  }
}

TEST(Probability, IsAPercentage) {
  EXPECT_EQ(ParseProbability("0%"), Probability{0});
  EXPECT_EQ(ParseProbability("100%"), Probability{1});
  EXPECT_DOUBLE_EQ(ParseProbability("1.5%")->value, 0.015);
  for (const char* text : {"1.5", "-1%", "100.1%", "%", "1 %", "nan%", "1%%"}) {
    EXPECT_FALSE(ParseProbability(text).has_value()) << text;
  }
}

TEST(Probability, IsWrittenAsAPercentage) {
  EXPECT_EQ(Format(Probability{0}), "0%");
  EXPECT_EQ(Format(Probability{0.015}), "1.5%");
  EXPECT_EQ(Format(Probability{1}), "100%");
  EXPECT_EQ(Format(Probability{0.00001}), "0.001%");
}

TEST(Rate, IsDecimalAsInTc) {
  EXPECT_EQ(ParseRate("9600bit"), Rate{9600});
  EXPECT_EQ(ParseRate("10mbit"), Rate{10'000'000});
  EXPECT_EQ(ParseRate("1.5gbit"), Rate{1'500'000'000});
  EXPECT_FALSE(ParseRate("10").has_value());
  EXPECT_FALSE(ParseRate("10MBit").has_value());
  EXPECT_FALSE(ParseRate("10mbps").has_value());
}

TEST(ByteCount, TellsThousandsFrom1024s) {
  EXPECT_EQ(ParseByteCount("1500B"), ByteCount{1500});
  EXPECT_EQ(ParseByteCount("64kB"), ByteCount{64'000});
  EXPECT_EQ(ParseByteCount("1MiB"), ByteCount{1'048'576});
  EXPECT_EQ(ParseByteCount("1.5KiB"), ByteCount{1536});
  EXPECT_EQ(ParseByteCount("0.25KiB"), ByteCount{256});
  EXPECT_FALSE(ParseByteCount("64KB").has_value());
  EXPECT_FALSE(ParseByteCount("64").has_value());
}

TEST(RateAndByteCount, AreWrittenInTheLargestExactUnit) {
  EXPECT_EQ(Format(Rate{10'000'000}), "10mbit");
  EXPECT_EQ(Format(Rate{1'500'000'000}), "1500mbit");
  EXPECT_EQ(Format(Rate{0}), "0bit");
  EXPECT_EQ(Format(ByteCount{1500}), "1500B");
  EXPECT_EQ(Format(ByteCount{64'000}), "64kB");
  EXPECT_EQ(Format(ByteCount{1 << 20}), "1MiB");
}

}  // namespace
}  // namespace finwait
