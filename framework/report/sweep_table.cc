// Cuts results into rows, and writes rows.
#include "report/sweep_table.h"

#include <algorithm>
#include <iomanip>
#include <map>
#include <sstream>

#include "judge/duration.h"

namespace finwait::report {
namespace {

using scenario::StateExpectation;
using tcp::TcpState;

const StateExpectation* FindExpectation(const scenario::Scenario& scenario,
                                        const SweepRow& row) {
  for (const auto& endpoint : scenario.endpoints) {
    if (endpoint.host != row.host || endpoint.connection != row.connection) {
      continue;
    }
    for (const StateExpectation& state : endpoint.states) {
      if (state.state == row.state && state.occurrence == row.occurrence &&
          state.lasts) {
        return &state;
      }
    }
  }
  return nullptr;
}

void AddBounds(const judge::Result& result,
               const tcp::EndpointTimeline& endpoint, SweepRow* row) {
  const auto here = result.scenario.Where(result.environment.differences);
  const StateExpectation* expected = FindExpectation(here, *row);
  if (expected == nullptr ||
      expected->lasts->kind == scenario::Lasts::Kind::kToTheEnd) {
    return;
  }
  const auto allowed =
      judge::AllowedLength(*expected->lasts, endpoint, result.environment);
  row->shortest = allowed.lower;
  row->longest = allowed.upper;
}

void AddStay(const judge::Stay& stay, const judge::Result& result,
             const tcp::EndpointTimeline& endpoint, SweepRow* row) {
  row->state = stay.state;
  row->length = judge::LengthOf(stay, result.timeline);
  const auto looks = judge::SamplesIn(stay, endpoint);
  if (!looks.empty()) row->orphan = looks.back()->facts->inode == 0;
  if (stay.exit != nullptr) {
    row->ended_by = stay.exit->cause;
    row->next = stay.exit->to;
  }
  AddBounds(result, endpoint, row);
}

// RFC 4180 section 2: quotes around what holds a separator, and doubled
// inside.
std::string Field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + "\"";
}

std::string Seconds(std::optional<Duration> length) {
  if (!length) return "";
  std::ostringstream out;
  out << std::fixed << std::setprecision(6)
      << std::chrono::duration<double>(*length).count();
  return out.str();
}

std::string Line(const std::vector<std::string>& fields) {
  std::string line;
  for (const std::string& field : fields) {
    line += (line.empty() ? "" : ",") + Field(field);
  }
  return line + "\r\n";
}

std::string Header(const SweepRow& row) {
  std::vector<std::string> fields = {"kernel", "release", "hz"};
  for (const auto& [name, value] : row.values) fields.push_back(name);
  for (const char* name :
       {"case", "host", "connection", "state", "occurrence", "seconds",
        "seconds_min", "seconds_max", "allowed_min", "allowed_max", "orphan",
        "ended_by", "next", "verdict", "reason"}) {
    fields.emplace_back(name);
  }
  return Line(fields);
}

std::vector<std::string> StayFields(const SweepRow& row) {
  if (row.host.empty()) return std::vector<std::string>(12);
  const auto& length = row.length;
  return {row.host,
          row.connection,
          std::string(Name(row.state)),
          std::to_string(row.occurrence),
          Seconds(length.best),
          Seconds(length.low),
          length.open ? "" : Seconds(length.high),
          Seconds(row.shortest),
          Seconds(row.longest),
          row.orphan ? (*row.orphan ? "true" : "false") : "",
          row.ended_by,
          row.next ? std::string(Name(*row.next)) : ""};
}

std::string RowLine(const SweepRow& row) {
  std::vector<std::string> fields = {row.kernel.empty() ? "host" : row.kernel,
                                     row.release,
                                     row.hz == 0 ? "" : std::to_string(row.hz)};
  for (const auto& [name, value] : row.values) fields.push_back(value);
  fields.push_back(row.case_name);
  for (std::string& field : StayFields(row)) fields.push_back(std::move(field));
  fields.emplace_back(Name(row.verdict));
  fields.push_back(row.reason);
  return Line(fields);
}

}  // namespace

std::vector<SweepRow> SweepRows(const judge::Result& result,
                                const std::string& kernel,
                                const scenario::Overrides& values) {
  SweepRow about_case{.kernel = kernel,
                      .release = result.environment.kernel,
                      .hz = result.environment.hz,
                      .values = values,
                      .case_name = result.scenario.case_name,
                      .verdict = result.verdict,
                      .reason = result.reason};
  std::vector<SweepRow> rows;
  for (const auto& endpoint : result.timeline.endpoints) {
    std::map<TcpState, int> occurrences;
    for (const judge::Stay& stay : judge::StaysOf(endpoint)) {
      if (stay.state == TcpState::kClosed) continue;
      SweepRow row = about_case;
      row.host = endpoint.host;
      row.connection = endpoint.connection;
      row.occurrence = ++occurrences[stay.state];
      AddStay(stay, result, endpoint, &row);
      rows.push_back(std::move(row));
    }
  }
  if (rows.empty()) rows.push_back(about_case);
  return rows;
}

std::string SweepCsv(const std::vector<SweepRow>& rows) {
  if (rows.empty()) return "";
  std::string csv = Header(rows.front());
  for (const SweepRow& row : rows) csv += RowLine(row);
  return csv;
}

}  // namespace finwait::report
