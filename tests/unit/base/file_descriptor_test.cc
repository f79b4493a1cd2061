// Who closes a descriptor, and when.
#include "base/file_descriptor.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace finwait {
namespace {

FileDescriptor Open() {
  return FileDescriptor(::open("/dev/null", O_RDONLY | O_CLOEXEC));
}

bool IsOpen(int fd) { return ::fcntl(fd, F_GETFD) != -1; }

TEST(FileDescriptor, IsClosedWithItsOwner) {
  int number = -1;
  {
    FileDescriptor fd = Open();
    ASSERT_TRUE(fd.valid());
    number = fd.get();
    EXPECT_TRUE(IsOpen(number));
  }
  EXPECT_FALSE(IsOpen(number));
}

TEST(FileDescriptor, MovesToItsNewOwner) {
  FileDescriptor first = Open();
  int number = first.get();
  FileDescriptor second(std::move(first));
  EXPECT_EQ(second.get(), number);
  EXPECT_TRUE(IsOpen(number));
}

TEST(FileDescriptor, ClosesWhatItHadWhenAssigned) {
  FileDescriptor first = Open();
  FileDescriptor second = Open();
  int old = first.get();
  int kept = second.get();
  first = std::move(second);
  EXPECT_FALSE(IsOpen(old));
  EXPECT_EQ(first.get(), kept);
  EXPECT_TRUE(IsOpen(kept));
}

TEST(FileDescriptor, SurvivesAssignmentToItself) {
  FileDescriptor fd = Open();
  FileDescriptor& same = fd;
  fd = std::move(same);
  EXPECT_TRUE(fd.valid());
  EXPECT_TRUE(IsOpen(fd.get()));
}

TEST(FileDescriptor, IsNotClosedOnceReleased) {
  FileDescriptor fd = Open();
  int number = fd.release();
  EXPECT_FALSE(fd.valid());
  fd.reset();
  EXPECT_TRUE(IsOpen(number));
  ::close(number);
}

TEST(FileDescriptor, LeavesErrnoAlone) {
  FileDescriptor bad(1'000'000);
  errno = ENOENT;
  bad.reset();
  EXPECT_EQ(errno, ENOENT);
}

}  // namespace
}  // namespace finwait
