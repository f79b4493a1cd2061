#include "kernel/modules.h"

#include <elf.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <lzma.h>
#include <zstd.h>

#include <fstream>
#include <vector>

#include "base/error.h"
#include "kernel/module_file.h"
#include "unit/kernel/temporary_folder.h"

namespace finwait::kernel {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;

template <typename T>
void Append(std::string& bytes, const T& value) {
  bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
}

// An object file that has nothing but the section that says what a module
// depends on.
std::string Module(const std::string& depends) {
  const std::string info = "depends=" + depends + std::string(1, '\0');
  const std::string names("\0.modinfo\0.shstrtab\0", 20);
  Elf64_Ehdr header{};
  header.e_ident[EI_MAG0] = ELFMAG0;
  header.e_ident[EI_MAG1] = ELFMAG1;
  header.e_ident[EI_MAG2] = ELFMAG2;
  header.e_ident[EI_MAG3] = ELFMAG3;
  header.e_ident[EI_CLASS] = ELFCLASS64;
  header.e_ident[EI_DATA] = ELFDATA2LSB;
  header.e_ident[EI_VERSION] = EV_CURRENT;
  header.e_type = ET_REL;
  header.e_machine = EM_X86_64;
  header.e_version = EV_CURRENT;
  header.e_ehsize = sizeof header;
  header.e_shentsize = sizeof(Elf64_Shdr);
  header.e_shnum = 3;
  header.e_shstrndx = 2;
  header.e_shoff = sizeof header + info.size() + names.size();
  Elf64_Shdr info_header{};
  info_header.sh_name = 1;
  info_header.sh_type = SHT_PROGBITS;
  info_header.sh_offset = sizeof header;
  info_header.sh_size = info.size();
  Elf64_Shdr names_header{};
  names_header.sh_name = 10;
  names_header.sh_type = SHT_STRTAB;
  names_header.sh_offset = sizeof header + info.size();
  names_header.sh_size = names.size();
  std::string bytes;
  Append(bytes, header);
  bytes += info + names;
  Append(bytes, Elf64_Shdr{});
  Append(bytes, info_header);
  Append(bytes, names_header);
  return bytes;
}

std::string Xz(const std::string& text) {
  std::string packed(text.size() + 1000, '\0');
  std::size_t size = 0;
  EXPECT_EQ(
      lzma_easy_buffer_encode(
          0, LZMA_CHECK_CRC32, nullptr,
          reinterpret_cast<const std::uint8_t*>(text.data()), text.size(),
          reinterpret_cast<std::uint8_t*>(packed.data()), &size, packed.size()),
      LZMA_OK);
  return packed.substr(0, size);
}

std::string Zstd(const std::string& text) {
  std::string packed(ZSTD_compressBound(text.size()), '\0');
  return packed.substr(0, ZSTD_compress(packed.data(), packed.size(),
                                        text.data(), text.size(), 1));
}

class ModulesTest : public testing::Test {
 protected:
  fs::path Write(const std::string& name, const std::string& bytes) {
    fs::path path = folder_.path() / "kernel" / name;
    fs::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
  }

  std::vector<std::string> Order(const std::vector<std::string>& wanted) {
    std::vector<std::string> names;
    for (const fs::path& path : ModulesInLoadOrder(folder_.path(), wanted)) {
      names.push_back(path.filename());
    }
    return names;
  }

  TemporaryFolder folder_;
};

TEST_F(ModulesTest, FollowWhatTheyDependOn) {
  Write("net/bridge.ko", Module("stp,llc"));
  Write("net/stp.ko", Module("llc"));
  Write("net/llc.ko", Module(""));
  Write("net/other.ko", Module(""));
  EXPECT_THAT(Order({"bridge", "llc"}),
              ElementsAre("llc.ko", "stp.ko", "bridge.ko"));
}

TEST_F(ModulesTest, AreNotMissedIfBuiltIn) {
  Write("net/veth.ko", Module("core"));
  EXPECT_THAT(Order({"ipv6", "veth"}), ElementsAre("veth.ko"));
}

TEST_F(ModulesTest, HaveDashesForUnderscores) {
  Write("net/virtio-ring.ko", Module(""));
  Write("net/virtio_pci.ko", Module("virtio_ring"));
  EXPECT_THAT(Order({"virtio-pci"}),
              ElementsAre("virtio-ring.ko", "virtio_pci.ko"));
}

TEST_F(ModulesTest, MayBeCompressed) {
  Write("net/veth.ko.xz", Xz(Module("ptr")));
  Write("net/ptr.ko", Module(""));
  EXPECT_THAT(Order({"veth"}), ElementsAre("ptr.ko", "veth.ko.xz"));
}

TEST_F(ModulesTest, AreNoneWhereThereIsNoFolder) {
  EXPECT_THAT(ModulesInLoadOrder("/no/such/folder", {"veth"}), ElementsAre());
}

TEST_F(ModulesTest, AreErrorsIfTheyAreSomethingElse) {
  Write("net/veth.ko", "no module");
  EXPECT_THROW(Order({"veth"}), Error);
}

TEST_F(ModulesTest, AreReadDecompressed) {
  const std::string bytes = Module("a") + std::string(200'000, 'z') + "\n";
  EXPECT_EQ(ReadModule(Write("a.ko", bytes)), bytes);
  EXPECT_EQ(ReadModule(Write("b.ko.xz", Xz(bytes))), bytes);
  EXPECT_EQ(ReadModule(Write("c.ko.zst", Zstd(bytes))), bytes);
}

TEST_F(ModulesTest, AreErrorsIfTheyAreDamaged) {
  const std::string bytes(200'000, 'z');
  const std::string xz = Xz(bytes);
  const std::string zstd = Zstd(bytes);
  EXPECT_THROW(ReadModule(Write("a.ko.xz", xz.substr(0, xz.size() / 2))),
               Error);
  EXPECT_THROW(ReadModule(Write("b.ko.zst", zstd.substr(0, zstd.size() / 2))),
               Error);
  EXPECT_THROW(ReadModule(Write("c.ko.zst", "neither")), Error);
  EXPECT_THROW(ReadModule("/no/such/module.ko"), Error);
}

}  // namespace
}  // namespace finwait::kernel
