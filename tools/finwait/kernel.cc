// finwait kernel add, build, list and remove.
#include <CLI/CLI.hpp>
#include <iomanip>
#include <iostream>

#include "commands.h"
#include "kernel/apt.h"
#include "kernel/build.h"
#include "kernel/cache.h"
#include "kernel/disk_space.h"
#include "kernel/image.h"
#include "kernel/packages.h"
#include "kernels.h"
#include "telling.h"

namespace finwait::tools {
namespace {

void PrintStored(const kernel::Kernel& stored) {
  std::cout << stored.name << ": Linux " << stored.release << ", "
            << Name(stored.flavour) << "; finwait run --kernel " << stored.name
            << " FILE\n";
}

kernel::PackageSource PackageSourceOf(const KernelArguments& arguments,
                                      const std::string& suite) {
  return {.suite = suite,
          .package = arguments.package,
          .mirror = arguments.mirror,
          .name = arguments.name};
}

kernel::Kernel AddKernel(kernel::Cache& cache, const KernelArguments& arguments,
                         const kernel::Telling& telling) {
  const auto suite = kernel::SuiteOf(arguments.source);
  if (suite) {
    return AddPackage(cache, PackageSourceOf(arguments, *suite), telling);
  }
  return AddImage(cache,
                  {.path = arguments.source,
                   .modules = arguments.modules,
                   .name = arguments.name},
                  telling);
}

kernel::Kernel BuildKernel(kernel::Cache& cache,
                           const KernelArguments& arguments,
                           const kernel::Telling& telling) {
  const kernel::BuildOptions options{.name = arguments.name,
                                     .jobs = arguments.jobs};
  const auto suite = kernel::SuiteOf(arguments.source);
  if (!suite) return BuildTree(cache, arguments.source, options, telling);
  return BuildPackage(cache, PackageSourceOf(arguments, *suite), options,
                      arguments.keep, telling);
}

void ListKernels(const kernel::Cache& cache) {
  const auto kernels = cache.List();
  if (kernels.empty()) {
    std::cout << "no kernels in " << cache.folder().string()
              << "; finwait kernel add debian:bookworm fetches one, finwait "
                 "kernel build TREE makes one\n";
  }
  for (const auto& kernel : kernels) {
    std::cout << std::left << std::setw(20) << kernel.name << " "
              << std::setw(9) << Name(kernel.flavour) << " " << std::setw(26)
              << kernel.release << " " << std::right << std::setw(9)
              << kernel::SizeText(
                     kernel::SizeOf(cache.folder() / "kernels" / kernel.name))
              << "  " << kernel.origin << "\n";
  }
}

}  // namespace

void AddKernelOptions(CLI::App& app, KernelArguments& arguments) {
  app.require_subcommand(1);
  const auto add_verb = [&](const char* verb, const char* about) {
    CLI::App* command = app.add_subcommand(verb, about);
    command->callback([&arguments, verb] { arguments.verb = verb; });
    return command;
  };
  const auto add_source = [&](CLI::App* command, const char* about) {
    command->add_option("source", arguments.source, about)->required();
    command->add_option("--name", arguments.name,
                        "What --kernel is to call it, instead of what it is");
    command
        ->add_option("--package", arguments.package,
                     "Another package of the suite than the newest")
        ->type_name("PACKAGE");
    command
        ->add_option("--mirror", arguments.mirror,
                     "A Debian archive, instead of the one apt has")
        ->type_name("URL");
  };
  CLI::App* add = add_verb(
      "add", "Fetch a kernel as a distribution ships it, or copy a built one");
  add_source(add,
             "debian:SUITE (bullseye, bookworm, trixie, sid, "
             "trixie-backports, ...), a vmlinuz, bzImage or user-mode linux, "
             "or the folder a kernel was built in");
  add->add_option("--modules", arguments.modules,
                  "lib/modules/RELEASE of a vmlinuz")
      ->check(CLI::ExistingDirectory);
  CLI::App* build =
      add_verb("build", "Build user-mode Linux, with time travel, from source");
  add_source(build, "A kernel tree, or debian:SUITE for its newest source");
  build
      ->add_option("-j,--jobs", arguments.jobs,
                   "Compilers at a time (default: one per CPU)")
      ->check(CLI::Range(1, 1000));
  build->add_flag("--keep", arguments.keep,
                  "Keep what was unpacked and built of debian:SUITE");
  add_verb("list", "Name, flavour, release, size and origin of each");
  CLI::App* remove = add_verb("remove", "Remove kernels");
  remove->add_option("name", arguments.names, "As finwait kernel list has it")
      ->required();
}

int Kernel(const KernelArguments& arguments) {
  kernel::Cache cache;
  const Teller teller;
  if (arguments.verb == "list") {
    ListKernels(cache);
  } else if (arguments.verb == "remove") {
    for (const std::string& name : arguments.names) cache.Remove(name);
  } else if (arguments.verb == "add") {
    PrintStored(AddKernel(cache, arguments, teller.telling()));
  } else {
    PrintStored(BuildKernel(cache, arguments, teller.telling()));
  }
  return static_cast<int>(ExitStatus::kPass);
}

}  // namespace finwait::tools
