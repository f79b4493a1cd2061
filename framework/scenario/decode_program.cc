// Programs of a host: run, signal, kill, restart, write; and its sysctls.
#include <csignal>
#include <cstring>
#include <filesystem>

#include "scenario/decode_step.h"
#include "scenario/decode_topology.h"
#include "scenario/quantity.h"
#include "scenario/suggestion.h"

namespace finwait::scenario {
namespace {

Readiness DecodeReadiness(const Node& node, Mistakes& mistakes) {
  Readiness ready;
  Table table(node, "readiness", mistakes);
  table.OneOf({"listens", "prints", "writes_descriptor"});
  table.Read("listens", &ready.listens);
  table.Read("prints", &ready.prints);
  table.Read("writes_descriptor", &ready.writes_descriptor);
  table.Read("within", &ready.within);
  table.Close();
  return ready;
}

Action DecodeRun(const std::string& host, Table& table, Scene& scene) {
  StartProgram start;
  const Node& run = *table.Find("run");
  bool good = table.Read("run", &start.command);
  if (good && start.command.empty()) {
    scene.mistakes().Add(run.place, "'run' is empty",
                         "write run = [\"PROGRAM\", \"ARGUMENT\"]");
  }
  if (!start.command.empty()) {
    start.as = std::filesystem::path(start.command.front()).filename();
  }
  table.Read("as", &start.as);
  table.Read("environment", &start.environment);
  table.Read("input", &start.standard_input);
  table.Read("keep_input_open", &start.keep_input_open);
  if (const Node* ready = table.Find("ready")) {
    start.ready = DecodeReadiness(*ready, scene.mistakes());
  }
  scene.MakeProgram(host, start.as, run.place);
  return start;
}

// Reads the name of a program of `host`.
std::string ReadProgram(const std::string& host, std::string_view key,
                        Table& table, const Scene& scene) {
  std::string name;
  if (table.ReadRequired(key, std::string(key) + " = \"PROGRAM\"", &name)) {
    scene.CheckProgram(host, name, table.Find(key)->place);
  }
  return name;
}

Action DecodeSignalStep(const std::string& host, Table& table, Scene& scene) {
  SignalProgram signal;
  DecodeSignal(*table.Find("signal"), scene.mistakes(), &signal.signal);
  signal.name = ReadProgram(host, "to", table, scene);
  return signal;
}

// kill = true is the process that makes the host's calls, kill = "web" a
// program.
Action DecodeKill(const std::string& host, Table& table, Scene& scene) {
  const Node& kill = *table.Find("kill");
  if (kill.is(Node::Kind::kString)) {
    return SignalProgram{ReadProgram(host, "kill", table, scene), SIGKILL};
  }
  if (!kill.is(Node::Kind::kBoolean) || kill.integer == 0) {
    WrongType(kill, scene.mistakes(),
              "write true for the process that makes this host's calls, or "
              "the name of a program");
  }
  scene.CloseAll(host);
  return KillActor{};
}

Action DecodeExit(const std::string& host, Table& table, Scene& scene) {
  const Node& exit = *table.Find("exit");
  if (!exit.is(Node::Kind::kBoolean) || exit.integer == 0) {
    WrongType(exit, scene.mistakes(),
              "write true: the process that makes this host's calls exits");
  }
  scene.CloseAll(host);
  return ExitActor{};
}

Action DecodeRestart(const std::string& host, Table& table, Scene& scene) {
  return RestartProgram{ReadProgram(host, "restart", table, scene)};
}

Action DecodeWrite(const std::string& host, Table& table, Scene& scene) {
  WriteInput write;
  table.Read("write", &write.text);
  write.name = ReadProgram(host, "to", table, scene);
  return write;
}

Action DecodeSysctlStep(const std::string&, Table& table, Scene& scene) {
  WriteSysctl write;
  for (const Sysctl& sysctl :
       DecodeSysctls(*table.Find("sysctl"), scene.mistakes())) {
    write.values.push_back({sysctl.name, sysctl.value});
  }
  return write;
}

std::vector<std::string> SignalNames() {
  std::vector<std::string> names;
  for (int number = 1; number < NSIG; ++number) {
    const char* name = sigabbrev_np(number);
    if (name != nullptr) names.push_back(std::string("SIG") + name);
  }
  return names;
}

}  // namespace

const Verbs& ProgramVerbs() {
  static const Verbs verbs = {
      {"run", &DecodeRun},          {"signal", &DecodeSignalStep},
      {"kill", &DecodeKill},        {"restart", &DecodeRestart},
      {"exit", &DecodeExit},        {"write", &DecodeWrite},
      {"sysctl", &DecodeSysctlStep}};
  return verbs;
}

bool DecodeSignal(const Node& node, Mistakes& mistakes, int* out) {
  if (node.is(Node::Kind::kInteger)) {
    std::int64_t number = 0;
    if (!DecodeInteger(node, mistakes, 1, NSIG - 1, &number)) return false;
    *out = static_cast<int>(number);
    return true;
  }
  std::string text;
  if (!Decode(node, mistakes, &text)) return false;
  for (int number = 1; number < NSIG; ++number) {
    const char* name = sigabbrev_np(number);
    if (name == nullptr || text != std::string("SIG") + name) continue;
    *out = number;
    return true;
  }
  return WrongText(node, mistakes, "which is no signal",
                   SuggestNear(text, SignalNames())
                       .value_or("write one such as \"SIGTERM\""));
}

}  // namespace finwait::scenario
