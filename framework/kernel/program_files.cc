#include "kernel/program_files.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <sstream>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "kernel/elf.h"
#include "kernel/host_answer.h"
#include "kernel/installed_packages.h"
#include "process/program.h"

namespace finwait::kernel {
namespace {

namespace fs = std::filesystem;

// Where the interpreter really is (a shim of a version chooser is a script),
// its standard library, and the virtual environment it belongs to, if any.
constexpr char kAskPython[] =
    "import sys, sysconfig\n"
    "print(sys.executable)\n"
    "print(sysconfig.get_path('stdlib'))\n"
    "print(sysconfig.get_path('platstdlib'))\n"
    "print(sys.prefix if sys.prefix != sys.base_prefix else '')\n";

bool IsPython(const std::string& name) {
  return name.starts_with("python") &&
         name.find_first_not_of("0123456789.", 6) == std::string::npos;
}

bool IsShell(const std::string& name) {
  return name == "sh" || name == "dash" || name == "bash";
}

// Large, and of no use to a client or server in a test.
bool IsRuntimePart(const fs::path& path) {
  constexpr std::array<std::string_view, 10> kOmitted = {
      "test",    "tests",     "idlelib",       "tkinter",       "turtledemo",
      "lib2to3", "ensurepip", "site-packages", "dist-packages", "pydoc_data"};
  const std::string name = path.filename();
  return std::ranges::find(kOmitted, name) == kOmitted.end() &&
         !name.starts_with("config-") && !name.starts_with("_tkinter.") &&
         name.find(".opt-") == std::string::npos;
}

std::vector<std::string> WordsOf(const std::string& line) {
  std::istringstream in(line);
  std::vector<std::string> words;
  for (std::string word; in >> word;) words.push_back(word);
  return words;
}

// "#!/usr/bin/env python3": the words behind "#!".
std::vector<std::string> ShebangOf(const fs::path& script) {
  std::ifstream in(script, std::ios::binary);
  std::array<char, 256>
      start{};  // BINPRM_BUF_SIZE of include/uapi/linux/binfmts.h
  in.read(start.data(), start.size() - 1);
  const std::string line(start.data());
  if (!line.starts_with("#!")) return {};
  return WordsOf(line.substr(2, line.find('\n') - 2));
}

}  // namespace

void ProgramFiles::Add(const std::string& program) {
  auto path = process::FindExecutable(program);
  if (!path) {
    throw Error("taking " + program + " into the guest",
                program.find('/') == std::string::npos
                    ? "not found in PATH"
                    : "no such executable file");
  }
  AddFile(fs::absolute(*path));
}

void ProgramFiles::AddFile(const fs::path& program) {
  if (!programs_.insert(program).second) return;
  const std::string name = program.filename();
  if (IsPython(name) && AddPython(program)) return;
  files_.Add(program);
  AddLibraries(program);
  AddInterpreter(program);
  AddPackageOf(program);
  if (!IsShell(name)) return;
  for (const char* package : {"coreutils", "grep", "sed"}) AddPackage(package);
}

// Asking the loader takes milliseconds, and packages have hundreds of files:
// that is left out where the answer can hold nothing new.
void ProgramFiles::AddLibraries(const fs::path& file) {
  auto elf = ReadElf(file);
  if (!elf) return;
  const bool all_known =
      !elf->searches_elsewhere &&
      (elf->interpreter.empty() ||
       libraries_.contains(fs::path(elf->interpreter).filename())) &&
      std::ranges::all_of(elf->libraries, [&](const std::string& name) {
        return libraries_.contains(name);
      });
  if (all_known) return;
  for (const fs::path& library : SharedLibraries(file, *elf)) {
    files_.Add(library);
    libraries_.insert(library.filename());
  }
}

void ProgramFiles::AddInterpreter(const fs::path& script) {
  const std::vector<std::string> words = ShebangOf(script);
  if (words.empty()) return;
  While("the interpreter of " + script.string(), [&] {
    Add(words[0]);
    if (fs::path(words[0]).filename() != "env") return;
    auto name = std::find_if(words.begin() + 1, words.end(),
                             [](auto& word) { return word[0] != '-'; });
    if (name != words.end()) Add(*name);
  });
}

bool ProgramFiles::AddPython(const fs::path& program) {
  auto answer = HostAnswer({program, "-c", kAskPython});
  if (!answer) return false;
  std::istringstream lines(*answer);
  std::string executable;
  std::string library;
  std::getline(lines, executable);
  files_.Add(executable);
  AddLibraries(executable);
  if (ReadElf(program)) {
    files_.Add(program);
  } else {
    files_.AddLink(program, executable);
  }
  while (std::getline(lines, library)) {
    if (!library.empty()) AddStandardLibrary(library);
  }
  return true;
}

// Or a virtual environment.
void ProgramFiles::AddStandardLibrary(const fs::path& folder) {
  const bool is_environment = fs::exists(folder / "pyvenv.cfg");
  files_.AddFolder(folder, [&](const fs::path& path) {
    if (!is_environment && !IsRuntimePart(path)) return false;
    if (path.extension() != ".so") return true;
    try {
      AddLibraries(path);
    } catch (const Error&) {
      return false;  // one that could not be loaded on the host either
    }
    return true;
  });
}

void ProgramFiles::AddPackageOf(const fs::path& program) {
  auto package = PackageOf(fs::canonical(program));
  if (!package) return;
  for (const std::string& needed : WithDependencies(*package)) {
    AddPackage(needed);
  }
  // Settings that were not there when the package came.
  const fs::path settings = "/etc" / program.filename();
  if (!fs::is_directory(settings)) return;
  files_.AddFolder(settings, [](const fs::path&) { return true; });
}

void ProgramFiles::AddPackage(const std::string& package) {
  if (!packages_.insert(package).second) return;
  for (const fs::path& file : FilesOf(package)) {
    files_.AddIfThere(file);
    try {
      AddLibraries(file);
    } catch (const Error&) {
      // A plug-in for a library that is only recommended.
    }
  }
}

void ProgramFiles::AddBasics() {
  files_.AddIfThere("/bin/sh");  // for system(3); its library is everybody's
  for (const char* file :
       {"/etc/passwd", "/etc/group", "/etc/hosts", "/etc/host.conf",
        "/etc/nsswitch.conf", "/etc/protocols", "/etc/services",
        "/etc/gai.conf", "/etc/ld.so.cache", "/etc/localtime", "/etc/timezone",
        "/etc/mime.types", "/etc/ssl/openssl.cnf",
        "/etc/ssl/certs/ca-certificates.crt", "/etc/iproute2",
        "/lib/x86_64-linux-gnu/libgcc_s.so.1"}) {
    files_.AddIfThere(file);
  }
  for (const char* locale : {"C.utf8", "C.UTF-8"}) {
    const fs::path folder = fs::path("/usr/lib/locale") / locale;
    if (!fs::is_directory(folder)) continue;
    files_.AddFolder(folder, [](const fs::path&) { return true; });
  }
}

}  // namespace finwait::kernel
