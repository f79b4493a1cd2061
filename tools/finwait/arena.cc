#include "arena.h"

#include <CLI/CLI.hpp>
#include <map>

#include "base/error.h"
#include "lab/probe.h"
#include "netns/user_namespace.h"

namespace finwait::tools {
namespace {

using kernel::Kernel;
using Cases = std::vector<scenario::Scenario>;

std::vector<std::size_t> AllOf(const Cases& cases) {
  std::vector<std::size_t> numbers(cases.size());
  for (std::size_t n = 0; n < numbers.size(); ++n) numbers[n] = n;
  return numbers;
}

// Where "auto" goes when the host will not do: user-mode Linux starts in no
// time, anything else is better than nothing.
std::optional<Kernel> Refuge() {
  std::optional<Kernel> refuge;
  std::vector<Kernel> kernels;
  try {
    kernels = kernel::Cache().List();
  } catch (const Error&) {
    return refuge;  // a cache that cannot be had has no kernel
  }
  for (const Kernel& kernel : kernels) {
    const bool better =
        !refuge || (refuge->flavour != kernel.flavour &&
                    kernel.flavour == kernel::Flavour::kUserMode);
    if (better) refuge = kernel;
  }
  return refuge;
}

// What keeps the host from playing things; asks each question once.
class HostAnswers {
 public:
  HostAnswers() {
    try {
      netns::EnsurePrivilege();
    } catch (const Unsupported& unsupported) {
      nothing_ = unsupported.lacking();
    }
  }

  // What is lacking for the case; empty if nothing is.
  std::string Lacking(const scenario::Scenario& one) {
    if (!nothing_.empty()) return nothing_;
    scenario::Scenario part;
    for (const std::string& feature : one.requirements.features) {
      part.requirements = {.features = {feature}, .programs = {}, .kernel = {}};
      std::string lacking = Ask(feature, part);
      if (!lacking.empty()) return lacking;
    }
    part.requirements = one.requirements;
    part.requirements.features.clear();
    return Try(part);
  }

 private:
  const std::string& Ask(const std::string& feature,
                         const scenario::Scenario& part) {
    auto known = answers_.find(feature);
    if (known == answers_.end()) {
      known = answers_.emplace(feature, Try(part)).first;
    }
    return known->second;
  }

  static std::string Try(const scenario::Scenario& part) {
    try {
      lab::RequireFeatures(part);
      return {};
    } catch (const Unsupported& unsupported) {
      return unsupported.lacking();
    }
  }

  std::string nothing_;
  std::map<std::string, std::string> answers_;
};

// The host and, for what it cannot do, the refuge.
std::vector<Arena> Divide(const Cases& cases) {
  HostAnswers host;
  Arena here;
  Arena there{.name = {}, .kernel = {}, .numbers = {}, .reason = {}};
  for (std::size_t n = 0; n < cases.size(); ++n) {
    const std::string lacking = host.Lacking(cases[n]);
    (lacking.empty() ? here : there).numbers.push_back(n);
    const bool told = there.reason.find(lacking) != std::string::npos;
    if (!told) there.reason += (there.reason.empty() ? "" : ", ") + lacking;
  }
  if (there.numbers.empty()) return {here};
  there.kernel = Refuge();
  if (!there.kernel) {
    here.numbers = AllOf(cases);
    return {here};
  }
  there.name = there.kernel->name;
  if (here.numbers.empty()) return {there};
  return {here, there};
}

}  // namespace

void AddKernelOption(CLI::App& command, std::vector<std::string>& names) {
  command
      .add_option("--kernel", names,
                  "Kernel to play on (several: one after another): a name from "
                  "`finwait kernel list`, \"host\", or \"auto\", the default: "
                  "the host, and a virtual kernel for what it cannot do")
      ->type_name("NAME")
      ->allow_extra_args(false);  // the next word is a file
}

std::vector<Arena> ArenasFor(const std::vector<std::string>& names,
                             const Cases& cases) {
  std::vector<Arena> arenas;
  for (const std::string& name :
       names.empty() ? std::vector<std::string>{kAuto} : names) {
    if (name == kAuto) {
      const auto divided = Divide(cases);
      arenas.insert(arenas.end(), divided.begin(), divided.end());
      continue;
    }
    Arena arena{.name = name, .kernel = {}, .numbers = AllOf(cases)};
    if (name == kHost) {
      netns::EnsurePrivilege();
    } else {
      arena.kernel = kernel::Cache().Find(name);
    }
    arenas.push_back(arena);
  }
  return arenas;
}

std::optional<kernel::Pace> PlayIn(
    const Arena& arena, const Cases& cases, const lab::BatchOptions& batch,
    const std::function<void(const std::string&)>& on_notice) {
  if (!arena.reason.empty()) {
    on_notice("On " + arena.name + ": this host lacks " + arena.reason + ".");
  }
  if (!arena.kernel) {
    netns::EnsurePrivilege();
    lab::PlayBatch(cases, batch);
    return std::nullopt;
  }
  kernel::GuestOptions options;
  options.on_notice = on_notice;
  options.clock = arena.clock;
  return kernel::PlayBatch(*arena.kernel, kernel::Cache(), cases, batch,
                           options);
}

std::string PaceLine(const Arena& arena, const kernel::Pace& pace) {
  const auto rounded = [](Duration duration) {
    return Format(std::chrono::round<std::chrono::milliseconds>(duration));
  };
  std::string line = arena.name + ": " + rounded(pace.kernel_time) +
                     " of kernel time in " + rounded(pace.wall_time);
  const auto factor = pace.kernel_time / std::max(pace.wall_time, Duration(1));
  if (factor >= 2) line += ", " + std::to_string(factor) + " times as fast";
  return line;
}

}  // namespace finwait::tools
