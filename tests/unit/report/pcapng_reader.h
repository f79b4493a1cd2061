// Takes a pcapng file apart, for tests: enough of it, little-endian only.
#pragma once

#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace finwait::testing {

template <typename Integer>
Integer NumberAt(std::string_view bytes, std::size_t at) {
  Integer number = 0;
  if (at + sizeof number > bytes.size()) throw std::out_of_range("too short");
  std::memcpy(&number, bytes.data() + at, sizeof number);
  return number;
}

struct PcapngBlock {
  std::uint32_t type = 0;
  std::string fixed;  // what stands before the options, without packet data
  std::string data;   // of a packet
  std::vector<std::pair<int, std::string>> options;

  std::vector<std::string> All(int code) const {
    std::vector<std::string> values;
    for (const auto& [one, value] : options) {
      if (one == code) values.push_back(value);
    }
    return values;
  }
  std::vector<std::string> comments() const { return All(1); }
};

inline std::size_t PaddedLength(std::size_t length) {
  return (length + 3) / 4 * 4;
}

inline void ReadOptions(std::string_view bytes, PcapngBlock& block) {
  while (true) {
    const auto code = NumberAt<std::uint16_t>(bytes, 0);
    const auto length = NumberAt<std::uint16_t>(bytes, 2);
    bytes.remove_prefix(4);
    if (code == 0) break;
    block.options.emplace_back(code, bytes.substr(0, length));
    bytes.remove_prefix(PaddedLength(length));
  }
  if (!bytes.empty()) throw std::runtime_error("more after the last option");
}

inline PcapngBlock ReadBlock(std::uint32_t type, std::string_view body) {
  PcapngBlock block{type, "", "", {}};
  const std::size_t fixed = type == 0x0a0d0d0a ? 16 : type == 1 ? 8 : 20;
  block.fixed = body.substr(0, fixed);
  body.remove_prefix(fixed);
  if (type == 6) {
    const auto captured = NumberAt<std::uint32_t>(block.fixed, 12);
    block.data = body.substr(0, captured);
    body.remove_prefix(PaddedLength(captured));
  }
  ReadOptions(body, block);
  return block;
}

// Throws where the file is not well formed.
inline std::vector<PcapngBlock> ReadPcapng(std::string_view file) {
  std::vector<PcapngBlock> blocks;
  while (!file.empty()) {
    const auto type = NumberAt<std::uint32_t>(file, 0);
    const auto length = NumberAt<std::uint32_t>(file, 4);
    if (length % 4 != 0 || length > file.size() ||
        NumberAt<std::uint32_t>(file, length - 4) != length) {
      throw std::runtime_error("the lengths of a block disagree");
    }
    blocks.push_back(ReadBlock(type, file.substr(8, length - 12)));
    file.remove_prefix(length);
  }
  return blocks;
}

}  // namespace finwait::testing
