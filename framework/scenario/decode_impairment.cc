// Impairments, in the words of tc-netem(8).
#include "scenario/decode_impairment.h"

#include "scenario/quantity.h"
#include "scenario/table.h"

namespace finwait::scenario {
namespace {

// The chances to leave one state.
void CheckTogether(const Table& table, std::string_view one,
                   std::string_view other, double together,
                   Mistakes& mistakes) {
  // No sum of decimal fractions comes to 1 exactly.
  if (together <= 1 + 1e-9) return;
  mistakes.Add(table.place(),
               Quoted(one) + " and " + Quoted(other) +
                   " leave the same state, and are " +
                   Format(Probability{together}) + " together",
               "write both, with a sum of 100% at most");
}

bool DecodeStates(const Node& node, Mistakes& mistakes, StateLoss* out) {
  Table table(node, "state loss", mistakes);
  table.ReadRequired("p13", "p13 = \"1%\"", &out->p13);
  // The defaults of tc-netem(8): p31 is what p13 leaves, p32 and p23 make
  // two states of the four, p14 is never.
  out->p31.value = 1 - out->p13.value;
  out->p23.value = 1;
  table.Read("p31", &out->p31);
  table.Read("p32", &out->p32);
  table.Read("p23", &out->p23);
  table.Read("p14", &out->p14);
  table.Close();
  CheckTogether(table, "p13", "p14", out->p13.value + out->p14.value, mistakes);
  CheckTogether(table, "p31", "p32", out->p31.value + out->p32.value, mistakes);
  return true;
}

bool DecodeGemodel(const Node& node, Mistakes& mistakes, GemodelLoss* out) {
  Table table(node, "gemodel loss", mistakes);
  table.ReadRequired("p", "p = \"1%\"", &out->p);
  out->r.value = 1 - out->p.value;
  out->one_minus_h.value = 1;
  table.Read("r", &out->r);
  table.Read("one_minus_h", &out->one_minus_h);
  table.Read("one_minus_k", &out->one_minus_k);
  table.Close();
  return true;
}

bool DecodeBytes(const Node& node, Mistakes& mistakes, std::int32_t* out) {
  if (node.is(Node::Kind::kInteger)) return Decode(node, mistakes, out);
  ByteCount count;
  if (!Decode(node, mistakes, &count)) return false;
  if (count.bytes > INT32_MAX) {
    return WrongText(node, mistakes, "which is too much", "write less");
  }
  *out = static_cast<std::int32_t>(count.bytes);
  return true;
}

// Words that say nothing without another one.
void CheckNeeds(const Table& table, std::string_view key,
                std::string_view needed, Mistakes& mistakes) {
  const Node* node = table.node().Find(key);
  if (node == nullptr || table.Has(needed)) return;
  mistakes.Add(node->key_place,
               Quoted(key) + " stands without " + Quoted(needed),
               "write " + Quoted(needed) + ", too");
}

// A number that netem would take for another one.
void CheckAtLeast(const Table& table, std::string_view key, std::int64_t number,
                  std::int64_t least, Mistakes& mistakes) {
  if (number >= least) return;
  mistakes.Add(table.node().Find(key)->place,
               Quoted(key) + " is " + std::to_string(number),
               "write " + std::to_string(least) + " or more");
}

// netem keeps 31 bits of nanoseconds (Linux: net/sched/sch_netem.c
// netem_change()).
void CheckJitter(const Table& table, Duration jitter, Mistakes& mistakes) {
  if (jitter <= Duration(INT32_MAX)) return;
  mistakes.Add(table.node().Find("jitter")->place,
               "'jitter' is " + Format(jitter) + ", which is too much",
               "write \"2.147s\" at most");
}

// And whole bytes per second, of which 0 would be no limit at all.
void CheckRate(const Table& table, Rate rate, Mistakes& mistakes) {
  if (rate.bits_per_second == 0 || rate.bits_per_second >= 8) return;
  mistakes.Add(table.node().Find("rate")->place,
               "'rate' is " + Format(rate) + ", less than a byte per second",
               "write \"8bit\" or more");
}

}  // namespace

// The plain form is the probability alone.
bool Decode(const Node& node, Mistakes& mistakes, Correlated* out) {
  if (!node.is(Node::Kind::kTable)) {
    return Decode(node, mistakes, &out->probability);
  }
  Table table(node, "chance", mistakes);
  table.ReadRequired("probability", "probability = \"1%\"", &out->probability);
  table.Read("correlation", &out->correlation);
  table.Close();
  return true;
}

bool Decode(const Node& node, Mistakes& mistakes, Loss* out) {
  RandomLoss random;
  if (!node.is(Node::Kind::kTable)) {
    if (!Decode(node, mistakes, &random.probability)) return false;
    *out = random;
    return true;
  }
  Table table(node, "loss", mistakes);
  table.Read("correlation", &random.correlation);
  const Node* model = table.OneOf({"random", "state", "gemodel"});
  table.Close();
  if (model == nullptr) return false;
  StateLoss state;
  GemodelLoss gemodel;
  if (model->key == "state" && DecodeStates(*model, mistakes, &state)) {
    *out = state;
  }
  if (model->key == "gemodel" && DecodeGemodel(*model, mistakes, &gemodel)) {
    *out = gemodel;
  }
  if (model->key != "random") {
    if (const Node* correlation = node.Find("correlation")) {
      mistakes.Add(correlation->key_place,
                   "'correlation' stands beside " + Quoted(model->key),
                   "only 'random' loss has one");
    }
    return true;
  }
  if (!Decode(*model, mistakes, &random.probability)) return false;
  *out = random;
  return true;
}

bool Decode(const Node& node, Mistakes& mistakes, Slot* out) {
  Table table(node, "slot", mistakes);
  table.ReadRequired("min", "min = \"1ms\"", &out->min_delay);
  out->max_delay = out->min_delay;
  table.Read("max", &out->max_delay);
  table.Read("packets", &out->packets);
  if (const Node* bytes = table.Find("bytes")) {
    DecodeBytes(*bytes, mistakes, &out->bytes);
  }
  table.Close();
  CheckAtLeast(table, "packets", out->packets, 0, mistakes);
  CheckAtLeast(table, "bytes", out->bytes, 0, mistakes);
  if (table.Has("min") && out->max_delay == Duration::zero()) {
    mistakes.Add(node.place, "this slot comes at once", "write a longer 'max'");
  }
  if (out->max_delay < out->min_delay) {
    mistakes.Add(node.place, "'max' of this slot is below its 'min'",
                 "write the longer one as 'max'");
  }
  return true;
}

bool Decode(const Node& node, Mistakes& mistakes, Distribution* out) {
  static const Words<Distribution> words = {
      {"uniform", Distribution::kUniform},
      {"normal", Distribution::kNormal},
      {"pareto", Distribution::kPareto},
      {"paretonormal", Distribution::kParetoNormal}};
  return DecodeWord(node, mistakes, words, out);
}

bool Decode(const Node& node, Mistakes& mistakes, Impairment* out) {
  Table table(node, "impairment", mistakes);
  table.Read("delay", &out->delay);
  table.Read("jitter", &out->jitter);
  table.Read("correlation", &out->delay_correlation);
  table.Read("distribution", &out->distribution);
  table.Read("loss", &out->loss);
  table.Read("ecn", &out->ecn);
  table.Read("duplicate", &out->duplicate);
  table.Read("corrupt", &out->corrupt);
  table.Read("reorder", &out->reorder);
  table.Read("gap", &out->gap);
  table.Read("rate", &out->rate);
  if (const Node* overhead = table.Find("packet_overhead")) {
    DecodeBytes(*overhead, mistakes, &out->packet_overhead);
  }
  table.Read("limit", &out->limit);
  table.Read("slot", &out->slot);
  table.Read("seed", &out->seed);
  table.Close();
  CheckJitter(table, out->jitter, mistakes);
  CheckRate(table, out->rate, mistakes);
  // Room for nothing loses all; a frame shorter than nothing (ARP's have 42
  // bytes) takes centuries (Linux: net/sched/sch_netem.c packet_time_ns()).
  CheckAtLeast(table, "limit", out->limit, 1, mistakes);
  CheckAtLeast(table, "packet_overhead", out->packet_overhead, -42, mistakes);
  CheckNeeds(table, "jitter", "delay", mistakes);
  CheckNeeds(table, "correlation", "jitter", mistakes);
  CheckNeeds(table, "distribution", "jitter", mistakes);
  CheckNeeds(table, "ecn", "loss", mistakes);
  CheckNeeds(table, "reorder", "delay", mistakes);
  CheckNeeds(table, "gap", "reorder", mistakes);
  CheckNeeds(table, "packet_overhead", "rate", mistakes);
  return true;
}

}  // namespace finwait::scenario
