// The structures of <linux/pkt_sched.h>, filled and read.
#include "netlink/netem_message.h"

#include <linux/netlink.h>
#include <linux/pkt_sched.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstring>
#include <limits>
#include <optional>

#include "base/error.h"

namespace finwait::netlink {
namespace {

using scenario::GemodelLoss;
using scenario::Impairment;
using scenario::RandomLoss;
using scenario::StateLoss;

// Linux 6.6; <linux/pkt_sched.h> of Debian 12 ends before it.
constexpr int kPrngSeed = 14;  // TCA_NETEM_PRNG_SEED

constexpr std::uint32_t kCertain = std::numeric_limits<std::uint32_t>::max();

std::uint32_t Scale(Probability probability) {
  return static_cast<std::uint32_t>(std::round(probability.value * kCertain));
}

Probability Unscale(std::uint32_t scaled) {
  return {static_cast<double>(scaled) / kCertain};
}

// What is left of certainty beside `other` at most. The kernel adds the two in
// 32 bits, and rounded each for itself, a whole may come to 2^32, which is 0
// (Linux: net/sched/sch_netem.c loss_4state()).
std::uint32_t ScaleBeside(std::uint32_t other, Probability probability) {
  return std::min(Scale(probability), kCertain - other);
}

// Attributes one after another, each on a multiple of four bytes.
class Attributes {
 public:
  template <typename Value>
  void Put(int type, const Value& value) {
    PutBytes(type, &value, sizeof(value));
  }

  void PutBytes(int type, const void* bytes, std::size_t size) {
    nlattr header{static_cast<__u16>(NLA_HDRLEN + size),
                  static_cast<__u16>(type)};
    Append(&header, sizeof(header));
    Append(bytes, size);
  }

  // Padded, as the kernel aligns the qopt in front of its attributes.
  void Append(const void* bytes, std::size_t size) {
    const auto* begin = static_cast<const std::uint8_t*>(bytes);
    bytes_.insert(bytes_.end(), begin, begin + size);
    bytes_.resize(NLA_ALIGN(bytes_.size()));
  }

  std::vector<std::uint8_t> bytes_;
};

// tc-netem(8): a reordering chance without a gap means every packet.
std::uint32_t GapOf(const Impairment& impairment) {
  bool reorders = impairment.reorder.probability.value > 0;
  return reorders && impairment.gap == 0 ? 1 : impairment.gap;
}

tc_netem_qopt Options(const Impairment& impairment) {
  const auto* random = std::get_if<RandomLoss>(&impairment.loss);
  // Delay and jitter go in nanoseconds, in attributes of their own.
  return {.limit = impairment.limit,
          .loss = random ? Scale(random->probability) : 0,
          .gap = GapOf(impairment),
          .duplicate = Scale(impairment.duplicate.probability)};
}

tc_netem_corr Correlations(const Impairment& impairment) {
  const auto* random = std::get_if<RandomLoss>(&impairment.loss);
  return {.delay_corr = Scale(impairment.delay_correlation),
          .loss_corr = random ? Scale(random->correlation) : 0,
          .dup_corr = Scale(impairment.duplicate.correlation)};
}

void PutLossModel(Attributes* out, const scenario::Loss& loss) {
  Attributes model;
  if (const auto* state = std::get_if<StateLoss>(&loss)) {
    tc_netem_gimodel gi{.p32 = Scale(state->p32),
                        .p14 = Scale(state->p14),
                        .p23 = Scale(state->p23)};
    gi.p13 = ScaleBeside(gi.p14, state->p13);
    gi.p31 = ScaleBeside(gi.p32, state->p31);
    model.Put(NETEM_LOSS_GI, gi);
  } else if (const auto* ge = std::get_if<GemodelLoss>(&loss)) {
    // tc-netem(8) asks for 1-h and 1-k, the losses in the bad and the good
    // state; the kernel wants h, and its k1 is 1-k.
    model.Put(NETEM_LOSS_GE,
              tc_netem_gemodel{.p = Scale(ge->p),
                               .r = Scale(ge->r),
                               .h = kCertain - Scale(ge->one_minus_h),
                               .k1 = Scale(ge->one_minus_k)});
  } else {
    return;  // the absence is what turns a model off
  }
  out->PutBytes(TCA_NETEM_LOSS | NLA_F_NESTED, model.bytes_.data(),
                model.bytes_.size());
}

void PutRate(Attributes* out, const Impairment& impairment) {
  std::uint64_t bytes = impairment.rate.bits_per_second / 8;
  tc_netem_rate rate{};
  rate.rate = static_cast<__u32>(std::min<std::uint64_t>(bytes, kCertain));
  rate.packet_overhead = impairment.packet_overhead;
  if (bytes > kCertain) out->Put(TCA_NETEM_RATE64, bytes);
  out->Put(TCA_NETEM_RATE, rate);
}

void PutSlot(Attributes* out, const scenario::Slot& slot) {
  out->Put(TCA_NETEM_SLOT, tc_netem_slot{.min_delay = slot.min_delay.count(),
                                         .max_delay = slot.max_delay.count(),
                                         .max_packets = slot.packets,
                                         .max_bytes = slot.bytes});
}

// The attributes behind the qopt, by type.
class Found {
 public:
  explicit Found(std::span<const std::uint8_t> bytes) {
    while (bytes.size() >= NLA_HDRLEN) {
      nlattr header{};
      std::memcpy(&header, bytes.data(), sizeof(header));
      if (header.nla_len < NLA_HDRLEN || header.nla_len > bytes.size()) break;
      std::size_t type = header.nla_type & NLA_TYPE_MASK;
      if (type < values_.size()) {
        values_[type] = bytes.subspan(NLA_HDRLEN, header.nla_len - NLA_HDRLEN);
      }
      bytes = bytes.subspan(
          std::min<std::size_t>(NLA_ALIGN(header.nla_len), bytes.size()));
    }
  }

  std::span<const std::uint8_t> Bytes(int type) const {
    return values_[static_cast<std::size_t>(type)];
  }

  // Empty when the attribute is absent or too short.
  template <typename Value>
  std::optional<Value> Get(int type) const {
    Value value{};
    if (Bytes(type).size() < sizeof(value)) return std::nullopt;
    std::memcpy(&value, Bytes(type).data(), sizeof(value));
    return value;
  }

 private:
  std::array<std::span<const std::uint8_t>, kPrngSeed + 1> values_;
};

scenario::Loss LossIn(const tc_netem_qopt& options, const tc_netem_corr& corr,
                      const Found& found) {
  Found model(found.Bytes(TCA_NETEM_LOSS));
  if (auto gi = model.Get<tc_netem_gimodel>(NETEM_LOSS_GI)) {
    return StateLoss{Unscale(gi->p13), Unscale(gi->p31), Unscale(gi->p32),
                     Unscale(gi->p23), Unscale(gi->p14)};
  }
  if (auto ge = model.Get<tc_netem_gemodel>(NETEM_LOSS_GE)) {
    return GemodelLoss{Unscale(ge->p), Unscale(ge->r),
                       Unscale(kCertain - ge->h), Unscale(ge->k1)};
  }
  if (options.loss == 0) return {};
  return RandomLoss{Unscale(options.loss), Unscale(corr.loss_corr)};
}

void ReadRate(const Found& found, Impairment* out) {
  auto rate =
      found.Get<tc_netem_rate>(TCA_NETEM_RATE).value_or(tc_netem_rate{});
  auto bytes = found.Get<std::uint64_t>(TCA_NETEM_RATE64).value_or(rate.rate);
  out->rate.bits_per_second = bytes * 8;
  out->packet_overhead = rate.packet_overhead;
}

void ReadSlot(const Found& found, Impairment* out) {
  auto slot =
      found.Get<tc_netem_slot>(TCA_NETEM_SLOT).value_or(tc_netem_slot{});
  if (slot.min_delay == 0 && slot.max_delay == 0) return;
  out->slot = {Duration(slot.min_delay), Duration(slot.max_delay),
               slot.max_packets, slot.max_bytes};
}

}  // namespace

std::vector<std::uint8_t> EncodeNetem(const Impairment& impairment) {
  Attributes out;
  tc_netem_qopt options = Options(impairment);
  out.Append(&options, sizeof(options));
  out.Put(TCA_NETEM_LATENCY64, std::int64_t{impairment.delay.count()});
  out.Put(TCA_NETEM_JITTER64, std::int64_t{impairment.jitter.count()});
  out.Put(TCA_NETEM_CORR, Correlations(impairment));
  out.Put(TCA_NETEM_REORDER,
          tc_netem_reorder{Scale(impairment.reorder.probability),
                           Scale(impairment.reorder.correlation)});
  out.Put(TCA_NETEM_CORRUPT,
          tc_netem_corrupt{Scale(impairment.corrupt.probability),
                           Scale(impairment.corrupt.correlation)});
  out.Put(TCA_NETEM_ECN, std::uint32_t{impairment.ecn});
  PutLossModel(&out, impairment.loss);
  PutRate(&out, impairment);
  PutSlot(&out, impairment.slot.value_or(scenario::Slot{}));
  if (impairment.seed) out.Put(kPrngSeed, *impairment.seed);
  if (impairment.jitter.count() > 0) {
    // The uniform one, too: nothing else takes an older table away.
    auto table = DelayTable(impairment.distribution);
    out.PutBytes(TCA_NETEM_DELAY_DIST, table.data(),
                 table.size() * sizeof(table[0]));
  }
  return out.bytes_;
}

Impairment DecodeNetem(std::span<const std::uint8_t> bytes) {
  tc_netem_qopt options{};
  if (bytes.size() < sizeof(options)) {
    throw Error("reading a netem qdisc", "its options are cut short");
  }
  std::memcpy(&options, bytes.data(), sizeof(options));
  Found found(bytes.subspan(sizeof(options)));
  auto corr =
      found.Get<tc_netem_corr>(TCA_NETEM_CORR).value_or(tc_netem_corr{});
  auto reorder = found.Get<tc_netem_reorder>(TCA_NETEM_REORDER)
                     .value_or(tc_netem_reorder{});
  auto corrupt = found.Get<tc_netem_corrupt>(TCA_NETEM_CORRUPT)
                     .value_or(tc_netem_corrupt{});
  Impairment out;
  out.delay =
      Duration(found.Get<std::int64_t>(TCA_NETEM_LATENCY64).value_or(0));
  out.jitter =
      Duration(found.Get<std::int64_t>(TCA_NETEM_JITTER64).value_or(0));
  out.delay_correlation = Unscale(corr.delay_corr);
  out.loss = LossIn(options, corr, found);
  out.ecn = found.Get<std::uint32_t>(TCA_NETEM_ECN).value_or(0) != 0;
  out.duplicate = {Unscale(options.duplicate), Unscale(corr.dup_corr)};
  out.corrupt = {Unscale(corrupt.probability), Unscale(corrupt.correlation)};
  out.reorder = {Unscale(reorder.probability), Unscale(reorder.correlation)};
  out.gap = options.gap;
  out.limit = options.limit;
  out.seed = found.Get<std::uint64_t>(kPrngSeed);
  ReadRate(found, &out);
  ReadSlot(found, &out);
  return out;
}

std::vector<std::string> NetemDifferences(const Impairment& asked,
                                          const Impairment& got) {
  // Encoding rounds as netem does, so equality may be exact after it.
  Impairment want = DecodeNetem(EncodeNetem(asked));
  std::vector<std::string> names;
  auto compare = [&](const char* name, bool same) {
    if (!same) names.emplace_back(name);
  };
  compare("delay", want.delay == got.delay);
  compare("jitter", want.jitter == got.jitter);
  compare("correlation", want.delay_correlation == got.delay_correlation);
  compare("loss", want.loss == got.loss);
  compare("ecn", want.ecn == got.ecn);
  compare("duplicate", want.duplicate == got.duplicate);
  compare("corrupt", want.corrupt == got.corrupt);
  compare("reorder", want.reorder == got.reorder);
  compare("gap", want.gap == got.gap);
  compare("rate", want.rate == got.rate);
  compare("packet_overhead", want.packet_overhead == got.packet_overhead);
  compare("limit", want.limit == got.limit);
  compare("slot", want.slot == got.slot);
  compare("seed", !asked.seed || asked.seed == got.seed);
  return names;
}

}  // namespace finwait::netlink
