// The processes of a namespace, and waiting for their end.
#pragma once

#include <gtest/gtest.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

#include "loopback.h"

namespace finwait::process {

inline FileDescriptor OpenPidfd(pid_t pid) {
  return FileDescriptor(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
}

// The processes that live in the namespace, as pidfds.
inline std::vector<FileDescriptor> ProcessesIn(const netns::Namespace& ns) {
  std::vector<FileDescriptor> processes;
  const std::string wanted = "net:[" + std::to_string(ns.inode()) + "]";
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    std::error_code error;
    if (std::filesystem::read_symlink(entry.path() / "ns/net", error) ==
        wanted) {
      processes.push_back(OpenPidfd(std::stoi(entry.path().filename())));
    }
  }
  return processes;
}

inline void ExpectEnded(const std::vector<FileDescriptor>& processes) {
  for (const FileDescriptor& process : processes) {
    EXPECT_TRUE(WaitReadable(process.get())) << "a process is still there";
  }
}

}  // namespace finwait::process
