// Replaces parameters in the file's tree, and sysctls in the decoded case.
#include "scenario/overrides.h"

#include <algorithm>
#include <set>

#include "scenario/decode_topology.h"
#include "scenario/suggestion.h"
#include "tcp/formula.h"

namespace finwait::scenario {
namespace {

using Override = Overrides::value_type;

// The value as `sample` is written, if it can be read as one of its kind.
std::optional<Node> AsWritten(const std::string& text, const Node& sample) {
  Node value = sample;
  value.text = text;
  if (sample.is(Node::Kind::kString)) return value;
  Mistakes ignored;
  auto parsed = ParseToml("value = " + text, "", ignored);
  const Node* found = parsed ? parsed->Find("value") : nullptr;
  if (found == nullptr || found->kind != sample.kind) return std::nullopt;
  value.text = found->text;
  value.integer = found->integer;
  return value;
}

// The one value takes the place of the list; it is of a kind that stands there.
void ReplaceValues(const Override& given, Node* parameter, Mistakes& mistakes) {
  for (const Node& sample : parameter->children) {
    if (auto value = AsWritten(given.second, sample)) {
      parameter->children = {*value};
      return;
    }
  }
  if (parameter->children.empty()) return;  // a mistake of the file
  const Node& sample = parameter->children.front();
  mistakes.Add({parameter->place.file},
               "'" + ToString(given) + "' does not suit the parameter",
               "its values are such as " + sample.text + ", " +
                   std::string(Name(sample.kind)));
}

// An exclude of values that are no longer there is no mistake of the file.
void DropPointlessExcludes(const Node& parameter, Node* root) {
  auto pointless = [&](const Node& exclude) {
    const Node* value = exclude.Find(parameter.key);
    return value != nullptr && value->text != parameter.children.front().text;
  };
  for (Node& child : root->children) {
    if (child.key == "exclude") std::erase_if(child.children, pointless);
  }
}

bool IsColumn(const Node& root, const std::string& name) {
  const Node* rows = root.Find("case");
  if (rows == nullptr) return false;
  return std::any_of(
      rows->children.begin(), rows->children.end(),
      [&](const Node& row) { return row.Find(name) != nullptr; });
}

Node* FindParameter(const std::string& name, Node* root) {
  for (Node& child : root->children) {
    if (child.key != "parameter") continue;
    for (Node& parameter : child.children) {
      if (parameter.key == name) return &parameter;
    }
  }
  return nullptr;
}

// --- sysctls -----------------------------------------------------------------

std::set<std::string> SysctlsSet(const Scenario& scenario) {
  std::set<std::string> names;
  for (const Host& host : scenario.topology.hosts) {
    for (const Sysctl& sysctl : host.sysctls) names.insert(sysctl.name);
  }
  return names;
}

std::string LastPart(const std::string& name) {
  return name.substr(name.rfind('.') + 1);
}

// One override, resolved in one case.
class SysctlOverride {
 public:
  SysctlOverride(const Override& given,
                 const std::vector<std::string>& parameters, Scenario* scenario,
                 Mistakes& mistakes)
      : given_(given),
        parameters_(parameters),
        scenario_(scenario),
        mistakes_(mistakes),
        name_(given.first) {}

  void Apply() {
    if (const auto colon = name_.find(':'); colon != std::string::npos) {
      host_ = name_.substr(0, colon);
      name_.erase(0, colon + 1);
    }
    if (!CheckHost() || !Resolve() || !CheckSteps()) return;
    bool set_somewhere = false;
    for (const Host& host : scenario_->topology.hosts) {
      set_somewhere = set_somewhere || Sets(host);
    }
    for (Host& host : scenario_->topology.hosts) {
      const bool meant =
          host_.empty()
              ? (set_somewhere ? Sets(host) : host.kind != HostKind::kBridge)
              : host.name == host_;
      if (meant) ReplaceSysctls({{name_, given_.second, {}}}, &host);
    }
  }

 private:
  void Add(const std::string& wrong, const std::string& right) {
    mistakes_.Add({scenario_->file}, "'" + ToString(given_) + "': " + wrong,
                  right);
  }

  bool Sets(const Host& host) const {
    return std::any_of(host.sysctls.begin(), host.sysctls.end(),
                       [&](const Sysctl& s) { return s.name == name_; });
  }

  bool CheckHost() {
    if (host_.empty() || scenario_->topology.FindHost(host_) != nullptr) {
      return true;
    }
    Add("unknown host " + Quoted(host_),
        Suggest(host_, HostNames(scenario_->topology)));
    return false;
  }

  // Makes a full name of `name_`: of what the file sets, or of what formulas
  // depend on.
  bool Resolve() {
    if (name_.starts_with("net.") && IsSysctlName(name_)) return true;
    const auto& formulas = tcp::FormulaSysctls();
    const std::set<std::string> own = SysctlsSet(*scenario_);
    for (const auto& known :
         {own, std::set<std::string>(formulas.begin(), formulas.end())}) {
      std::vector<std::string> found;
      std::copy_if(known.begin(), known.end(), std::back_inserter(found),
                   [&](const auto& full) { return LastPart(full) == name_; });
      if (found.size() > 1) {
        Add("there are several of this name",
            "write " + JoinAlternatives(found));
        return false;
      }
      if (found.empty()) continue;
      name_ = found.front();
      return true;
    }
    Unknown(own);
    return false;
  }

  void Unknown(const std::set<std::string>& own) {
    std::vector<std::string> of_file = parameters_;
    for (const std::string& full : own) of_file.push_back(LastPart(full));
    std::vector<std::string> all = of_file;
    for (const std::string& full : tcp::FormulaSysctls()) {
      all.push_back(LastPart(full));
    }
    Add("neither a parameter nor a sysctl of the file is called so",
        SuggestNear(name_, all)
            .value_or(of_file.empty() ? "write a sysctl in full, net.ipv4.NAME"
                                      : "write " + JoinAlternatives(of_file) +
                                            ", or a sysctl in full"));
  }

  // What a step writes is part of the story.
  bool CheckSteps() {
    for (const Step& step : scenario_->steps) {
      const auto* write = std::get_if<WriteSysctl>(&step.action);
      if (write == nullptr) continue;
      if (!host_.empty() && step.host != host_) continue;
      for (const SysctlValue& value : write->values) {
        if (value.name != name_) continue;
        mistakes_.Add(step.place,
                      "this step would undo '" + ToString(given_) + "'",
                      "make its value a [parameter], and give that");
        return false;
      }
    }
    return true;
  }

  const Override& given_;
  const std::vector<std::string>& parameters_;
  Scenario* scenario_;
  Mistakes& mistakes_;
  std::string host_;  // empty: any
  std::string name_;
};

}  // namespace

Overrides OverrideParameters(const Overrides& overrides, Node* root,
                             Mistakes& mistakes) {
  Overrides others;
  for (const Override& given : overrides) {
    if (Node* parameter = FindParameter(given.first, root)) {
      ReplaceValues(given, parameter, mistakes);
      if (!parameter->children.empty()) {
        DropPointlessExcludes(*parameter, root);
      }
    } else if (IsColumn(*root, given.first)) {
      mistakes.Add({root->place.file},
                   "'" + ToString(given) + "' names a column of [[case]]",
                   "the values of a row belong together: choose a row by its "
                   "name, or give a [parameter] or a sysctl");
    } else {
      others.push_back(given);
    }
  }
  return others;
}

void OverrideSysctls(const Overrides& sysctls,
                     const std::vector<std::string>& parameters,
                     Scenario* scenario, Mistakes& mistakes) {
  for (const Override& given : sysctls) {
    SysctlOverride(given, parameters, scenario, mistakes).Apply();
    std::string* name = &scenario->case_name;
    *name += (name->empty() ? "" : ", ") + ToString(given);
  }
}

std::string ToString(const Override& one) {
  return one.first + "=" + one.second;
}

}  // namespace finwait::scenario
