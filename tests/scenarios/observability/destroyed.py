"""Tells when the kernel says that a TCP socket has been destroyed.

Joins sock_diag's multicast groups of destroyed TCP sockets of its network
namespace, and prints a line for each, with the local port and the state, as
numbers. Prints a line of its input as soon as it is written; ends with it.
"""

import os
import select
import socket
import struct

NETLINK_SOCK_DIAG = 4                # include/uapi/linux/netlink.h
SOL_NETLINK = 270                    # include/linux/socket.h
NETLINK_ADD_MEMBERSHIP = 1           # include/uapi/linux/netlink.h
DESTROYED = (1, 3)                   # include/uapi/linux/sock_diag.h: TCP, TCP6
HEADER = 16                          # struct nlmsghdr


def tell(message):
    """Prints what a struct inet_diag_msg says."""
    state = message[HEADER + 1]
    (port,) = struct.unpack_from("!H", message, HEADER + 4)
    print("destroyed", port, "in state", state, flush=True)


def main():
    events = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW,
                           NETLINK_SOCK_DIAG)
    events.bind((0, 0))  # without a port, nothing is delivered
    for group in DESTROYED:
        events.setsockopt(SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, group)
    print("listening", flush=True)
    while True:
        for ready in select.select([events, 0], [], [])[0]:
            if ready is events:
                tell(events.recv(65536))
                continue
            line = os.read(0, 4096)
            if not line:
                return
            print(line.decode(), end="", flush=True)


main()
