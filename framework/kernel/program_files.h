// What a program needs on disk to run in a machine of its own.
#pragma once

#include <filesystem>
#include <set>
#include <string>

#include "kernel/initial_files.h"

namespace finwait::kernel {

// Adds programs to `files`, each with its loader and shared libraries, a
// script with its interpreter, Python with its standard library, and a program
// that a Debian package brought with that package's files and those of the
// packages it depends on (but no documentation, and not the base system).
// What a program starts by itself cannot be known; a shell comes with
// coreutils, grep and sed. One thread.
class ProgramFiles {
 public:
  explicit ProgramFiles(InitialFiles& files) : files_(files) {}

  // A name is looked up in PATH as process::Program does. Throws Error naming
  // what is not there: the program, its interpreter, a library.
  void Add(const std::string& program);

  // What C programs take for granted: users, services, host names, the time
  // zone, a shell.
  void AddBasics();

 private:
  void AddFile(const std::filesystem::path& program);
  void AddLibraries(const std::filesystem::path& file);
  void AddInterpreter(const std::filesystem::path& script);
  bool AddPython(const std::filesystem::path& program);
  void AddStandardLibrary(const std::filesystem::path& folder);
  void AddPackageOf(const std::filesystem::path& program);
  void AddPackage(const std::string& package);

  InitialFiles& files_;
  std::set<std::filesystem::path> programs_;  // those that were added
  std::set<std::string> packages_;
  std::set<std::string> libraries_;  // by the names that programs use
};

}  // namespace finwait::kernel
