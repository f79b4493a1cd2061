// The finwait command: reads its arguments and calls one of its commands.
#include <sys/resource.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <exception>
#include <filesystem>
#include <iostream>

#include "commands.h"
#include "compare.h"
#include "kernel/guest.h"
#include "kernels.h"
#include "sweep.h"

namespace {

using finwait::tools::ExitStatus;

constexpr char kAbout[] =
    R"(finwait: what TCP did, for how long, and who is to blame.

Reads scenarios (TOML files that declare a network, programs or socket calls,
and what TCP should do), plays them in network namespaces of their own, and
judges the timeline of every connection against the kernel's own arithmetic.

  finwait run tests/scenarios/fin_wait2/orphan.toml    play and judge
  finwait check my.toml                                only read, no privilege
  finwait show topologies/three-hops.toml              draw a network
  finwait watch --port 443                             what happens on this host
  finwait probe                                        what can be done here)";

constexpr char kExitStatus[] =
    R"(Exit status: 0 all passed; 1 something failed; 2 a file or the usage is
wrong; 3 broken (finwait or the machine failed, nothing is known); 77 only
unsupported on this kernel or for this user (see finwait probe).)";

// A thousand hosts are a few thousand descriptors. The first process of a
// kernel may raise the hard limit, which is 4096 there, to that of
// distributions.
void RaiseFileLimit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  if (getpid() == 1) limit.rlim_max = std::max<rlim_t>(limit.rlim_max, 1 << 20);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

// In a build tree, scenarios find the programs that were built with finwait.
void AddOwnProgramsToPath() {
  std::error_code error;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  const auto programs = self.parent_path().parent_path() / "tests/programs";
  if (error || !std::filesystem::is_directory(programs, error)) return;
  const char* path = std::getenv("PATH");
  const std::string rest = path == nullptr ? "/usr/bin:/bin" : path;
  setenv("PATH", (programs.string() + ":" + rest).c_str(), 1);
}

void AddCheck(CLI::App& app, finwait::tools::CheckArguments& arguments) {
  CLI::App* check = app.add_subcommand(
      "check", "Read files and report every mistake in them; no privilege");
  check->add_option("file", arguments.files, "Scenario or topology files")
      ->required();
  check->add_option("--topologies", arguments.topologies,
                    "Folder to search for topologies");
}

void AddShow(CLI::App& app, finwait::tools::ShowArguments& arguments) {
  CLI::App* show =
      app.add_subcommand("show", "Draw the network of a scenario or topology");
  show->add_option("file", arguments.file, "Scenario or topology file")
      ->required();
  show->add_option("--topologies", arguments.topologies,
                   "Folder to search for topologies");
}

constexpr char kAboutWatch[] =
    R"(Print what happens to this host's TCP connections, as it happens

At first a table of what is there, then a line for each change of state with
its cause, who has the socket, and when the kernel will end it; at the end a
summary, and who keeps what from closing. Orphans and minisocks, which belong
to no process, are told with the process that left them. Nothing on the host
is changed. Options of one kind add up, those of several kinds narrow down.

  finwait watch --for 0s                     what is there now, and why
  finwait watch --state FIN_WAIT2            only what enters or leaves a state
  finwait watch --process nginx --port 443   one program's connections
  finwait watch --existing                   until those of now are gone)";

void AddWatch(CLI::App& app, finwait::tools::WatchArguments& arguments) {
  CLI::App* watch = app.add_subcommand("watch", kAboutWatch);
  watch->add_option("--port", arguments.ports, "Local or remote port")
      ->check(CLI::Range(1, 65535));
  watch->add_option("--process", arguments.processes,
                    "Pid, or name as in /proc/PID/comm; also after it has "
                    "closed the socket");
  watch->add_option("--state", arguments.states, "As in FIN_WAIT2");
  CLI::Option* existing = watch->add_flag(
      "--existing", arguments.only_existing,
      "Only connections that are there now; ends when none is left");
  watch->add_flag("--new", arguments.only_new, "Only connections to come")
      ->excludes(existing);
  watch->add_option("--namespace", arguments.network_namespace,
                    "Another network namespace: a pid, a file such as "
                    "/proc/1/ns/net, or a name of ip-netns(8)");
  watch->add_option("--for", arguments.length,
                    "End after so long (90s, 5min); else Ctrl-C does");
  watch->add_option("--color", arguments.color, "auto, always or never")
      ->check(CLI::IsMember({"auto", "always", "never"}));
}

int Main(int argc, char** argv) {
  CLI::App app(kAbout);
  app.name("finwait");
  app.footer(kExitStatus);
  app.require_subcommand(1);
  app.set_version_flag("--version", "finwait " FINWAIT_VERSION);
  finwait::tools::RunArguments run;
  finwait::tools::CheckArguments check;
  finwait::tools::ShowArguments show;
  AddRunOptions(
      *app.add_subcommand("run", "Play scenarios and judge what TCP did"), run);
  finwait::tools::ExecArguments exec;
  AddExecOptions(*app.add_subcommand(
                     "exec", "Run a command on another kernel, as root there"),
                 exec);
  finwait::tools::KernelArguments kernel;
  AddKernelOptions(
      *app.add_subcommand("kernel", "Fetch, build, list and remove kernels"),
      kernel);
  finwait::tools::BisectArguments bisect;
  AddBisectOptions(*app.add_subcommand("bisect-run"), bisect);
  finwait::tools::SweepArguments sweep;
  AddSweepOptions(*app.add_subcommand("sweep",
                                      "Play a scenario over a range of values; "
                                      "write a table and a picture"),
                  sweep);
  finwait::tools::CompareArguments compare;
  AddCompareOptions(
      *app.add_subcommand("compare", "Say what two kernels do differently"),
      compare);
  finwait::tools::RecordArguments record;
  AddRecordOptions(*app.add_subcommand("record",
                                       "Write down what a kernel does now, for "
                                       "finwait run --baseline"),
                   record);
  AddCheck(app, check);
  app.add_subcommand("probe",
                     "Print what this kernel and this user can do, by trying");
  AddShow(app, show);
  finwait::tools::WatchArguments watch;
  AddWatch(app, watch);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const bool asked_for = error.get_exit_code() == 0;  // --help, --version
    app.exit(error);
    if (asked_for) return 0;
    return app.got_subcommand("bisect-run")
               ? static_cast<int>(finwait::tools::Bisection::kStop)
               : static_cast<int>(ExitStatus::kUsage);
  }
  RaiseFileLimit();
  AddOwnProgramsToPath();
  if (app.got_subcommand("run")) return finwait::tools::Run(run);
  if (app.got_subcommand("exec")) return finwait::tools::Exec(exec);
  if (app.got_subcommand("kernel")) return finwait::tools::Kernel(kernel);
  if (app.got_subcommand("bisect-run")) return BisectRun(bisect);
  if (app.got_subcommand("sweep")) return finwait::tools::Sweep(sweep);
  if (app.got_subcommand("compare")) return finwait::tools::Compare(compare);
  if (app.got_subcommand("record")) return finwait::tools::Record(record);
  if (app.got_subcommand("check")) return finwait::tools::Check(check);
  if (app.got_subcommand("show")) return finwait::tools::Show(show);
  if (app.got_subcommand("watch")) return finwait::tools::Watch(watch);
  return finwait::tools::Probe();
}

}  // namespace

int main(int argc, char** argv) {
  // The first process of a guest.
  if (getpid() == 1 && argc >= 3 && std::string_view(argv[1]) == "guest") {
    RaiseFileLimit();
    finwait::kernel::ServeAsGuest(argv[2], argc > 3 ? argv[3] : "");
  }
  try {
    return Main(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "finwait: " << error.what() << "\n";
    return static_cast<int>(ExitStatus::kBroken);
  }
}
