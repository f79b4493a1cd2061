// Writing an initial file system.
#pragma once

#include <filesystem>

#include "kernel/initial_files.h"

namespace finwait::kernel {

// Writes the files to an open descriptor as the kernel unpacks them (cpio,
// "newc"), owned by root. Archives may follow one another in one file. Throws
// Error naming the file that could not be read or written.
void WriteArchive(const InitialFiles& files, int descriptor);

}  // namespace finwait::kernel
