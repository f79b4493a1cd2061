#include "kernel/elf.h"

#include <elf.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <fstream>
#include <sstream>

#include "base/error.h"
#include "kernel/host_answer.h"

namespace finwait::kernel {
namespace {

constexpr char kLoader[] = "/lib64/ld-linux-x86-64.so.2";

template <typename T>
bool ReadAt(std::ifstream& in, std::uint64_t offset, T* into,
            std::size_t size = sizeof(T)) {
  in.seekg(static_cast<std::streamoff>(offset));
  in.read(reinterpret_cast<char*>(into), static_cast<std::streamsize>(size));
  return in.good();
}

bool IsOurs(const Elf64_Ehdr& header) {
  return std::memcmp(header.e_ident, ELFMAG, SELFMAG) == 0 &&
         header.e_ident[EI_CLASS] == ELFCLASS64 &&
         header.e_machine == EM_X86_64 &&
         header.e_phentsize == sizeof(Elf64_Phdr);
}

std::string Interpreter(std::ifstream& in, const Elf64_Phdr& segment) {
  std::string name(std::min<std::uint64_t>(segment.p_filesz, 4096), '\0');
  if (!ReadAt(in, segment.p_offset, name.data(), name.size())) return "";
  return name.substr(0, name.find('\0'));
}

std::string TextAt(std::ifstream& in, std::uint64_t offset) {
  std::string text;
  in.seekg(static_cast<std::streamoff>(offset));
  std::getline(in, text, '\0');
  return text;
}

// Where in the file an address is that it will be mapped at.
std::uint64_t OffsetOf(std::uint64_t address,
                       const std::vector<Elf64_Phdr>& segments) {
  for (const Elf64_Phdr& segment : segments) {
    if (segment.p_type == PT_LOAD && address >= segment.p_vaddr &&
        address < segment.p_vaddr + segment.p_filesz) {
      return address - segment.p_vaddr + segment.p_offset;
    }
  }
  return 0;
}

void ReadDynamic(std::ifstream& in, const Elf64_Phdr& dynamic,
                 const std::vector<Elf64_Phdr>& segments, Elf& elf) {
  std::vector<Elf64_Dyn> entries(dynamic.p_filesz / sizeof(Elf64_Dyn));
  if (!ReadAt(in, dynamic.p_offset, entries.data(),
              entries.size() * sizeof(Elf64_Dyn))) {
    return;
  }
  std::uint64_t names = 0;
  for (const Elf64_Dyn& entry : entries) {
    if (entry.d_tag == DT_STRTAB) names = OffsetOf(entry.d_un.d_ptr, segments);
  }
  for (const Elf64_Dyn& entry : entries) {
    if (entry.d_tag == DT_NULL) return;
    if (entry.d_tag == DT_NEEDED) {
      elf.libraries.push_back(TextAt(in, names + entry.d_un.d_val));
    }
    elf.searches_elsewhere = elf.searches_elsewhere ||
                             entry.d_tag == DT_RPATH ||
                             entry.d_tag == DT_RUNPATH;
  }
}

// Section headers end the files that linkers write. If there is more, someone
// put an archive there, which the program will look for.
bool EndsWithSections(const Elf64_Ehdr& header, std::uint64_t size) {
  return header.e_shoff + std::uint64_t{header.e_shnum} * header.e_shentsize ==
         size;
}

// "	libc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007f...)",
// "	/lib64/ld-linux-x86-64.so.2 (0x...)", "	libx.so => not found".
std::filesystem::path LibraryIn(const std::string& line,
                                const std::filesystem::path& file) {
  if (line.find("=> not found") != std::string::npos) {
    std::string name;
    std::istringstream(line) >> name;
    throw Error(file.string(), "its library " + name + " is not there");
  }
  const std::size_t begin = line.find('/');
  const std::size_t end = line.rfind(" (0x");
  if (begin == std::string::npos || end == std::string::npos) return {};
  return line.substr(begin, end - begin);
}

}  // namespace

std::optional<Elf> ReadElf(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  Elf64_Ehdr header{};
  if (!ReadAt(in, 0, &header) || !IsOurs(header)) return std::nullopt;
  std::vector<Elf64_Phdr> segments(header.e_phnum);
  if (!ReadAt(in, header.e_phoff, segments.data(),
              segments.size() * sizeof(Elf64_Phdr))) {
    return std::nullopt;
  }
  Elf elf;
  std::uint64_t mapped = sizeof header;
  for (const Elf64_Phdr& segment : segments) {
    if (segment.p_type == PT_INTERP) elf.interpreter = Interpreter(in, segment);
    if (segment.p_type == PT_DYNAMIC) ReadDynamic(in, segment, segments, elf);
    mapped = std::max(mapped, segment.p_offset + segment.p_filesz);
  }
  const std::uint64_t size = std::filesystem::file_size(file);
  elf.needed_bytes =
      EndsWithSections(header, size) ? std::min(mapped, size) : size;
  return elf;
}

void ForgetSections(char* header) {
  std::memset(header + offsetof(Elf64_Ehdr, e_shoff), 0, sizeof(Elf64_Off));
  std::memset(header + offsetof(Elf64_Ehdr, e_shnum), 0,
              2 * sizeof(Elf64_Half));
}

std::vector<std::filesystem::path> SharedLibraries(
    const std::filesystem::path& file, const Elf& elf) {
  const std::string loader =
      elf.interpreter.empty() ? kLoader : elf.interpreter;
  std::vector<std::filesystem::path> libraries;
  // As ldd asks; --list would stop at the first library that is missing. Fails
  // for what has no dynamic section: it needs no library.
  std::istringstream lines(
      HostAnswer({"env", "LD_TRACE_LOADED_OBJECTS=1", loader, file.string()})
          .value_or(""));
  for (std::string line; std::getline(lines, line);) {
    auto library = LibraryIn(line, file);
    if (!library.empty()) libraries.push_back(std::move(library));
  }
  if (!elf.interpreter.empty()) libraries.emplace_back(elf.interpreter);
  return libraries;
}

}  // namespace finwait::kernel
