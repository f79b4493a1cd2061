// Columns, colours and folding of terminal text. Pure. Text is UTF-8, and
// every character of ours is one column wide.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "judge/verdict.h"
#include "report/terminal.h"

namespace finwait::report {

enum class Color : std::uint8_t { kNone, kDim, kBold, kRed, kGreen, kYellow };

// `text` in a colour, if the style has colours.
std::string Paint(std::string_view text, Color color, const Style& style);
Color ColorOf(judge::Verdict verdict);

// "PASS", "UNSUPPORTED", ...
std::string Label(judge::Verdict verdict);

// Columns that `text` without colours takes.
std::size_t Columns(std::string_view text);

// Filled up with blanks to `width` columns; longer text stays as it is.
std::string PadRight(std::string_view text, std::size_t width);
std::string PadLeft(std::string_view text, std::size_t width);

// Repeats a piece, "─" for instance.
std::string Repeat(std::string_view piece, std::size_t times);

// `lead`, then `text` folded between words to `width` columns, following
// lines indented below the first.
std::string Fold(std::string_view lead, std::string_view text,
                 std::size_t width);

// "3 packets", "1 packet"
std::string Plural(std::size_t count, std::string_view noun);

}  // namespace finwait::report
