// The ends of a program's pipes that stay with us.
#pragma once

#include <cstddef>
#include <string>

#include "base/file_descriptor.h"

namespace finwait::process {

// Both ends are close-on-exec and numbered 3 or higher, so that a child can
// make them its 0, 1 and 2 in any order.
struct Pipe {
  FileDescriptor read;
  FileDescriptor write;
};

Pipe MakePipe();  // throws Error

// Takes what a program prints and keeps the end of it. Never blocks.
class OutputTail {
 public:
  static constexpr std::size_t kKept = 65536;  // bytes

  explicit OutputTail(FileDescriptor read);

  // Reads what is there, at most 1 MiB at a time, so that a program that
  // prints without pause cannot hold the caller.
  void Pump();

  int fd() const { return read_.get(); }  // -1 after the end of the output
  const std::string& text() const { return text_; }

 private:
  FileDescriptor read_;
  std::string text_;
};

// Feeds a program's standard input without ever blocking: what does not fit
// into the pipe is kept and written by the next Flush.
class InputFeed {
 public:
  // Closes the pipe after `text` unless `keep_open`.
  InputFeed(FileDescriptor write, std::string text, bool keep_open);

  void Write(const std::string& text);  // dropped when the pipe is closed
  void Flush();

 private:
  FileDescriptor write_;
  std::string pending_;
  bool keep_open_;
};

}  // namespace finwait::process
