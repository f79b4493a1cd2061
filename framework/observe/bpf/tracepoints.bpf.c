// Tells the timers of minisocks and request sockets, which no other source
// sees, and the changes of state of full sockets where no cgroup can be used.
// Machine-wide programs that tell only of the namespaces given to them.
//
// Needs BTF (tp_btf). A timer is found to be a minisock's by its function; the
// way from the timer to the minisock around it is bpf_rdonly_cast() since Linux
// 6.2, and with FINWAIT_PROBE_READ, where lockdown permits it,
// bpf_probe_read_kernel().
#include <linux/bpf.h>
// clang-format off
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_tracing.h>
// clang-format on

#include "kernel_types.h"
#include "tcp_event.h"

#define AF_INET 2
#define IPPROTO_TCP 6
#define TIMER_DEFERRABLE 0x00080000  // include/linux/timer.h

struct {
  __uint(type, BPF_MAP_TYPE_RINGBUF);
  __uint(max_entries, 4096);  // the loader puts the run's ring here
} events SEC(".maps");

// The inodes of the namespaces to tell of.
struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 65536);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __type(key, __u32);
  __type(value, __u8);
} namespaces SEC(".maps");

__u64 lost = 0;

// When jiffy 0 would have been, on the clock of `at`: the least of the times
// at which timers fired, each taken back by its jiffies. Long before the clock
// began, so negative; 0 until a timer has fired.
__s64 jiffy_zero = 0;

// How late the machine was at most: timers of anybody's after the ends of their
// slots of the wheel, and the count of jiffies after the clock; in ns. By CPU,
// since two may be late at once; many CPUs share a place.
#define PLACES 256
__s64 late_timer[PLACES];
__s64 late_tick[PLACES];

const volatile __u64 tw_timer_handler = 1;
const volatile __u64 reqsk_timer_handler = 1;
const volatile __u64 jiffy = 4000000;  // ns

#ifdef FINWAIT_PROBE_READ
#define READ(pointer, field) BPF_CORE_READ(pointer, field)
#define READ_INTO(to, pointer, field) BPF_CORE_READ_INTO(to, pointer, field)
#define AS(type, pointer) ((struct type*)(pointer))
#else
// As libbpf declares it since 1.5.
extern void* bpf_rdonly_cast(const void* obj, __u32 btf_id) __ksym __weak;
#define READ(pointer, field) ((pointer)->field)
#define READ_INTO(to, pointer, field) \
  __builtin_memcpy(to, &(pointer)->field, sizeof *(to))
#define AS(type, pointer) \
  ((struct type*)bpf_rdonly_cast(pointer, bpf_core_type_id_kernel(struct type)))
#endif
// The struct whose member `timer` points to.
#define AROUND(type, member, timer) \
  AS(type, (void*)(timer)-bpf_core_field_offset(struct type, member))

// Everything is inlined: before Linux 6.2 the verifier forgets, when a function
// returns it, that a record of the ring is not null.

static __always_inline int is_watched(struct sock_common* common) {
  struct net* net = READ(common, skc_net.net);
  __u32 inode = READ(net, ns.inum);
  return bpf_map_lookup_elem(&namespaces, &inode) != 0;
}

// A new event in the ring, all zero but for what every event has; or null.
static __always_inline struct finwait_event* begin(struct sock_common* common,
                                                   __u8 kind) {
  struct finwait_event* event = bpf_ringbuf_reserve(&events, sizeof *event, 0);
  if (!event) {
    __sync_fetch_and_add(&lost, 1);
    return event;
  }
  __builtin_memset(event, 0, sizeof *event);
  event->at = bpf_ktime_get_ns();
  event->source = FINWAIT_TRACEPOINT;
  event->kind = kind;
  struct net* net = READ(common, skc_net.net);
  event->netns = READ(net, ns.inum);
  event->cookie = READ(common, skc_cookie.counter);
  event->family = READ(common, skc_family);
  event->remote_port = bpf_ntohs(READ(common, skc_dport));
  if (event->family == AF_INET) {
    __be32 local = READ(common, skc_rcv_saddr);
    __be32 remote = READ(common, skc_daddr);
    __builtin_memcpy(event->local, &local, sizeof local);
    __builtin_memcpy(event->remote, &remote, sizeof remote);
  } else {
    READ_INTO(&event->local, common, skc_v6_rcv_saddr);
    READ_INTO(&event->remote, common, skc_v6_daddr);
  }
  return event;
}

static __always_inline void tell_timer(struct sock_common* common,
                                       __u16 local_port, __u8 state, __u8 kind,
                                       struct timer_list* timer, __u64 slot) {
  if (!is_watched(common)) return;
  struct finwait_event* event = begin(common, kind);
  if (!event) return;
  event->local_port = local_port;
  event->to = state;
  event->jiffies = bpf_jiffies64();
  event->requested = timer->expires;
  event->slot = slot;
  bpf_ringbuf_submit(event, 0);
}

// The timer may be anybody's: tells of it if it is a TCP minisock's.
static __always_inline void on_timer(struct timer_list* timer, __u8 kind,
                                     __u64 slot) {
  const __u64 function = (__u64)timer->function;
  if (function == tw_timer_handler) {
    struct inet_timewait_sock* tw = AROUND(inet_timewait_sock, tw_timer, timer);
    tell_timer(&tw->__tw_common, bpf_ntohs(READ(tw, tw_sport)),
               READ(tw, tw_substate), kind, timer, slot);
  } else if (function == reqsk_timer_handler) {
    struct request_sock* request = AROUND(request_sock, rsk_timer, timer);
    tell_timer(&request->__req_common, READ(request, __req_common.skc_num),
               BPF_TCP_SYN_RECV, kind, timer, slot);
  }
}

static __always_inline void keep_latest(__s64* places, __s64 late) {
  __s64* latest = &places[bpf_get_smp_processor_id() % PLACES];
  if (late > *latest) *latest = late;
}

// When that jiffy would have begun were the clock always read in time.
static __always_inline __s64 tick_of(__u64 jiffies) {
  return jiffy_zero + (__s64)(jiffies * jiffy);
}

// Linux before 6.8 passes the expiry asked for instead of the slot.
SEC("tp_btf/timer_start")
int BPF_PROG(on_timer_start, struct timer_list* timer, unsigned long slot) {
  const int told =
      bpf_core_field_exists(struct trace_event_raw_timer_start, bucket_expiry);
  if (jiffy_zero != 0) {
    const __s64 next_tick = tick_of(bpf_jiffies64() + 1);
    keep_latest(late_tick, (__s64)bpf_ktime_get_ns() - next_tick);
  }
  on_timer(timer, FINWAIT_TIMER_ARMED, told ? slot : 0);
  return 0;
}

SEC("tp_btf/timer_expire_entry")
int BPF_PROG(on_timer_expire, struct timer_list* timer, unsigned long slot) {
  const __s64 now = bpf_ktime_get_ns();
  const __s64 zero = now - (__s64)(bpf_jiffies64() * jiffy);
  if (zero < jiffy_zero || jiffy_zero == 0) jiffy_zero = zero;
  // Deferrable ones wait for an idle CPU to wake up for something else.
  if (!(timer->flags & TIMER_DEFERRABLE)) {
    keep_latest(late_timer, now - tick_of(slot));
  }
  on_timer(timer, FINWAIT_TIMER_FIRED, 0);
  return 0;
}

SEC("tp_btf/timer_cancel")
int BPF_PROG(on_timer_cancel, struct timer_list* timer) {
  on_timer(timer, FINWAIT_TIMER_STOPPED, 0);
  return 0;
}

static __always_inline void tell_transition(struct sock* sk, __u8 from,
                                            __u8 to) {
  if (!is_watched(&sk->__sk_common)) return;
  struct inet_sock* inet = AS(inet_sock, sk);
  struct finwait_event* event = begin(&sk->__sk_common, FINWAIT_TRANSITION);
  if (!event) return;
  // The port is put back before ... -> CLOSE, and skc_num with it.
  event->local_port = bpf_ntohs(READ(inet, inet_sport));
  event->from = from;
  event->to = to;
  event->error = sk->sk_err;
  event->pid = bpf_get_current_pid_tgid() >> 32;
  bpf_get_current_comm(event->command, sizeof event->command);
  bpf_ringbuf_submit(event, 0);
}

// SYN_SENT is stored before the port is chosen (tcp_v4_connect()).
SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(on_set_state, struct sock* sk, int from, int to) {
  if (sk->sk_protocol != IPPROTO_TCP || to == BPF_TCP_SYN_SENT) return 0;
  tell_transition(sk, from, to);
  return 0;
}

SEC("fentry/tcp_connect")
int BPF_PROG(on_connect, struct sock* sk) {
  tell_transition(sk, BPF_TCP_CLOSE, BPF_TCP_SYN_SENT);
  return 0;
}

// The kernel lends some of these calls to GPL programs only; this file may be
// used under GPL-2.0, too.
char _license[] SEC("license") = "GPL";
