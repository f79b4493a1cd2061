"""Closes a connection while the kernel allows fewer orphans than there are.

usage: beyond_max_orphans.py HOST PORT established|half-closed|closed

Closes at the first line of input. The kernel does so from before the call on,
or with "closed" from after it until the next line.

tcp_max_orphans belongs to the whole kernel, so this runs only where that is a
guest whose first process is finwait, and changes it only for so long.
"""

import ctypes
import os
import socket
import sys

CLONE_NEWNET = 0x40000000  # <linux/sched.h>
LIMIT = "/proc/sys/net/ipv4/tcp_max_orphans"


def is_guest():
    program = os.path.basename(os.readlink("/proc/1/exe"))
    with open("/proc/1/cmdline", "rb") as command:
        arguments = command.read().split(b"\0")
    return program == "finwait" and arguments[1] == b"guest"


def enter(path):
    libc = ctypes.CDLL(None, use_errno=True)
    with open(path, "rb") as namespace:
        if libc.setns(namespace.fileno(), CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "setns " + path)


def open_limit():
    """The initial network namespace is the only one that has the file."""
    with open("/proc/thread-self/ns/net", "rb") as here:
        enter("/proc/1/ns/net")
        limit = os.open(LIMIT, os.O_RDWR)
        enter("/proc/self/fd/%d" % here.fileno())
    return limit


def main(host, port, state):
    limit = open_limit()
    usual = os.pread(limit, 64, 0)
    connection = socket.create_connection((host, int(port)))
    if state == "half-closed":
        connection.shutdown(socket.SHUT_WR)
    print("connected", flush=True)
    sys.stdin.readline()
    if state == "closed":
        connection.close()
    os.pwrite(limit, b"-1", 0)  # below any number of orphans
    if state == "closed":
        sys.stdin.readline()
    else:
        connection.close()
    os.pwrite(limit, usual, 0)


if __name__ == "__main__":
    if not is_guest():
        sys.exit("not changing a host's tcp_max_orphans: use a virtual kernel")
    main(*sys.argv[1:])
