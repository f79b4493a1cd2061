// Reads "kernel < 6.1", "has FEATURE" and "lacks sysctl NAME".
#include "scenario/condition.h"

#include <algorithm>
#include <string_view>

#include "scenario/decode_topology.h"
#include "scenario/scalar.h"
#include "scenario/suggestion.h"

namespace finwait::scenario {
namespace {

constexpr char kExamples[] =
    "write \"kernel < 6.1\", \"lacks sysctl net.ipv4.NAME\" or \"has FEATURE\"";

// Takes `word` and the space after it off the text.
bool Skip(std::string_view word, std::string_view* text) {
  if (!text->starts_with(word) || text->size() <= word.size() ||
      (*text)[word.size()] != ' ') {
    return false;
  }
  text->remove_prefix(word.size() + 1);
  return true;
}

bool DecodeFeature(const Node& node, Mistakes& mistakes,
                   const std::string& name) {
  const auto& known = FeatureNames();
  if (std::find(known.begin(), known.end(), name) != known.end()) return true;
  mistakes.Add(node.place, "unknown feature " + Quoted(name),
               Suggest(name, known));
  return false;
}

}  // namespace

bool Decode(const Node& node, Mistakes& mistakes, Condition* out) {
  if (!Decode(node, mistakes, &out->text)) return false;
  std::string_view text = out->text;
  if (Skip("kernel", &text)) {
    out->kernel = text;
    return IsKernelRange(text) ||
           WrongText(node, mistakes, "which is no range of versions",
                     kExamples);
  }
  out->lacks = Skip("lacks", &text);
  if (!out->lacks && !Skip("has", &text)) {
    return WrongText(node, mistakes, "which is no condition", kExamples);
  }
  if (!Skip("sysctl", &text)) {
    out->feature = text;
    return DecodeFeature(node, mistakes, out->feature);
  }
  out->sysctl = text;
  return (IsSysctlName(text) && text.starts_with("net.")) ||
         WrongText(node, mistakes, "which names no sysctl of a network",
                   kExamples);
}

bool IsKernelRange(std::string_view text) {
  for (std::string_view comparison : {">= ", "<= ", "> ", "< "}) {
    if (!text.starts_with(comparison)) continue;
    std::string_view version = text.substr(comparison.size());
    return !version.empty() && version.front() != '.' &&
           version.back() != '.' &&
           version.find('.') != std::string_view::npos &&
           version.find_first_not_of("0123456789.") == std::string_view::npos;
  }
  return false;
}

const std::vector<std::string>& FeatureNames() {
  static const std::vector<std::string> names = {
      "namespaces", "inet_diag", "capture",   "sockops",   "timer tracepoints",
      "ipv6",       "bridge",    "sch_netem", "nf_tables", "private_run"};
  return names;
}

}  // namespace finwait::scenario
