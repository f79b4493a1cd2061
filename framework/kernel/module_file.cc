#include "kernel/module_file.h"

#include <lzma.h>
#include <zstd.h>

#include <array>
#include <cstdint>
#include <fstream>
#include <memory>
#include <sstream>

#include "base/error.h"

namespace finwait::kernel {
namespace {

using Buffer = std::array<char, 65536>;

std::string ReadFile(const std::filesystem::path& file) {
  std::ostringstream bytes;
  std::ifstream in(file, std::ios::binary);
  if (!in) ThrowErrno("reading module " + file.string());
  bytes << in.rdbuf();
  return bytes.str();
}

// Empty if it is damaged.
std::string Unxz(const std::string& packed) {
  lzma_stream stream = LZMA_STREAM_INIT;
  lzma_ret result = lzma_stream_decoder(&stream, UINT64_MAX, 0);
  stream.next_in = reinterpret_cast<const std::uint8_t*>(packed.data());
  stream.avail_in = packed.size();
  std::string bytes;
  Buffer buffer;
  while (result == LZMA_OK) {
    stream.next_out = reinterpret_cast<std::uint8_t*>(buffer.data());
    stream.avail_out = buffer.size();
    result = lzma_code(&stream, LZMA_FINISH);
    bytes.append(buffer.data(), buffer.size() - stream.avail_out);
  }
  lzma_end(&stream);
  return result == LZMA_STREAM_END ? bytes : "";
}

std::string Unzstd(const std::string& packed) {
  std::unique_ptr<ZSTD_DStream, decltype(&ZSTD_freeDStream)> stream(
      ZSTD_createDStream(), ZSTD_freeDStream);
  ZSTD_inBuffer in{packed.data(), packed.size(), 0};
  std::string bytes;
  Buffer buffer;
  for (std::size_t more = 1; more != 0;) {
    ZSTD_outBuffer out{buffer.data(), buffer.size(), 0};
    more = ZSTD_decompressStream(stream.get(), &out, &in);
    const bool is_cut_off = in.pos == in.size && out.pos == 0 && more != 0;
    if (ZSTD_isError(more) != 0 || is_cut_off) return "";
    bytes.append(buffer.data(), out.pos);
  }
  return bytes;
}

}  // namespace

std::string ReadModule(const std::filesystem::path& file) {
  std::string bytes = ReadFile(file);
  if (file.extension() == ".xz") bytes = Unxz(bytes);
  if (file.extension() == ".zst") bytes = Unzstd(bytes);
  if (bytes.empty()) throw Error("reading module " + file.string(), "damaged");
  return bytes;
}

}  // namespace finwait::kernel
