// Impairments in words.
#include "scenario/impairment.h"

#include <vector>

namespace finwait::scenario {
namespace {

std::string InWords(const RandomLoss& loss) {
  std::string text = "loss " + Format(loss.probability);
  if (loss.correlation.value > 0) {
    text += " correlated " + Format(loss.correlation);
  }
  return text;
}

std::string InWords(const StateLoss& loss) {
  return "loss in states p13 " + Format(loss.p13) + " p31 " + Format(loss.p31) +
         " p32 " + Format(loss.p32) + " p23 " + Format(loss.p23) + " p14 " +
         Format(loss.p14);
}

std::string InWords(const GemodelLoss& loss) {
  return "loss by Gilbert-Elliott p " + Format(loss.p) + " r " +
         Format(loss.r) + " 1-h " + Format(loss.one_minus_h) + " 1-k " +
         Format(loss.one_minus_k);
}

std::string InWords(std::monostate) { return ""; }

std::string_view Name(Distribution distribution) {
  switch (distribution) {
    case Distribution::kNormal:
      return "normal";
    case Distribution::kPareto:
      return "pareto";
    case Distribution::kParetoNormal:
      return "paretonormal";
    case Distribution::kUniform:
      break;
  }
  return "uniform";
}

std::string DelayInWords(const Impairment& impairment) {
  std::string text = "delay " + Format(impairment.delay);
  if (impairment.jitter > Duration::zero()) {
    text += " ± " + Format(impairment.jitter);
  }
  if (impairment.delay_correlation.value > 0) {
    text += " correlated " + Format(impairment.delay_correlation);
  }
  if (impairment.distribution != Distribution::kUniform) {
    text += " (" + std::string(Name(impairment.distribution)) + ")";
  }
  return text;
}

class List {
 public:
  void Add(bool present, const std::string& text) {
    if (!present || text.empty()) return;
    if (!text_.empty()) text_ += ", ";
    text_ += text;
  }
  void Add(std::string_view what, const Correlated& chance) {
    std::string text = std::string(what) + " " + Format(chance.probability);
    if (chance.correlation.value > 0) {
      text += " correlated " + Format(chance.correlation);
    }
    Add(chance.probability.value > 0, text);
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

}  // namespace

std::string Describe(const Impairment& impairment) {
  List list;
  bool delays = impairment.delay > Duration::zero() ||
                impairment.jitter > Duration::zero();
  list.Add(delays, DelayInWords(impairment));
  list.Add(true, std::visit([](const auto& l) { return InWords(l); },
                            impairment.loss));
  list.Add(impairment.ecn, "ECN marks instead of loss");
  list.Add("duplicate", impairment.duplicate);
  list.Add("corrupt", impairment.corrupt);
  list.Add("reorder", impairment.reorder);
  list.Add(impairment.gap > 0, "gap " + std::to_string(impairment.gap));
  list.Add(impairment.rate.bits_per_second > 0,
           "rate " + Format(impairment.rate));
  list.Add(impairment.packet_overhead != 0,
           "overhead " + std::to_string(impairment.packet_overhead) + "B");
  list.Add(impairment.limit != Impairment{}.limit,
           "limit " + std::to_string(impairment.limit) + " packets");
  if (impairment.slot) {
    list.Add(true, "slots of " + Format(impairment.slot->min_delay) + " to " +
                       Format(impairment.slot->max_delay));
  }
  if (impairment.seed) {
    list.Add(true, "seed " + std::to_string(*impairment.seed));
  }
  return list.text().empty() ? "no impairment" : list.text();
}

}  // namespace finwait::scenario
