"""Loaded before all else: in a kernel of a lesson, and in what it starts, Python refuses other machines."""

import os
import sys


class OtherMachineError(BaseException):
    """No `except Exception` on the way hides it."""


def refuse(event, arguments):
    if event in ("socket.getaddrinfo", "socket.gethostbyname"):
        host = arguments[0]
    elif event == "socket.sendto" or (event == "socket.connect" and arguments[0].type == socket.SOCK_STREAM):
        host = arguments[1][0] if isinstance(arguments[1], tuple) else None  # no tuple: a file of this machine
    else:
        return  # connecting a socket for datagrams sends none
    host = host.decode() if isinstance(host, bytes) else host
    if host in (None, "", "localhost", socket.gethostname()):
        return
    try:
        address = ipaddress.ip_address(host)
        if address.is_loopback or address.is_unspecified:
            return
    except ValueError:
        pass  # a name
    raise OtherMachineError(f"{event}: {host}")


if "ipykernel_launcher" in sys.orig_argv or "BPTEACH_OFFLINE" in os.environ:
    import ipaddress
    import socket

    os.environ["BPTEACH_OFFLINE"] = "1"  # for what it starts
    sys.addaudithook(refuse)
