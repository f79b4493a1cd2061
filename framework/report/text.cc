// Columns, colours and folding.
#include "report/text.h"

#include <algorithm>
#include <cctype>

namespace finwait::report {
namespace {

// ECMA-48 section 8.3.117, select graphic rendition.
std::string_view Rendition(Color color) {
  switch (color) {
    case Color::kDim:
      return "\033[2m";
    case Color::kBold:
      return "\033[1m";
    case Color::kRed:
      return "\033[31m";
    case Color::kGreen:
      return "\033[32m";
    case Color::kYellow:
      return "\033[33m";
    case Color::kNone:
      break;
  }
  return "";
}

}  // namespace

std::string Paint(std::string_view text, Color color, const Style& style) {
  std::string painted(text);
  if (!style.color || color == Color::kNone) return painted;
  return std::string(Rendition(color)) + painted + "\033[0m";
}

Color ColorOf(judge::Verdict verdict) {
  switch (verdict) {
    case judge::Verdict::kPass:
      return Color::kGreen;
    case judge::Verdict::kFail:
      return Color::kRed;
    default:
      return Color::kYellow;
  }
}

std::string Label(judge::Verdict verdict) {
  std::string label(Name(verdict));
  for (char& c : label) c = static_cast<char>(std::toupper(c));
  return label;
}

std::size_t Columns(std::string_view text) {
  // All bytes but the continuation bytes of UTF-8 (RFC 3629 section 3).
  auto continues = [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
  };
  auto bytes = std::count_if(text.begin(), text.end(), continues);
  return text.size() - static_cast<std::size_t>(bytes);
}

std::string PadRight(std::string_view text, std::size_t width) {
  std::size_t columns = Columns(text);
  std::string padded(text);
  return padded.append(width > columns ? width - columns : 0, ' ');
}

std::string PadLeft(std::string_view text, std::size_t width) {
  std::size_t columns = Columns(text);
  return std::string(width > columns ? width - columns : 0, ' ').append(text);
}

std::string Repeat(std::string_view piece, std::size_t times) {
  std::string repeated;
  for (std::size_t i = 0; i < times; ++i) repeated += piece;
  return repeated;
}

std::string Fold(std::string_view lead, std::string_view text,
                 std::size_t width) {
  std::string folded(lead);
  const std::size_t indent = Columns(lead);
  std::size_t column = indent;
  while (!text.empty()) {
    std::size_t end = std::min(text.find(' '), text.size());
    std::string_view word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (column > indent && column + 1 + Columns(word) > width) {
      folded += "\n" + std::string(indent, ' ');
      column = indent;
    }
    if (column > indent) {
      folded += ' ';
      ++column;
    }
    folded += word;
    column += Columns(word);
  }
  return folded + "\n";
}

std::string Plural(std::size_t count, std::string_view noun) {
  std::string text = std::to_string(count) + " ";
  return text.append(noun).append(count == 1 ? "" : "s");
}

}  // namespace finwait::report
