#include "kernel/modules.h"

#include <libkmod.h>

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <sstream>
#include <utility>

#include "base/error.h"

namespace finwait::kernel {
namespace {

namespace fs = std::filesystem;

// "sch_netem" for ".../sch-netem.ko.xz".
std::string ModuleName(const fs::path& file) {
  std::string name = file.filename();
  name.resize(std::min(name.find('.'), name.size()));
  std::ranges::replace(name, '-', '_');
  return name;
}

std::map<std::string, fs::path> ModulesIn(const fs::path& folder) {
  std::map<std::string, fs::path> modules;
  std::error_code ignored;
  for (fs::recursive_directory_iterator file(folder, ignored);
       file != fs::recursive_directory_iterator(); file.increment(ignored)) {
    const std::string name = file->path().filename();
    if (name.find(".ko") == std::string::npos) continue;
    modules.emplace(ModuleName(name), file->path());
  }
  return modules;
}

std::vector<std::string> SplitAtCommas(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> parts;
  for (std::string part; std::getline(in, part, ',');) parts.push_back(part);
  return parts;
}

// Puts modules in order, depth first.
class LoadOrder {
 public:
  explicit LoadOrder(const fs::path& folder)
      : modules_(ModulesIn(folder)),
        context_(kmod_new(folder.c_str(), nullptr), kmod_unref) {
    if (!context_) throw Error("reading kernel modules", "no memory", ENOMEM);
  }

  void Add(const std::string& name) {
    auto module = modules_.find(ModuleName(name));
    if (module == modules_.end() || !seen_.insert(module->first).second) return;
    for (const std::string& other : DependenciesOf(module->second)) Add(other);
    order_.push_back(module->second);
  }

  std::vector<fs::path> Take() { return std::move(order_); }

 private:
  std::vector<std::string> DependenciesOf(const fs::path& file) const {
    kmod_module* opened = nullptr;
    int result =
        kmod_module_new_from_path(context_.get(), file.c_str(), &opened);
    std::unique_ptr<kmod_module, decltype(&kmod_module_unref)> module(
        opened, kmod_module_unref);
    kmod_list* entries = nullptr;
    if (result >= 0) result = kmod_module_get_info(opened, &entries);
    if (result < 0) ThrowErrno("reading module " + file.string(), -result);
    std::vector<std::string> names;
    kmod_list* entry = nullptr;
    kmod_list_foreach(entry, entries) {
      const std::string key = kmod_module_info_get_key(entry);
      if (key == "depends")
        names = SplitAtCommas(kmod_module_info_get_value(entry));
    }
    kmod_module_info_free_list(entries);
    return names;
  }

  std::map<std::string, fs::path> modules_;
  std::unique_ptr<kmod_ctx, decltype(&kmod_unref)> context_;
  std::set<std::string> seen_;
  std::vector<fs::path> order_;
};

}  // namespace

std::vector<fs::path> ModulesInLoadOrder(
    const fs::path& folder, const std::vector<std::string>& wanted) {
  LoadOrder order(folder);
  for (const std::string& name : wanted) order.Add(name);
  return order.Take();
}

}  // namespace finwait::kernel
