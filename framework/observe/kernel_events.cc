// Loads the programs of bpf/ with libbpf and reads their ring.
#include "observe/kernel_events.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <iterator>
#include <map>

#include "base/clock.h"
#include "base/file_descriptor.h"
#include "observe/kernel_symbols.h"
#include "observe/ring_record.h"
#include "sockops.skel.h"
#include "tcp/linux_timing.h"
#include "tracepoints.skel.h"
#include "tracepoints_probe_read.skel.h"

namespace finwait::observe {
namespace {

constexpr char kBtf[] = "/sys/kernel/btf/vmlinux";

// Owns what bpftool made of one object file.
template <typename Skeleton>
struct Destroy {
  void operator()(Skeleton* skeleton) const { Skeleton::destroy(skeleton); }
};
template <typename Skeleton>
using Loaded = std::unique_ptr<Skeleton, Destroy<Skeleton>>;

std::string Refusal(const std::string& what, int error) {
  return what + ": " + std::strerror(error);
}

// libbpf complains on standard error; what failed is in the records.
void BeSilent() {
  static const bool silent = [] {
    libbpf_set_print(nullptr);
    return true;
  }();
  static_cast<void>(silent);
}

// Runs that the kernel left out because the program was running already on
// that CPU. They may have been about anybody's timer.
std::uint64_t LeftOut(const bpf_program* program) {
  bpf_prog_info info{};
  __u32 length = sizeof info;
  const int fd = bpf_program__fd(program);
  if (fd < 0 || bpf_obj_get_info_by_fd(fd, &info, &length) != 0) return 0;
  return info.recursion_misses;
}

template <typename Skeleton>
std::uint64_t LeftOut(const Loaded<Skeleton>& loaded) {
  if (!loaded) return 0;
  std::uint64_t left_out = 0;
  bpf_program* program = nullptr;
  bpf_object__for_each_program(program, loaded->obj) {
    left_out += LeftOut(program);
  }
  return left_out;
}

// The programs of one object file share their memory, whose `lost` counts
// events that did not fit into the ring.
template <typename Skeleton>
std::uint64_t Lost(const Loaded<Skeleton>& loaded) {
  return loaded ? loaded->bss->lost : 0;
}

template <typename Skeleton>
void TellLateness(const Loaded<Skeleton>& loaded, tcp::SourceRecord* record) {
  if (!loaded) return;
  const auto latest = [](const auto& places) {
    return Duration(*std::max_element(std::begin(places), std::end(places)));
  };
  record->late_timer = latest(loaded->bss->late_timer);
  record->late_tick = latest(loaded->bss->late_tick);
}

}  // namespace

class KernelEvents::Programs {
 public:
  explicit Programs(const Options& options);

  int fd() const { return ring_ ? ring_buffer__epoll_fd(ring_.get()) : -1; }
  void Drain(const std::function<void(const Event&)>& sink);
  std::vector<tcp::SourceRecord> Records() const;
  bool sees_timers() const { return timers_.used; }

 private:
  struct FreeRing {
    void operator()(ring_buffer* ring) const { ring_buffer__free(ring); }
  };
  using Hosts = std::vector<std::pair<std::string, const netns::Namespace*>>;

  int MakeRing(int bytes);
  int AttachSockops(int cgroup, const Hosts& hosts);
  int AttachEither(const Hosts& hosts);
  int AttachTracepoints(const Hosts& hosts);
  template <typename Skeleton>
  int AttachTracepoints(Loaded<Skeleton>& loaded, const Hosts& hosts);
  static int OnRecord(void* self, void* data, std::size_t length);
  JiffyClock ClockFor(const finwait_event& record) const;
  void Tell(const finwait_event& record);

  const Duration jiffy_ = tcp::Jiffy(KernelHz());
  FileDescriptor events_;  // the ring's map
  Loaded<sockops> sockops_;
  // One of the two, or none.
  Loaded<tracepoints> tracepoints_;
  Loaded<tracepoints_probe_read> tracepoints_probe_read_;
  const volatile __s64* jiffy_zero_ = nullptr;  // in their memory
  std::unique_ptr<ring_buffer, FreeRing> ring_;
  std::map<std::uint64_t, std::string> by_cookie_;
  std::map<std::uint64_t, std::string> by_inode_;
  const std::function<void(const Event&)>* sink_ = nullptr;  // while draining
  tcp::SourceRecord sockops_record_{.name = "sockops"};
  tcp::SourceRecord timers_{.name = "timer tracepoints"};
  tcp::SourceRecord states_{.name = "state tracepoint"};
  bool tells_connect_ = false;  // in place of sockops, too
};

KernelEvents::Programs::Programs(const Options& options) {
  BeSilent();
  if (const int error = MakeRing(options.ring_bytes)) {
    sockops_record_.detail = timers_.detail = Refusal("a BPF ring", error);
    return;
  }
  if (!options.cgroup) {
    sockops_record_.detail = options.why_no_cgroup;
  } else if (const int error = AttachSockops(*options.cgroup, options.hosts)) {
    sockops_record_.detail = Refusal("a BPF program on a cgroup", error);
  }
  if (access(kBtf, R_OK) != 0) {
    timers_.detail = "this kernel has no BTF (CONFIG_DEBUG_INFO_BTF)";
  } else if (KernelTimerHandlers().timewait == 0) {
    timers_.detail = "/proc/kallsyms tells no addresses (kernel.kptr_restrict)";
  } else if (const int error = AttachTracepoints(options.hosts)) {
    timers_.detail = Refusal("BPF programs on tracepoints", error);
  }
}

int KernelEvents::Programs::MakeRing(int bytes) {
  events_ = FileDescriptor(bpf_map_create(BPF_MAP_TYPE_RINGBUF, "finwait", 0, 0,
                                          static_cast<__u32>(bytes), nullptr));
  if (!events_.valid()) return errno;
  ring_.reset(ring_buffer__new(events_.get(), OnRecord, this, nullptr));
  return ring_ ? 0 : errno;
}

int KernelEvents::Programs::AttachSockops(int cgroup, const Hosts& hosts) {
  sockops_.reset(sockops::open());
  if (!sockops_) return errno;
  bpf_map__reuse_fd(sockops_->maps.events, events_.get());
  if (const int error = sockops::load(sockops_.get())) return -error;
  sockops_->links.on_socket =
      bpf_program__attach_cgroup(sockops_->progs.on_socket, cgroup);
  if (sockops_->links.on_socket == nullptr) return errno;
  for (const auto& [host, ns] : hosts) by_cookie_[ns->Cookie()] = host;
  sockops_record_.used = true;
  sockops_record_.detail = "changes of state of full sockets, to 20 us";
  return 0;
}

// The first object needs a function of Linux 6.2, the second one that lockdown
// may forbid.
int KernelEvents::Programs::AttachEither(const Hosts& hosts) {
  int error = AttachTracepoints(tracepoints_, hosts);
  if (error == 0) return 0;
  tracepoints_.reset();
  error = AttachTracepoints(tracepoints_probe_read_, hosts);
  if (error != 0) tracepoints_probe_read_.reset();
  return error;
}

int KernelEvents::Programs::AttachTracepoints(const Hosts& hosts) {
  tells_connect_ = !sockops_record_.used;
  int error = AttachEither(hosts);
  if (error != 0 && tells_connect_) {  // it needs the function tracer
    tells_connect_ = false;
    error = AttachEither(hosts);
  }
  if (error != 0) return error;
  timers_.used = true;
  timers_.detail = "birth and end of minisocks and requests, to 20 us";
  states_.used = !sockops_record_.used;
  states_.detail =
      "changes of state of full sockets, in place of sockops, to 20 us";
  if (!tells_connect_) states_.detail += ", but CLOSED -> SYN_SENT";
  return 0;
}

template <typename Skeleton>
int KernelEvents::Programs::AttachTracepoints(Loaded<Skeleton>& loaded,
                                              const Hosts& hosts) {
  loaded.reset(Skeleton::open());
  if (!loaded) return errno;
  const TimerHandlers& handlers = KernelTimerHandlers();
  loaded->rodata->tw_timer_handler = handlers.timewait;
  loaded->rodata->reqsk_timer_handler = handlers.request;
  loaded->rodata->jiffy = static_cast<__u64>(jiffy_.count());
  bpf_program__set_autoload(loaded->progs.on_set_state, !sockops_record_.used);
  bpf_program__set_autoload(loaded->progs.on_connect, tells_connect_);
  bpf_map__reuse_fd(loaded->maps.events, events_.get());
  if (const int error = Skeleton::load(loaded.get())) return -error;
  const int map = bpf_map__fd(loaded->maps.namespaces);
  for (const auto& [host, ns] : hosts) {
    const auto inode = static_cast<__u32>(ns->inode());
    const __u8 yes = 1;
    if (bpf_map_update_elem(map, &inode, &yes, BPF_ANY) != 0) return errno;
    by_inode_[inode] = host;
  }
  if (const int error = Skeleton::attach(loaded.get())) return -error;
  jiffy_zero_ = &loaded->bss->jiffy_zero;
  return 0;
}

void KernelEvents::Programs::Drain(
    const std::function<void(const Event&)>& sink) {
  if (!ring_) return;
  sink_ = &sink;
  ring_buffer__consume(ring_.get());
  sink_ = nullptr;
}

int KernelEvents::Programs::OnRecord(void* self, void* data,
                                     std::size_t length) {
  if (length < sizeof(finwait_event)) return 0;
  finwait_event record;
  std::memcpy(&record, data, sizeof record);
  static_cast<Programs*>(self)->Tell(record);
  return 0;
}

// Before any timer has fired, this record's own jiffy is the best guess: late
// by less than one.
JiffyClock KernelEvents::Programs::ClockFor(const finwait_event& record) const {
  const auto own = static_cast<std::int64_t>(record.at) -
                   static_cast<std::int64_t>(record.jiffies) * jiffy_.count();
  const std::int64_t zero = jiffy_zero_ != nullptr ? *jiffy_zero_ : 0;
  return {TimePoint(Duration(zero != 0 ? zero : own)), jiffy_};
}

void KernelEvents::Programs::Tell(const finwait_event& record) {
  const bool tracepoint = record.source == FINWAIT_TRACEPOINT;
  const bool transition = record.kind == FINWAIT_TRANSITION;
  const auto& hosts = tracepoint ? by_inode_ : by_cookie_;
  const auto host = hosts.find(record.netns);
  if (host == hosts.end()) return;
  ++(!tracepoint ? sockops_record_ : transition ? states_ : timers_).events;
  Event event = DecodeRecord(record, ClockFor(record));
  event.host = host->second;
  (*sink_)(event);
}

std::vector<tcp::SourceRecord> KernelEvents::Programs::Records() const {
  std::vector<tcp::SourceRecord> records{sockops_record_, timers_};
  records[0].lost = Lost(sockops_);
  records[1].lost = Lost(tracepoints_) + Lost(tracepoints_probe_read_);
  const auto left_out =
      LeftOut(tracepoints_) + LeftOut(tracepoints_probe_read_);
  if (left_out > 0) {
    records[1].detail += "; the kernel left out " + std::to_string(left_out) +
                         " runs, of all the machine's timers";
  }
  TellLateness(tracepoints_, &records[1]);
  TellLateness(tracepoints_probe_read_, &records[1]);
  if (states_.used) records.push_back(states_);
  return records;
}

KernelEvents::KernelEvents(const Options& options)
    : programs_(std::make_unique<Programs>(options)) {}
KernelEvents::~KernelEvents() = default;

int KernelEvents::fd() const { return programs_->fd(); }

void KernelEvents::Drain(const std::function<void(const Event&)>& sink) {
  programs_->Drain(sink);
}

std::vector<tcp::SourceRecord> KernelEvents::Records() const {
  return programs_->Records();
}

bool KernelEvents::sees_timers() const { return programs_->sees_timers(); }

}  // namespace finwait::observe
