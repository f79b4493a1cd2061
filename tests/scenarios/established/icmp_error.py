"""Connects, sends, and tells what became of it, a word of input a step.

Usage: icmp_error.py ADDRESS PORT [recverr]. "recverr" asks for errors at once
(ip(7), IP_RECVERR). Reads lines from its input:

  send   sends five bytes
  error  prints SO_ERROR by name, or "none", and what it is right after that;
         another message may come in between, but not each time
  read   prints five bytes that it receives, or the error's name
"""

import errno
import socket
import sys

IP_RECVERR = 11  # linux/in.h; Python has no name for it
IPV6_RECVERR = 25  # linux/in6.h


def ask_for_errors(connection):
  if connection.family == socket.AF_INET6:
    connection.setsockopt(socket.IPPROTO_IPV6, IPV6_RECVERR, 1)
  else:
    connection.setsockopt(socket.IPPROTO_IP, IP_RECVERR, 1)


def so_error(connection):
  error = connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
  return errno.errorcode[error] if error else "none"


def read(connection):
  try:
    return connection.recv(5, socket.MSG_WAITALL).decode()
  except OSError as error:
    return errno.errorcode[error.errno]


def main(address, port, *options):
  connection = socket.create_connection((address, int(port)))
  if "recverr" in options:
    ask_for_errors(connection)
  print("connected", flush=True)
  for word in sys.stdin:
    if word == "send\n":
      connection.sendall(b"hello")
    elif word == "error\n":
      first, then = so_error(connection), so_error(connection)
      for _ in range(2):
        if then == "none":
          break
        then = so_error(connection)
      print(f"SO_ERROR {first}, then {then}", flush=True)
    else:
      print("read", read(connection), flush=True)


main(*sys.argv[1:])
