// Reads baseline files with the loader's own means, so that mistakes are told
// with their place and remedy.
#include <array>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "compare/baseline.h"
#include "judge/duration.h"
#include "judge/wording.h"
#include "scenario/find_topology.h"
#include "scenario/quantity.h"
#include "scenario/table.h"

namespace finwait::compare {
namespace {

using judge::Verdict;
using scenario::Mistakes;
using scenario::Node;
using scenario::Table;
using scenario::Words;
using Counts = std::map<std::string, Count>;

constexpr char kAgain[] = "record it again, with finwait record --force";

// The items of an array of tables, by name; none if it is not there.
std::vector<const Node*> ItemsOf(Table& table, std::string_view key) {
  const Node* items = table.Find(key);
  if (!items) return {};
  return scenario::TablesOf(*items, table.mistakes());
}

Counts ReadCounts(const Node& node, Mistakes& mistakes) {
  Counts counts;
  for (const Node& child : node.children) {
    Count& count = counts[child.key];
    scenario::Decode(child, mistakes, &count.value);
    count.line = child.key_place.line;
  }
  return counts;
}

Counts ReadCounts(Table& table, std::string_view key) {
  const Node* counts = table.Find(key);
  return counts ? ReadCounts(*counts, table.mistakes()) : Counts();
}

std::vector<tcp::TimerKind> ReadKinds(Table& table) {
  static const Words<tcp::TimerKind> words = [] {
    Words<tcp::TimerKind> made;
    for (int kind = 0; kind <= static_cast<int>(tcp::TimerKind::kPersist);
         ++kind) {
      const auto timer = static_cast<tcp::TimerKind>(kind);
      made.emplace_back(judge::Name(timer), timer);
    }
    return made;
  }();
  std::vector<tcp::TimerKind> kinds;
  const Node* items = table.Find("kinds");
  if (!items) return kinds;
  for (const Node& item : items->children) {
    tcp::TimerKind kind{};
    if (DecodeWord(item, table.mistakes(), words, &kind)) kinds.push_back(kind);
  }
  return kinds;
}

void ReadVerdict(Table& table, Verdict* verdict) {
  static const Words<Verdict> words = {{"pass", Verdict::kPass},
                                       {"unsupported", Verdict::kUnsupported},
                                       {"broken", Verdict::kBroken},
                                       {"fail", Verdict::kFail}};
  const Node* node = table.Require("verdict", "verdict = \"pass\"");
  if (node) DecodeWord(*node, table.mistakes(), words, verdict);
}

// --- endpoints ---------------------------------------------------------------

void ReadLength(Table& table, judge::Interval* length) {
  length->open = table.Has("so_far");
  table.Read("lasted", &length->best);
  table.Read("so_far", &length->best);
  length->low = length->high = length->best;
  table.Read("least", &length->low);
  table.Read("most", &length->high);
}

Stay ReadStay(const Node& node, Mistakes& mistakes) {
  Stay stay{.line = node.place.line};
  Table table(node, "stay", mistakes);
  table.ReadRequired("state", "state = \"FIN_WAIT2\"", &stay.state);
  table.Read("cause", &stay.cause);
  ReadLength(table, &stay.length);
  table.Read("timers", &stay.timers);
  table.Read("silence", &stay.silence);
  table.Read("armed", &stay.armed);
  table.Read("orphan", &stay.orphan);
  stay.timer_kinds = ReadKinds(table);
  table.Close();
  return stay;
}

Segment ReadSegment(const Node& node, Mistakes& mistakes) {
  Segment segment{.line = node.place.line};
  Table table(node, "segment", mistakes);
  if (const Node* flags = table.OneOf({"sent", "received"})) {
    scenario::FlagSet set;
    scenario::Decode(*flags, mistakes, &set);
    segment.sent = flags->key == "sent";
    segment.flags = set.bits;
  }
  table.Read("again", &segment.again);
  table.ReadRequired("after", "after = \"1s\"", &segment.after);
  table.Close();
  return segment;
}

Endpoint ReadEndpoint(const Node& node, Mistakes& mistakes) {
  Endpoint endpoint{.line = node.place.line};
  Table table(node, "endpoint", mistakes);
  table.ReadRequired("host", "host = \"client\"", &endpoint.host);
  table.ReadRequired("connection", "connection = \"conn\"",
                     &endpoint.connection);
  if (const Node* members = table.Find("members")) {
    scenario::DecodeInteger(*members, mistakes, 1, INT32_MAX,
                            &endpoint.members.value);
    endpoint.members.line = members->key_place.line;
  }
  table.Read("rto", &endpoint.rto);
  for (const Node* stay : ItemsOf(table, "stays")) {
    endpoint.stays.push_back(ReadStay(*stay, mistakes));
  }
  for (const Node* segment : ItemsOf(table, "segments")) {
    endpoint.segments.push_back(ReadSegment(*segment, mistakes));
  }
  endpoint.totals = ReadCounts(table, "totals");
  endpoint.info = ReadCounts(table, "info");
  table.Close();
  return endpoint;
}

// --- cases -------------------------------------------------------------------

Program ReadProgram(const Node& node, Mistakes& mistakes) {
  Program program{.line = node.place.line};
  Table table(node, "program", mistakes);
  table.ReadRequired("host", "host = \"client\"", &program.host);
  table.ReadRequired("name", "name = \"curl\"", &program.name);
  table.ReadRequired("ending", "ending = \"exit code 0\"", &program.ending);
  table.Close();
  return program;
}

Judgement ReadJudgement(const Node& node, Mistakes& mistakes) {
  Judgement judgement{.line = node.place.line};
  Table table(node, "expectation that does not hold", mistakes);
  table.ReadRequired("subject", "subject = \"client conn\"",
                     &judgement.subject);
  table.ReadRequired("expected", "expected = \"...\"", &judgement.expected);
  ReadVerdict(table, &judgement.verdict);
  table.Close();
  return judgement;
}

void ReadKernel(Table& table, Behaviour* one) {
  table.ReadRequired("kernel", "kernel = \"6.12.1\"", &one->kernel);
  if (const Node* hz = table.Require("hz", "hz = 250")) {
    // CONFIG_HZ: 24 on MIPS is the least there is, 1024 on Alpha the most.
    std::int64_t value = one->hz;
    scenario::DecodeInteger(*hz, table.mistakes(), 24, 1024, &value);
    one->hz = static_cast<int>(value);
  }
  static const Words<bool> times = {{"real", false}, {"virtual", true}};
  if (const Node* time = table.Require("time", "time = \"real\"")) {
    DecodeWord(*time, table.mistakes(), times, &one->virtual_time);
  }
}

Behaviour ReadCase(const Node& node, Mistakes& mistakes) {
  Behaviour one{.line = node.place.line};
  Table table(node, "case", mistakes);
  table.ReadRequired("name", "name = \"\"", &one.case_name);
  ReadKernel(table, &one);
  table.Read("pauses", &one.pauses);
  if (!one.virtual_time) one.late.timer = judge::kLateSoftirq;
  table.Read("late_timer", &one.late.timer);
  table.Read("late_tick", &one.late.tick);
  ReadVerdict(table, &one.verdict);
  for (const Node* endpoint : ItemsOf(table, "endpoint")) {
    one.endpoints.push_back(ReadEndpoint(*endpoint, mistakes));
  }
  if (const Node* hosts = table.Find("counters")) {
    for (const Node& host : hosts->children) {
      one.counters[host.key] = ReadCounts(host, mistakes);
    }
  }
  one.sockets = ReadCounts(table, "sockets");
  for (const Node* program : ItemsOf(table, "programs")) {
    one.programs.push_back(ReadProgram(*program, mistakes));
  }
  for (const Node* judgement : ItemsOf(table, "not_passed")) {
    one.judgements.push_back(ReadJudgement(*judgement, mistakes));
  }
  table.Close();
  return one;
}

// Nothing else of a file in another format would be understood.
bool CheckFormat(Table& table) {
  int format = 0;
  const std::string example = "format = " + std::to_string(kBaselineFormat);
  if (!table.ReadRequired("format", example, &format)) return false;
  if (format == kBaselineFormat) return true;
  table.mistakes().Add(
      table.Find("format")->place,
      "format " + std::to_string(format) + " is not known to this finwait",
      std::string("it knows ") + std::to_string(kBaselineFormat) + ": " +
          kAgain);
  return false;
}

}  // namespace

ParsedBaseline ParseBaseline(const std::string& text, const std::string& name) {
  ParsedBaseline parsed;
  parsed.baseline.file = name;
  Mistakes mistakes;
  if (const auto root = scenario::ParseToml(text, name, mistakes)) {
    Table table(*root, "baseline", mistakes);
    if (CheckFormat(table)) {
      table.ReadRequired("title", "title = \"...\"", &parsed.baseline.title);
      for (const Node* one : ItemsOf(table, "case")) {
        parsed.baseline.cases.push_back(ReadCase(*one, mistakes));
      }
      table.Close();
    }
  }
  parsed.diagnostics = mistakes.Sorted();
  if (!parsed.diagnostics.empty()) parsed.baseline.cases.clear();
  return parsed;
}

Baseline ReadBaseline(const std::filesystem::path& file) {
  Mistakes mistakes;
  const auto text = scenario::ReadText(file, mistakes);
  ParsedBaseline parsed;
  if (text) parsed = ParseBaseline(*text, file.string());
  if (!text) parsed.diagnostics = mistakes.Sorted();
  if (parsed.diagnostics.empty()) return std::move(parsed.baseline);
  std::string wrong;
  for (const scenario::Diagnostic& diagnostic : parsed.diagnostics) {
    wrong += (wrong.empty() ? "" : "\n") + ToString(diagnostic);
  }
  throw Error("reading the baseline", wrong + "\n" + kAgain);
}

}  // namespace finwait::compare
