// Topologies by name, by path, with parameters, or inline.
#include "scenario/find_topology.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

#include "scenario/decode_topology.h"
#include "scenario/suggestion.h"

namespace finwait::scenario {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> Candidates(const std::string& name,
                                 const std::string& file,
                                 const SearchPath& path) {
  std::string leaf = name.ends_with(".toml") ? name : name + ".toml";
  std::vector<fs::path> candidates = {fs::path(file).parent_path() / leaf};
  for (const fs::path& folder : path) candidates.push_back(folder / leaf);
  return candidates;
}

std::vector<std::string> NamesIn(const SearchPath& path) {
  std::vector<std::string> names;
  for (const fs::path& folder : path) {
    std::error_code ignored;  // a folder that is not there has no topologies
    for (const auto& entry : fs::directory_iterator(folder, ignored)) {
      if (entry.path().extension() == ".toml") {
        names.push_back(entry.path().stem());
      }
    }
  }
  return names;
}

Topology FindByName(const Node& node, const std::string& name,
                    const std::string& file, const SearchPath& path,
                    const Bindings& values, Mistakes& mistakes) {
  for (const fs::path& candidate : Candidates(name, file, path)) {
    if (!fs::is_regular_file(candidate)) continue;
    return ReadTopologyFile(candidate, values, mistakes);
  }
  std::vector<std::string> known = NamesIn(path);
  mistakes.Add(node.place, "there is no topology " + Quoted(name),
               known.empty()
                   ? "write the path of its file, relative to this one"
                   : Suggest(name, known));
  return {};
}

// The keys beside `use` are values for the topology's parameters.
Topology FindByTable(const Node& node, const Node& use, const std::string& file,
                     const SearchPath& path, Mistakes& mistakes) {
  std::string name;
  if (!Decode(use, mistakes, &name)) return {};
  Bindings values;
  for (const Node& child : node.children) {
    if (child.key != "use") values[child.key] = child;
  }
  return FindByName(use, name, file, path, values, mistakes);
}

// The defaults of the file, replaced by what the scenario gives.
Bindings BindingsOf(const Node& root, const std::string& name,
                    const Bindings& values, Mistakes& mistakes) {
  Bindings bindings;
  std::vector<std::string> known;
  if (const Node* parameters = root.Find("parameter")) {
    for (const Node& parameter : parameters->children) {
      bindings[parameter.key] = parameter;
      known.push_back(parameter.key);
    }
  }
  for (const auto& [key, value] : values) {
    if (bindings.contains(key)) {
      bindings[key] = value;
      continue;
    }
    mistakes.Add(
        value.key_place,
        "topology " + Quoted(name) + " has no parameter " + Quoted(key),
        known.empty() ? "leave it out" : Suggest(key, known));
  }
  return bindings;
}

}  // namespace

std::optional<std::string> ReadText(const fs::path& file, Mistakes& mistakes) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  if (in && in.peek() != std::ifstream::traits_type::eof()) text << in.rdbuf();
  if (in.is_open() && !in.bad() && !fs::is_directory(file)) return text.str();
  int error = fs::is_directory(file) ? EISDIR : errno;
  mistakes.Add({file.string()},
               std::string("cannot read it: ") + std::strerror(error),
               "name a file that you may read");
  return std::nullopt;
}

Topology ReadTopologyFile(const fs::path& file, const Bindings& values,
                          Mistakes& mistakes) {
  auto text = ReadText(file, mistakes);
  if (!text) return {};
  auto root = ParseToml(*text, file.string(), mistakes);
  if (!root) return {};
  std::string name = file.stem();
  std::set<std::string> used;
  Bindings bindings = BindingsOf(*root, name, values, mistakes);
  Node filled = Substitute(*root, bindings, &used, mistakes);
  return DecodeTopology(filled, name, mistakes);
}

Topology FindTopology(const Node& node, const std::string& file,
                      const SearchPath& path, Mistakes& mistakes) {
  if (node.is(Node::Kind::kString)) {
    return FindByName(node, node.text, file, path, {}, mistakes);
  }
  if (!node.is(Node::Kind::kTable)) {
    WrongType(node, mistakes,
              "write \"two-hosts\", { use = \"lan\" } or the "
              "topology itself");
    return {};
  }
  if (const Node* use = node.Find("use")) {
    return FindByTable(node, *use, file, path, mistakes);
  }
  return DecodeTopology(node, fs::path(file).stem(), mistakes);
}

}  // namespace finwait::scenario
