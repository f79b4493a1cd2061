// Tells every change of state of the full sockets of a cgroup's processes.
// Only what <linux/bpf.h> promises is used: no BTF is needed.
//
// Linux: net/ipv4/tcp.c tcp_set_state() calls the program before it stores the
// new state; tcp_connect() after SYN_SENT, with the local port chosen.
#include <linux/bpf.h>
// clang-format off
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
// clang-format on

#include "tcp_event.h"

#define AF_INET 2

struct {
  __uint(type, BPF_MAP_TYPE_RINGBUF);
  __uint(max_entries, 4096);  // set by the loader
} events SEC(".maps");

__u64 lost = 0;

// Read one by one: compilers merge reads of neighbouring fields of the context
// into address arithmetic, which the verifier refuses.
#define FIELD(name) (*(volatile __typeof__(context->name)*)&context->name)

static void copy_address(__u8* to, __u32 a, __u32 b, __u32 c, __u32 d) {
  __u32 words[4] = {a, b, c, d};
  __builtin_memcpy(to, words, sizeof words);
}

static void tell(struct bpf_sock_ops* context, __u8 from, __u8 to) {
  struct finwait_event* event = bpf_ringbuf_reserve(&events, sizeof *event, 0);
  if (!event) {
    __sync_fetch_and_add(&lost, 1);
    return;
  }
  __builtin_memset(event, 0, sizeof *event);
  event->at = bpf_ktime_get_ns();
  event->kind = FINWAIT_TRANSITION;
  event->from = from;
  event->to = to;
  event->family = FIELD(family);
  event->local_port = FIELD(local_port);
  event->remote_port = bpf_ntohl(FIELD(remote_port));
  if (event->family == AF_INET) {
    copy_address(event->local, FIELD(local_ip4), 0, 0, 0);
    copy_address(event->remote, FIELD(remote_ip4), 0, 0, 0);
  } else {
    copy_address(event->local, FIELD(local_ip6[0]), FIELD(local_ip6[1]),
                 FIELD(local_ip6[2]), FIELD(local_ip6[3]));
    copy_address(event->remote, FIELD(remote_ip6[0]), FIELD(remote_ip6[1]),
                 FIELD(remote_ip6[2]), FIELD(remote_ip6[3]));
  }
  event->cookie = bpf_get_socket_cookie(context);
  event->netns = bpf_get_netns_cookie(context);
  bpf_ringbuf_submit(event, 0);
}

SEC("sockops")
int on_socket(struct bpf_sock_ops* context) {
  const __u32 op = FIELD(op);
  switch (op) {
    case BPF_SOCK_OPS_TCP_CONNECT_CB:
      tell(context, BPF_TCP_CLOSE, BPF_TCP_SYN_SENT);
      bpf_sock_ops_cb_flags_set(context, BPF_SOCK_OPS_STATE_CB_FLAG);
      break;
    case BPF_SOCK_OPS_TCP_LISTEN_CB:
    case BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB:
    case BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB:
      bpf_sock_ops_cb_flags_set(context, BPF_SOCK_OPS_STATE_CB_FLAG);
      break;
    case BPF_SOCK_OPS_STATE_CB: {
      const __u32 from = FIELD(args[0]);
      const __u32 to = FIELD(args[1]);
      tell(context, from, to);
      break;
    }
  }
  return 1;
}

// The kernel lends some of these calls to GPL programs only; this file may be
// used under GPL-2.0, too.
char _license[] SEC("license") = "GPL";
