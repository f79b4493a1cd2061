// From files to cases.
#include "scenario/load.h"

#include "base/error.h"
#include "scenario/decode_scenario.h"
#include "scenario/find_topology.h"
#include "scenario/overrides.h"
#include "scenario/parameters.h"

namespace finwait::scenario {
namespace {

// The comment that the file begins with, without its number signs.
std::string FirstComment(const std::string& text) {
  std::string comment;
  for (std::size_t begin = 0; begin < text.size();) {
    std::size_t end = std::min(text.find('\n', begin), text.size());
    std::string line = text.substr(begin, end - begin);
    begin = end + 1;
    if (!line.starts_with('#')) break;
    std::size_t first = line.find_first_not_of("# ");
    if (first == std::string::npos) first = line.size();
    if (!comment.empty()) comment += '\n';
    comment += line.substr(first);
  }
  return comment;
}

// "{here}" is the folder of the file, for what lies beside it.
void BindHere(const std::string& file, Bindings* bindings) {
  Node here;
  here.kind = Node::Kind::kString;
  here.text = std::filesystem::absolute(file).parent_path();
  bindings->try_emplace("here", here);
}

std::vector<std::string> ParameterNames(const Node& root) {
  std::vector<std::string> names;
  if (const Node* parameters = root.Find("parameter")) {
    for (const Node& one : parameters->children) names.push_back(one.key);
  }
  return names;
}

std::vector<Scenario> DecodeCases(Node root, const std::string& name,
                                  const SearchPath& path,
                                  const Overrides& overrides,
                                  Mistakes& mistakes) {
  std::vector<Scenario> scenarios;
  const Overrides sysctls = OverrideParameters(overrides, &root, mistakes);
  std::set<std::string> used;
  for (Case& one : CasesOf(root, mistakes)) {
    BindHere(name, &one.bindings);
    Node filled = Substitute(root, one.bindings, &used, mistakes);
    Scenario scenario = DecodeScenario(filled, name, path, mistakes);
    scenario.case_name = one.name;
    OverrideSysctls(sysctls, ParameterNames(root), &scenario, mistakes);
    scenarios.push_back(std::move(scenario));
  }
  CheckAllUsed(root, used, mistakes);
  return scenarios;
}

Origin OriginOf(const std::filesystem::path& file, const SearchPath& path,
                const Overrides& overrides) {
  Origin origin{.file = std::filesystem::absolute(file),
                .topologies = {},
                .overrides = overrides};
  for (const auto& folder : path) {
    origin.topologies.push_back(std::filesystem::absolute(folder));
  }
  return origin;
}

}  // namespace

Loaded ParseScenario(const std::string& text, const std::string& name,
                     const SearchPath& path, const Overrides& overrides) {
  Loaded loaded;
  Mistakes mistakes;
  if (auto root = ParseToml(text, name, mistakes)) {
    loaded.cases =
        DecodeCases(std::move(*root), name, path, overrides, mistakes);
  }
  for (Scenario& scenario : loaded.cases) {
    scenario.description = FirstComment(text);
  }
  loaded.diagnostics = mistakes.Sorted();
  if (!loaded.diagnostics.empty()) loaded.cases.clear();
  return loaded;
}

Loaded LoadScenario(const std::filesystem::path& file, const SearchPath& path,
                    const Overrides& overrides) {
  Mistakes mistakes;
  auto text = ReadText(file, mistakes);
  if (!text) return {{}, mistakes.Sorted()};
  Loaded loaded = ParseScenario(*text, file.string(), path, overrides);
  const Origin origin = OriginOf(file, path, overrides);
  for (std::size_t n = 0; n < loaded.cases.size(); ++n) {
    loaded.cases[n].origin = origin;
    loaded.cases[n].origin.number = n;
  }
  return loaded;
}

Scenario LoadAgain(const Origin& origin) {
  Loaded loaded =
      LoadScenario(origin.file, origin.topologies, origin.overrides);
  const std::string doing = "loading " + origin.file.string() + " again";
  if (!loaded.diagnostics.empty()) {
    throw Error(doing, ToString(loaded.diagnostics.front()));
  }
  if (origin.number >= loaded.cases.size()) {
    throw Error(doing, "it has fewer cases than before");
  }
  return std::move(loaded.cases[origin.number]);
}

LoadedTopology LoadTopology(const std::filesystem::path& file) {
  Mistakes mistakes;
  LoadedTopology loaded;
  loaded.topology = ReadTopologyFile(file, {}, mistakes);
  loaded.diagnostics = mistakes.Sorted();
  return loaded;
}

SearchPath TopologiesFor(const std::filesystem::path& file) {
  SearchPath path;
  std::error_code error;
  auto folder =
      std::filesystem::absolute(file, error).lexically_normal().parent_path();
  while (true) {
    if (std::filesystem::is_directory(folder / "topologies", error)) {
      path.push_back(folder / "topologies");
    }
    if (folder == folder.root_path()) return path;
    folder = folder.parent_path();
  }
}

}  // namespace finwait::scenario
