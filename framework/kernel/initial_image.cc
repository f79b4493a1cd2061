#include "kernel/initial_image.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/file_descriptor.h"
#include "kernel/disk_space.h"
#include "kernel/fingerprint.h"
#include "kernel/initial_archive.h"
#include "kernel/initial_files.h"
#include "kernel/module_file.h"
#include "kernel/modules.h"
#include "kernel/program_files.h"

namespace finwait::kernel {
namespace {

namespace fs = std::filesystem;

constexpr char kFormat[] = "initial files 2";  // grows when images change
constexpr std::size_t kKeptImages = 6;         // some 50 MB each
constexpr std::uint64_t kMostScenarioBytes = std::uint64_t{256} << 20;

// What networks, captures and the channel to the host are made of, where a
// kernel has it as modules. With few exceptions others are not loaded for
// whoever asks, as there is no modprobe in a guest.
const std::vector<std::string>& WantedModules() {
  static const std::vector<std::string> kNames = {
      "virtio_pci", "virtio_console", "unix",        "ipv6",
      "af_packet",  "veth",           "bridge",      "dummy",
      "tun",        "sch_netem",      "sch_tbf",     "sch_htb",
      "sch_fq",     "sch_fq_codel",   "sch_ingress", "inet_diag",
      "tcp_diag",   "nf_tables",      "nft_numgen",  "nft_counter",
      "nft_limit",  "tcp_cubic",      "tcp_bbr",     "overlay"};
  return kNames;
}

// What an image is made from, as far as it is known without making it.
std::string Ingredients(const Kernel& kernel, const Needs& needs) {
  std::string text = std::string(kFormat) + "\n" + kernel.release + "\n" +
                     kernel.content + "\n" + needs.finwait.string() + "\n";
  const char* path = std::getenv("PATH");
  text += path == nullptr ? "" : path;
  for (const std::string& program : needs.programs) text += "\n" + program;
  return text + "\n";
}

// A link or a folder that was only passed through changes with what is beside
// the image's files; neither counts.
bool Counts(const InitialFile& file) {
  return S_ISREG(file.mode) ? !file.source.empty() : file.whole;
}

// One line per file and its time of change.
std::string ListOf(const InitialFiles& files) {
  std::string list;
  for (const auto& [path, file] : files.entries()) {
    if (Counts(file)) list += std::to_string(file.modified) + " " + path + "\n";
  }
  return list;
}

bool StillHolds(const std::string& list) {
  std::istringstream lines(list);
  std::int64_t modified = 0;
  std::string path;
  while (lines >> modified && lines.get() && std::getline(lines, path)) {
    struct stat found {};
    if (lstat(path.c_str(), &found) < 0) return false;
    if (found.st_mtim.tv_sec * 1'000'000'000 + found.st_mtim.tv_nsec !=
        modified) {
      return false;
    }
  }
  return !list.empty();
}

std::string ReadFile(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

void WriteAll(int file, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(file, text.data(), text.size());
    if (written < 0) ThrowErrno("writing a list of files");
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

// Calls fill(descriptor) on a file that gets its name when it is complete.
template <typename Fill>
void WriteByRename(const fs::path& path, Fill&& fill) {
  std::string temporary = path.string() + ".XXXXXX";
  const FileDescriptor file(mkostemp(temporary.data(), O_CLOEXEC));
  if (!file.valid()) ThrowErrno("writing " + path.string());
  try {
    fill(file.get());
    fs::rename(temporary, path);
  } catch (...) {
    unlink(temporary.c_str());
    throw;
  }
}

void AddModules(const Kernel& kernel, InitialFiles& files) {
  if (kernel.modules.empty()) return;
  std::string order;
  for (const fs::path& module :
       ModulesInLoadOrder(kernel.modules, WantedModules())) {
    const fs::path name = module.filename();
    const fs::path path =
        "/finwait" / fs::path(name).replace_extension(
                         name.extension() == ".ko" ? ".ko" : "");
    files.AddText(path, ReadModule(module));
    order += path.string() + "\n";
  }
  files.AddText("/finwait/modules", order);
}

InitialFiles LastingFiles(const Kernel& kernel, const Needs& needs) {
  InitialFiles files;
  for (const char* folder : {"/proc", "/sys", "/dev", "/run", "/tmp", "/root",
                             "/var/tmp", "/var/log", "/mnt"}) {
    files.AddEmptyFolder(folder);
  }
  ProgramFiles programs(files);
  programs.AddBasics();
  programs.Add(needs.finwait);
  files.AddLink("/init", needs.finwait);
  for (const std::string& program : needs.programs) programs.Add(program);
  AddModules(kernel, files);
  return files;
}

InitialFiles ScenarioFiles(const Needs& needs) {
  InitialFiles files;
  files.AddEmptyFolder(fs::current_path());
  if (const char* home = std::getenv("HOME")) files.AddEmptyFolder(home);
  for (const fs::path& path : needs.files) {
    if (!fs::is_directory(path)) {
      files.Add(path);
      continue;
    }
    files.AddFolder(path, [&](const fs::path&) {
      if (files.bytes() <= kMostScenarioBytes) return true;
      throw Error("taking " + path.string() + " into the guest",
                  "there is more than " + SizeText(kMostScenarioBytes) +
                      " in it, which would have to fit into its memory");
    });
  }
  return files;
}

void RemoveOldest(const fs::path& workshop) {
  std::vector<fs::directory_entry> images;
  for (const auto& entry : fs::directory_iterator(workshop)) {
    if (entry.path().extension() == ".cpio") images.push_back(entry);
  }
  std::error_code ignored;
  std::ranges::sort(images, [&](const auto& one, const auto& other) {
    return one.last_write_time(ignored) > other.last_write_time(ignored);
  });
  for (std::size_t i = kKeptImages; i < images.size(); ++i) {
    fs::remove(images[i], ignored);
  }
}

FileDescriptor OpenLasting(const fs::path& workshop, const std::string& list) {
  const fs::path image = workshop / (FingerprintOf(list) + ".cpio");
  return FileDescriptor(open(image.c_str(), O_RDONLY | O_CLOEXEC));
}

// An image is named after the list of what is in it, so that list and image
// match whoever writes them at the same time.
FileDescriptor LastingImage(const Kernel& kernel, const Needs& needs,
                            const fs::path& workshop) {
  const std::string ingredients = Ingredients(kernel, needs);
  const fs::path known = workshop / (FingerprintOf(ingredients) + ".list");
  std::string list = ReadFile(known);
  if (StillHolds(list)) {
    FileDescriptor image = OpenLasting(workshop, ingredients + list);
    if (image.valid()) return image;
  }
  const InitialFiles files = LastingFiles(kernel, needs);
  list = ListOf(files);
  WithSpaceNamed(workshop, "writing an initial file system", [&] {
    WriteByRename(workshop / (FingerprintOf(ingredients + list) + ".cpio"),
                  [&](int file) { WriteArchive(files, file); });
    WriteByRename(known, [&](int file) { WriteAll(file, list); });
  });
  FileDescriptor image = OpenLasting(workshop, ingredients + list);
  if (!image.valid()) ThrowErrno("reading an initial file system");
  RemoveOldest(workshop);
  return image;
}

std::uint64_t SizeOf(int file) {
  struct stat found {};
  if (fstat(file, &found) < 0) ThrowErrno("reading an initial file system");
  return static_cast<std::uint64_t>(found.st_size);
}

void Append(int image, int to) {
  for (std::uint64_t left = SizeOf(image); left > 0;) {
    const ssize_t sent = sendfile(to, image, nullptr, left);
    if (sent <= 0) ThrowErrno("copying an initial file system");
    left -= static_cast<std::uint64_t>(sent);
  }
}

}  // namespace

InitialImage MakeInitialImage(const Kernel& kernel, const Needs& needs,
                              const Cache& cache) {
  auto image = std::make_shared<FileDescriptor>(
      memfd_create("finwait-initial-files", MFD_CLOEXEC));
  if (!image->valid()) ThrowErrno("making an initial file system");
  const FileDescriptor lasting =
      LastingImage(kernel, needs, cache.Workshop("initial-files"));
  Append(lasting.get(), image->get());
  WriteArchive(ScenarioFiles(needs), image->get());
  return {.path = "/proc/" + std::to_string(getpid()) + "/fd/" +
                  std::to_string(image->get()),
          .bytes = SizeOf(image->get()),
          .keeps = image};
}

}  // namespace finwait::kernel
