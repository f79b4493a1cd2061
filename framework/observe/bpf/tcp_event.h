// What the BPF programs write into the ring and KernelEvents reads from it.
// Plain C for both sides; needs the __uN types before it.
#pragma once

enum finwait_kind {
  FINWAIT_TRANSITION,
  FINWAIT_TIMER_ARMED,
  FINWAIT_TIMER_FIRED,
  FINWAIT_TIMER_STOPPED,
};

enum finwait_source {
  FINWAIT_SOCKOPS,
  FINWAIT_TRACEPOINT,
};

struct finwait_event {
  __u64 at;      // bpf_ktime_get_ns(): CLOCK_MONOTONIC
  __u64 netns;   // sockops: the namespace's cookie; tracepoints: its inode
  __u64 cookie;  // of the socket; 0 as long as nobody has asked for it
  // Timers only, in jiffies: now, the expiry asked for, and the end of its slot
  // of the timer wheel, 0 if this kernel does not tell.
  __u64 jiffies;
  __u64 requested;
  __u64 slot;
  __u8 local[16];  // IPv4: the first four bytes
  __u8 remote[16];
  __u16 family;
  __u16 local_port;  // host byte order
  __u16 remote_port;
  __u8 source;  // enum finwait_source
  __u8 kind;    // enum finwait_kind
  __u8 from;    // transitions: kernel states (include/net/tcp_states.h)
  __u8 to;      // transitions; timers: the state of the socket
  __u8 pad[2];
  __s32 error;  // sk_err; tracepoints only
  __u32 pid;    // of the task the CPU was in; tracepoints only
  char command[16];
};
