#include "kernel/message.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "base/error.h"
#include "process/pipes.h"

namespace finwait::kernel {
namespace {

using Kind = Message::Kind;

TEST(Message, ComesWholeHoweverItsBytesCome) {
  const std::string text("a\0b\n", 4);
  const std::string bytes =
      BytesOf(Message{.kind = Kind::kResult, .number = 7, .text = text}) +
      BytesOf(Message{.kind = Kind::kDone, .number = 9, .text = {}});
  MessageParser parser;
  std::vector<Message> messages;
  for (const char byte : bytes) {
    parser.Add({&byte, 1});
    while (auto message = parser.Next()) messages.push_back(*message);
  }
  ASSERT_EQ(messages.size(), 2);
  EXPECT_EQ(messages[0].kind, Kind::kResult);
  EXPECT_EQ(messages[0].number, 7);
  EXPECT_EQ(messages[0].text, text);
  EXPECT_EQ(messages[1].kind, Kind::kDone);
  EXPECT_EQ(messages[1].number, 9);
  EXPECT_EQ(messages[1].text, "");
}

TEST(Message, OtherBytesAreRefused) {
  MessageParser parser;
  parser.Add("Kernel panic - not syncing: Attempted to kill init!");
  EXPECT_THROW(parser.Next(), Error);
}

TEST(Message, IsWrittenAsItsBytes) {
  process::Pipe pipe = process::MakePipe();
  const Message message{.kind = Kind::kStatus, .number = 3, .text = "waiting"};
  MessageWriter(pipe.write.get()).Write(message);
  std::string bytes(256, '\0');
  const ssize_t length = read(pipe.read.get(), bytes.data(), bytes.size());
  ASSERT_GT(length, 0);
  EXPECT_EQ(bytes.substr(0, static_cast<std::size_t>(length)),
            BytesOf(message));
}

TEST(Message, CannotBeWrittenWithoutADescriptor) {
  MessageWriter writer(-1);
  EXPECT_THROW(writer.Write({}), Error);
}

}  // namespace
}  // namespace finwait::kernel
