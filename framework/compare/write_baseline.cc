// Writes behaviours as TOML: one fact in each line, so that a diff of two
// files reads as a list of differences.
#include <algorithm>
#include <array>
#include <cctype>
#include <cstdio>
#include <utility>

#include "base/units.h"
#include "compare/baseline.h"
#include "judge/wording.h"

namespace finwait::compare {
namespace {

using Counts = std::map<std::string, Count>;

// A basic string (TOML 1.0).
std::string Quoted(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') quoted += '\\';
    if (byte < 0x20 || byte == 0x7f) {
      std::array<char, 8> escape{};
      std::snprintf(escape.data(), escape.size(), "\\u%04x", byte);
      quoted += escape.data();
    } else {
      quoted += c;
    }
  }
  return quoted + "\"";
}

std::string Quoted(Duration duration) { return Quoted(Format(duration)); }

// A key needs no quotes if it is made of these (TOML 1.0, "Keys").
bool IsBare(std::string_view key) {
  return !key.empty() &&
         std::all_of(key.begin(), key.end(), [](unsigned char c) {
           return std::isalnum(c) || c == '_' || c == '-';
         });
}

// An inline table: { a = 1, b = "two" }.
class Inline {
 public:
  Inline& Add(std::string_view key, std::string value) {
    text_ += text_.empty() ? "{ " : ", ";
    text_ += std::string(key) + " = " + std::move(value);
    return *this;
  }
  std::string text() const { return text_ + " }"; }

 private:
  std::string text_;
};

std::string Array(std::string_view key, const std::vector<std::string>& items) {
  if (items.empty()) return "";
  std::string text = std::string(key) + " = [\n";
  for (const std::string& item : items) text += "  " + item + ",\n";
  return text + "]\n";
}

std::string Kinds(const std::vector<tcp::TimerKind>& kinds) {
  std::string text;
  for (const tcp::TimerKind kind : kinds) {
    text += (text.empty() ? "" : ", ") + Quoted(judge::Name(kind));
  }
  return "[" + text + "]";
}

void AddLength(Inline& table, const judge::Interval& length) {
  table.Add(length.open ? "so_far" : "lasted", Quoted(length.best));
  if (length.low == length.best && length.high == length.best) return;
  table.Add("least", Quoted(length.low)).Add("most", Quoted(length.high));
}

std::string StayText(const Stay& stay) {
  Inline table;
  table.Add("state", Quoted(Name(stay.state)));
  if (!stay.cause.empty()) table.Add("cause", Quoted(stay.cause));
  if (stay.state != tcp::TcpState::kClosed) AddLength(table, stay.length);
  if (stay.timers > 0) table.Add("timers", std::to_string(stay.timers));
  if (stay.silence) table.Add("silence", Quoted(*stay.silence));
  if (stay.armed) table.Add("armed", Quoted(*stay.armed));
  if (stay.orphan) table.Add("orphan", *stay.orphan ? "true" : "false");
  if (!stay.timer_kinds.empty()) table.Add("kinds", Kinds(stay.timer_kinds));
  return table.text();
}

std::string SegmentText(const Segment& segment) {
  Inline table;
  table.Add(segment.sent ? "sent" : "received",
            Quoted(tcp::FlagNames(segment.flags)));
  if (segment.again) table.Add("again", "true");
  return table.Add("after", Quoted(segment.after)).text();
}

std::string CountsText(const std::string& table, const Counts& counts) {
  if (counts.empty()) return "";
  std::string text = "[" + table + "]\n";
  for (const auto& [name, count] : counts) {
    text += (IsBare(name) ? name : Quoted(name)) + " = " +
            std::to_string(count.value) + "\n";
  }
  return text;
}

std::string EndpointText(const Endpoint& endpoint) {
  std::string text = "\n[[case.endpoint]]\n";
  text += "host = " + Quoted(endpoint.host) + "\n";
  text += "connection = " + Quoted(endpoint.connection) + "\n";
  if (endpoint.members.value != 1) {
    text += "members = " + std::to_string(endpoint.members.value) + "\n";
  }
  if (endpoint.rto) text += "rto = " + Quoted(*endpoint.rto) + "\n";
  std::vector<std::string> stays;
  for (const Stay& stay : endpoint.stays) stays.push_back(StayText(stay));
  std::vector<std::string> segments;
  for (const Segment& one : endpoint.segments) {
    segments.push_back(SegmentText(one));
  }
  return text + Array("stays", stays) + Array("segments", segments) +
         CountsText("case.endpoint.totals", endpoint.totals) +
         CountsText("case.endpoint.info", endpoint.info);
}

std::string ProgramText(const Program& program) {
  return Inline()
      .Add("host", Quoted(program.host))
      .Add("name", Quoted(program.name))
      .Add("ending", Quoted(program.ending))
      .text();
}

std::string JudgementText(const Judgement& judgement) {
  return Inline()
      .Add("subject", Quoted(judgement.subject))
      .Add("expected", Quoted(judgement.expected))
      .Add("verdict", Quoted(Name(judgement.verdict)))
      .text();
}

std::string CaseText(const Behaviour& one) {
  std::string text = "\n[[case]]\n";
  text += "name = " + Quoted(one.case_name) + "\n";
  text += "kernel = " + Quoted(one.kernel) + "\n";
  text += "hz = " + std::to_string(one.hz) + "\n";
  text += std::string("time = ") +
          (one.virtual_time ? "\"virtual\"" : "\"real\"") + "\n";
  text += "pauses = " + Quoted(one.pauses) + "\n";
  if (!one.virtual_time) {
    text += "late_timer = " + Quoted(one.late.timer) + "\n";
    text += "late_tick = " + Quoted(one.late.tick) + "\n";
  }
  text += "verdict = " + Quoted(Name(one.verdict)) + "\n";
  std::vector<std::string> programs;
  for (const Program& program : one.programs) {
    programs.push_back(ProgramText(program));
  }
  std::vector<std::string> judgements;
  for (const Judgement& judgement : one.judgements) {
    judgements.push_back(JudgementText(judgement));
  }
  text += Array("programs", programs) + Array("not_passed", judgements);
  for (const Endpoint& endpoint : one.endpoints) text += EndpointText(endpoint);
  if (!one.counters.empty()) text += "\n";
  for (const auto& [host, counters] : one.counters) {
    text += CountsText("case.counters." + (IsBare(host) ? host : Quoted(host)),
                       counters);
  }
  return text + CountsText("case.sockets", one.sockets);
}

}  // namespace

std::string ToToml(const Baseline& baseline) {
  std::string text =
      "# What TCP did, as finwait record saw it. `finwait run --baseline` "
      "holds\n"
      "# later runs against it; record again to accept what has changed.\n";
  text += "format = " + std::to_string(kBaselineFormat) + "\n";
  text += "title = " + Quoted(baseline.title) + "\n";
  for (const Behaviour& one : baseline.cases) text += CaseText(one);
  return text;
}

}  // namespace finwait::compare
