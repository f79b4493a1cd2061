// Writes blocks and options of pcapng. Names and numbers are those of
// draft-ietf-opsawg-pcapng, sections 3 and 4; all is little-endian, which the
// byte-order magic says.
#include "report/pcapng.h"

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <string_view>
#include <utility>

#include "report/frame_comments.h"
#include "report/text.h"

namespace finwait::report {
namespace {

enum class BlockType : std::uint32_t {
  kSectionHeader = 0x0a0d0d0a,
  kInterfaceDescription = 1,
  kEnhancedPacket = 6,
};

// Meanings differ by block, but of opt_endofopt and opt_comment.
enum class Option : std::uint16_t {
  kEnd = 0,
  kComment = 1,
  kInterfaceName = 2,        // if_name
  kFlags = 2,                // epb_flags
  kOperatingSystem = 3,      // shb_os
  kApplication = 4,          // shb_userappl
  kTimeStampResolution = 9,  // if_tsresol
};

constexpr std::uint32_t kByteOrderMagic = 0x1a2b3c4d;
constexpr std::uint16_t kMajor = 1;
constexpr std::uint16_t kMinor = 0;
constexpr std::uint64_t kLengthNotSaid = ~std::uint64_t{0};
constexpr std::uint16_t kEthernet = 1;  // LINKTYPE_ETHERNET
constexpr char kNanoseconds = 9;        // ten to the minus nine
constexpr std::uint32_t kInbound = 1;   // epb_flags, bits 0 and 1
constexpr std::uint32_t kOutbound = 2;
constexpr std::size_t kLongestOption = 0xffff;

// The least significant byte first.
template <typename Integer>
std::string Bytes(Integer number) {
  std::string bytes;
  for (std::size_t n = 0; n < sizeof number; ++n) {
    bytes += static_cast<char>(number >> (8 * n) & 0xff);
  }
  return bytes;
}

// Everything begins at a multiple of four bytes.
std::string Padded(std::string bytes) {
  return bytes.append((4 - bytes.size() % 4) % 4, '\0');
}

// At most as long as an option may be; no character of UTF-8 is cut.
std::string_view Fitting(std::string_view value) {
  if (value.size() <= kLongestOption) return value;
  std::size_t end = kLongestOption;
  while (end > 0 && (static_cast<unsigned char>(value[end]) & 0xc0) == 0x80) {
    --end;
  }
  return value.substr(0, end);
}

std::string OptionBytes(Option code, std::string_view value) {
  value = Fitting(value);
  return Bytes(static_cast<std::uint16_t>(code)) +
         Bytes(static_cast<std::uint16_t>(value.size())) +
         Padded(std::string(value));
}

std::string CommentOptions(const std::vector<std::string>& comments) {
  std::string options;
  for (const std::string& comment : comments) {
    options += OptionBytes(Option::kComment, comment);
  }
  return options;
}

std::string Block(BlockType type, const std::string& body,
                  const std::string& options) {
  const std::string end = OptionBytes(Option::kEnd, "");
  // Type, and the length at both ends.
  const std::size_t length = body.size() + options.size() + end.size() + 12;
  const std::string length_bytes = Bytes(static_cast<std::uint32_t>(length));
  return Bytes(static_cast<std::uint32_t>(type)) + length_bytes + body +
         options + end + length_bytes;
}

std::string SectionHeader(const std::vector<std::string>& comments,
                          const std::string& kernel) {
  return Block(BlockType::kSectionHeader,
               Bytes(kByteOrderMagic) + Bytes(kMajor) + Bytes(kMinor) +
                   Bytes(kLengthNotSaid),
               CommentOptions(comments) +
                   OptionBytes(Option::kOperatingSystem, "Linux " + kernel) +
                   OptionBytes(Option::kApplication, "finwait"));
}

std::string InterfaceDescription(const std::string& name) {
  constexpr std::uint16_t kReserved = 0;
  return Block(BlockType::kInterfaceDescription,
               Bytes(kEthernet) + Bytes(kReserved) +
                   Bytes(static_cast<std::uint32_t>(tcp::kFrameBytes)),
               OptionBytes(Option::kInterfaceName, name) +
                   OptionBytes(Option::kTimeStampResolution,
                               std::string(1, kNanoseconds)));
}

std::string EnhancedPacket(const tcp::Frame& frame, Duration realtime_offset,
                           const std::vector<std::string>& comments) {
  const Duration since_1970 = frame.at.time_since_epoch() + realtime_offset;
  const auto stamp = static_cast<std::uint64_t>(since_1970.count());
  const auto captured = static_cast<std::uint32_t>(frame.bytes.size());
  return Block(
      BlockType::kEnhancedPacket,
      Bytes(static_cast<std::uint32_t>(frame.interface)) +
          Bytes(static_cast<std::uint32_t>(stamp >> 32)) +
          Bytes(static_cast<std::uint32_t>(stamp)) + Bytes(captured) +
          Bytes(frame.length) +
          Padded({frame.bytes.begin(), frame.bytes.end()}),
      OptionBytes(Option::kFlags, Bytes(frame.sent ? kOutbound : kInbound)) +
          CommentOptions(comments));
}

// What somebody who looks for a packet must know.
void AddLosses(const tcp::Timeline& timeline,
               std::vector<std::string>& comments) {
  if (timeline.packets_dropped > 0) {
    comments.push_back("the capture lost " +
                       Plural(timeline.packets_dropped, "packet"));
  }
  for (const tcp::SourceRecord& source : timeline.sources) {
    if (source.name != "frames" || source.lost == 0) continue;
    comments.push_back(Plural(source.lost, "packet") +
                       " more: " + source.detail);
  }
}

std::string FindingComment(const judge::Finding& finding) {
  return std::string(Name(finding.verdict)) + ": " + finding.subject +
         ": expected " + finding.expected + ", but " + finding.actual;
}

}  // namespace

std::string Pcapng(const tcp::Timeline& timeline,
                   std::vector<std::string> comments,
                   const std::string& kernel) {
  AddLosses(timeline, comments);
  std::string bytes = SectionHeader(comments, kernel);
  for (const std::string& interface : timeline.interfaces) {
    bytes += InterfaceDescription(interface);
  }
  const FrameComments of_frames = CommentsOf(timeline);
  const std::vector<std::string> none;
  for (std::size_t n = 0; n < timeline.frames.size(); ++n) {
    const auto found = of_frames.find(n);
    bytes += EnhancedPacket(timeline.frames[n], timeline.realtime_offset,
                            found == of_frames.end() ? none : found->second);
  }
  return bytes;
}

std::string Pcapng(const judge::Result& result) {
  std::vector<std::string> comments = {
      result.scenario.title,
      result.scenario.DisplayName() + ": " + std::string(Name(result.verdict))};
  if (!result.reason.empty()) comments.push_back(result.reason);
  for (const judge::Finding& finding : result.findings) {
    if (finding.verdict == judge::Verdict::kPass) continue;
    comments.push_back(FindingComment(finding));
  }
  return Pcapng(result.timeline, std::move(comments),
                result.environment.kernel);
}

std::string PcapngName(const scenario::Scenario& scenario) {
  const std::string stem = std::filesystem::path(scenario.file).stem();
  const std::string& name = scenario.case_name;
  return PcapngName(name.empty() ? stem : stem + "[" + name + "]");
}

std::string PcapngName(std::string title) {
  constexpr std::size_t kLongest = 200;  // NAME_MAX is 255
  const auto unfit = [](unsigned char c) {
    return c < 0x20 || c == 0x7f || c == '/';
  };
  std::replace_if(title.begin(), title.end(), unfit, '_');
  if (!title.empty() && title.front() == '.') title.front() = '_';
  if (title.size() > kLongest) title.resize(kLongest);
  return title + ".pcapng";
}

}  // namespace finwait::report
