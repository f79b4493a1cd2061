// Of the kernel's types, the fields that the programs read. Their offsets here
// mean nothing: libbpf puts in those of the running kernel (CO-RE).
#pragma once

#pragma clang attribute push(__attribute__((preserve_access_index)), \
                             apply_to = record)

// include/net/net_namespace.h, include/linux/ns_common.h
struct ns_common {
  unsigned int inum;
};
struct net {
  struct ns_common ns;
};
typedef struct {
  struct net* net;
} possible_net_t;

// include/net/sock.h, include/uapi/linux/in6.h
struct in6_addr {
  union {
    __u8 u6_addr8[16];
  } in6_u;
};
typedef struct {
  __s64 counter;
} atomic64_t;
struct sock_common {
  __be32 skc_daddr;
  __be32 skc_rcv_saddr;
  __be16 skc_dport;
  __u16 skc_num;
  unsigned short skc_family;
  possible_net_t skc_net;
  struct in6_addr skc_v6_daddr;
  struct in6_addr skc_v6_rcv_saddr;
  atomic64_t skc_cookie;
};
struct sock {
  struct sock_common __sk_common;
  __u16 sk_protocol;
  int sk_err;
};

// include/net/inet_sock.h, include/net/request_sock.h,
// include/net/inet_timewait_sock.h, include/linux/timer_types.h
struct inet_sock {
  struct sock sk;
  __be16 inet_sport;
};
struct timer_list {
  unsigned long expires;
  void (*function)(struct timer_list*);
  __u32 flags;
};
struct inet_timewait_sock {
  struct sock_common __tw_common;
  volatile unsigned char tw_substate;
  __be16 tw_sport;
  struct timer_list tw_timer;
};
struct request_sock {
  struct sock_common __req_common;
  struct timer_list rsk_timer;
};

// include/trace/events/timer.h: the bucket is told since Linux 6.8.
struct trace_event_raw_timer_start {
  unsigned long bucket_expiry;
};

#pragma clang attribute pop
